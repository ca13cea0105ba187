"""What stops a desk before it starts: one sentence that says what to do."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from redis import Redis

from core.errors import SettingsError
from core.settings import Settings
from tests.ports import closed_port, free_port
from tests.redis_server import RedisServer
from tests.workers.desk_process import ROOT, clean_environment
from workers.queue import require_redis
from workers.supervise import redis_server
from workers.supervise.home import claimed, prepare_home
from workers.supervise.ports import require_free


def up(home: Path, **variables: str) -> str:
    """What `up` says on its way out; it must fail with exit code 1 and no traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "workers", "up"],
        env=clean_environment(home, **variables),
        cwd=ROOT,
        text=True,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    return done.stderr


def test_taken_port(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = up(tmp_path / "var", CHARTROOM_PORT=str(port))
    assert f"Port {port} is taken" in said
    assert "CHARTROOM_PORT=" in said


def test_data_directory_that_cannot_be_written(tmp_path: Path):
    (tmp_path / "var").write_text("a file, not a folder")
    said = up(tmp_path / "var", CHARTROOM_PORT=str(free_port()))
    assert str(tmp_path / "var") in said
    assert "CHARTROOM_HOME" in said


def test_data_base_out_of_reach(tmp_path: Path):
    with closed_port() as port:
        url = f"postgresql://desk:secret@127.0.0.1:{port}/desk"
        said = up(tmp_path / "var", CHARTROOM_PORT=str(free_port()), DATABASE_URL=url)
    assert "DATABASE_URL" in said
    assert "secret" not in said


def test_redis_out_of_reach(tmp_path: Path):
    with closed_port() as port:
        said = up(
            tmp_path / "var",
            CHARTROOM_PORT=str(free_port()),
            REDIS_URL=f"redis://:secret@127.0.0.1:{port}/0",
            CHARTROOM_SIMULATED="off",
        )
    assert "does not answer" in said
    assert "secret" not in said


def test_wrong_usage_is_exit_code_2():
    done = subprocess.run([sys.executable, "-m", "workers", "nonsense"], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 2


def test_address_that_is_not_ours():
    with pytest.raises(SettingsError, match="CHARTROOM_HOST"):
        require_free("192.0.2.1", free_port())


def test_data_directory_belongs_to_one_desk_at_a_time(tmp_path: Path):
    prepare_home(tmp_path)
    with claimed(tmp_path), pytest.raises(SettingsError, match="already uses"), claimed(tmp_path):
        pass
    with claimed(tmp_path):
        assert (tmp_path / "desk.lock").exists()


def test_refused_password_names_the_setting_and_not_the_password(tmp_path: Path):
    with RedisServer(tmp_path) as server:
        with Redis.from_url(server.url) as client:
            client.config_set("requirepass", "right")
        with pytest.raises(SettingsError, match="REDIS_URL") as caught:
            require_redis(server.url.replace("redis://", "redis://:wrong@"))
    assert "wrong@" not in caught.value.message


def test_no_redis_server_names_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(redis_server.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(SettingsError, match="apt install redis-server"):
        redis_server.find_server()


def test_own_server_is_private_and_keeps_what_it_is_told(tmp_path: Path):
    settings = Settings.from_mapping({"CHARTROOM_HOME": str(tmp_path)})
    redis_server.prepare_server(settings)
    text = (tmp_path / "redis" / "redis.conf").read_text()
    assert "bind 127.0.0.1\n" in text
    assert "appendonly yes\n" in text
    assert (tmp_path / "redis" / "redis.conf").stat().st_mode & 0o077 == 0
    assert len(list((tmp_path / "redis").glob("*-[0-9]*.[0-9]*"))) == 1
