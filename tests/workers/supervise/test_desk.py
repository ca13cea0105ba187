"""One desk from start to Ctrl-C, and what happens when its parts are killed. The tests build on each other."""

from __future__ import annotations

import re
import signal
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from tests.workers.desk_process import DeskProcess, command_line, until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's help against orphans is Linux only")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory whose name needs quoting."""
    return tmp_path_factory.mktemp("desk") / "my var"


@pytest.fixture(scope="module")
def desk(home: Path) -> Iterator[DeskProcess]:
    """A running desk."""
    started = DeskProcess(home)
    started.wait_for("Chartroom is ready")
    yield started
    started.end()


def queue_of(desk: DeskProcess) -> Redis:
    url = desk.shell('echo "$RQ_REDIS_URL"').stdout.strip()
    return Redis.from_url(url)


def test_prints_the_address_when_it_answers(desk: DeskProcess):
    assert f"http://127.0.0.1:{desk.port}" in desk.output


def test_environment_file_is_private_and_points_rq_at_the_desk(desk: DeskProcess):
    assert stat.S_IMODE((desk.home / "env").stat().st_mode) == 0o600
    info = until(lambda: (said := desk.shell("rq info").stdout) and "2 workers" in said and said, "a worker")
    assert "scan, market, charts" in info
    assert re.search(r"^broker-\w+ .* broker", info, re.MULTILINE), info
    for command in ("suspend", "resume", "requeue --queue scan --all", "empty charts"):
        done = desk.shell(f"rq {command}")
        assert done.returncode == 0, done.stderr


def test_first_bars_arrive_and_every_job_id_can_be_read(desk: DeskProcess):
    queue = queue_of(desk)
    ids = until(lambda: [key.decode() for key in queue.zrange("rq:finished:scan", 0, -1)], "a finished scan")
    assert all(name.startswith("scan-") for name in ids)


def test_password_guards_the_queue_and_stays_out_of_the_log(desk: DeskProcess):
    secret = queue_of(desk).connection_pool.connection_kwargs["password"]
    assert len(secret) >= 32
    assert secret not in desk.output
    assert not any(secret in command_line(process) for process in desk.remember_family())


def test_second_desk_on_the_same_directory_is_refused(desk: DeskProcess):
    second = DeskProcess(desk.home)
    assert second.process.wait(timeout=30) == 1
    second.wait_for("already uses")
    assert f"process {desk.process.pid}" in second.output
    assert "CHARTROOM_HOME" in second.output


def test_killed_redis_comes_back_on_its_port_with_its_data(desk: DeskProcess):
    queue = queue_of(desk)
    queue.set("kept", "yes")
    server = desk.find(r"redis-server|valkey-server")
    server.kill()
    desk.wait_for("redis ended unexpectedly")
    assert desk.find(r"redis-server|valkey-server").pid != server.pid
    assert until(lambda: _ask(queue, "kept"), "an answer") == b"yes"


def test_killed_pool_broker_and_scheduler_come_back(desk: DeskProcess):
    for command in ("work", "broker", "schedule"):
        first = desk.find(rf"-m workers {command}$")
        first.kill()
        desk.wait_for(f"{command} ended unexpectedly")
        assert desk.find(rf"-m workers {command}$").pid != first.pid


def test_killed_dashboard_comes_back(desk: DeskProcess):
    desk.find("streamlit run").kill()
    desk.wait_for("Chartroom is ready", times=2)


def test_ctrl_c_leaves_no_process(desk: DeskProcess):
    assert len(desk.remember_family()) > 9
    assert desk.stop(signal.SIGINT) == 0
    assert desk.left() == []
    assert not (desk.home / "env").exists()


def test_killed_desk_takes_its_processes_along_and_the_next_one_starts(home: Path):
    first = DeskProcess(home)
    try:
        first.wait_for("Chartroom is ready")
        first.remember_family()
        first.process.kill()
        first.process.wait()
        second = DeskProcess(home)
        try:
            second.wait_for("Chartroom is ready")
            assert first.left(seconds=1) == []
            second.remember_family()
            assert second.stop(signal.SIGTERM) == 0
            assert second.left() == []
        finally:
            second.end()
    finally:
        first.end()


def _ask(queue: Redis, key: str) -> bytes | None:
    try:
        return queue.get(key)
    except RedisConnectionError:
        return None
