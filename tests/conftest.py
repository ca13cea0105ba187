"""The real things that tests run against: both data bases, migrated and empty, and a Redis server."""

from __future__ import annotations

import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import settings
from redis import Redis
from sqlalchemy import Engine

from db.engine import engine_for
from db.migrate import upgrade
from tests.postgresql import Server, serving
from tests.redis_server import RedisServer
from tests.sqlite import settled

# How long an example takes says more about the machine than about us.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """A worker of RQ that ran in this process leaves its handlers behind: here, and in every process forked later."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file."""
    return settled(tmp_path_factory.mktemp("template") / "chartroom.db", upgrade)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    """A PostgreSQL server that lives for the session."""
    with serving() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Address of a migrated, empty data base; the test runs once on each kind."""
    yield from (_sqlite_url if request.param == "sqlite" else _postgresql_url)(request)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """The process's engine for `database_url`: the test runs on SQLite and on PostgreSQL."""
    yield (opened := engine_for(database_url))
    opened.dispose()


@pytest.fixture
def sqlite_engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A migrated, empty SQLite data base, for what does not depend on the kind."""
    for url in _sqlite_url(request):
        yield (opened := engine_for(url))
        opened.dispose()


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """Address of a real Redis server that lives for the session."""
    folder = Path(tempfile.mkdtemp(prefix="chartroom-redis-"))
    try:
        with RedisServer(folder) as server:
            yield server.url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def redis_connection(redis_url: str) -> Iterator[Redis]:
    """A client of that server, which is empty before and after the test."""
    with Redis.from_url(redis_url) as client:
        client.flushall()
        yield client
        client.flushall()


def _sqlite_url(request: pytest.FixtureRequest) -> Iterator[str]:
    folder = request.getfixturevalue("tmp_path")
    path = folder / f"chartroom-{uuid4().hex[:8]}.db"
    shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
    yield f"sqlite:///{path}"


def _postgresql_url(request: pytest.FixtureRequest) -> Iterator[str]:
    server: Server = request.getfixturevalue("postgresql_server")
    with server.empty() as url:
        yield url
