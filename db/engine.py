"""The engine for either data base, and the two session scopes: `reader` and `writer`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlmodel import Session

from core.settings import Settings

_WRITE = "chartroom_write"


@lru_cache(maxsize=8)
def engine_for(url: str) -> Engine:
    """The process's one engine for `url`. Forked children drop the inherited connections (see labs on RQ)."""
    engine = _sqlite(url) if url.startswith("sqlite") else _postgresql(url)
    os.register_at_fork(after_in_child=lambda: engine.dispose(close=False))
    return engine


def default_engine() -> Engine:
    """The engine that the environment names."""
    return engine_for(Settings.from_mapping(os.environ).database_url)


@contextmanager
def reader(engine: Engine | None = None) -> Iterator[Session]:
    """A session for reading; whatever it changed is rolled back."""
    with Session(engine or default_engine(), expire_on_commit=False) as session:
        yield session


@contextmanager
def snapshot(engine: Engine | None = None) -> Iterator[Session]:
    """As `reader`, and everything that is read is of one moment, whatever is committed meanwhile."""
    with reader(engine) as session:
        if session.get_bind().dialect.name == "postgresql":
            # SQLite's readers have one anyway.
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield session


@contextmanager
def writer(engine: Engine | None = None) -> Iterator[Session]:
    """A session whose one transaction commits at the end, or rolls back when anything was raised.

    On SQLite the write lock is taken at the start: a transaction that reads first and writes later fails under
    concurrent writers in spite of the busy timeout.
    """
    with Session(engine or default_engine(), expire_on_commit=False) as session, session.begin():
        session.connection(execution_options={_WRITE: True})
        yield session


def _postgresql(url: str) -> Engine:
    return create_engine(url, pool_size=5, max_overflow=10, pool_pre_ping=True, pool_recycle=1800)


def _sqlite(url: str) -> Engine:
    database = make_url(url).database
    if database:
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url)
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _configure_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own BEGIN is deferred and comes late; transactions start in _begin_sqlite instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("busy_timeout = 20000", "journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get(_WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
