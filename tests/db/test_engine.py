"""SQLite is set up as promised, and writers wait for each other instead of failing."""

import contextlib
import sqlite3

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from db.engine import engine_for, reader, writer
from db.models import Bar, Setting, Symbol
from tests.factories import NOW, make_symbol
from tests.processes import PROCESSES, at_once

WRITERS, TURNS = 4, 25


@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 1), ("busy_timeout", 20000), ("foreign_keys", 1)]
)
def test_pragmas_are_in_effect_on_every_connection(sqlite_engine, pragma, value):
    with sqlite_engine.connect() as one, sqlite_engine.connect() as two:
        assert [connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() for connection in (one, two)] == [value] * 2


def test_a_writer_holds_the_write_lock_before_it_writes(sqlite_engine, tmp_path):
    rival = sqlite3.connect(sqlite_engine.url.database, timeout=0, isolation_level=None)
    with contextlib.closing(rival):
        with reader(sqlite_engine) as session:
            session.exec(select(Symbol)).all()
            rival.execute("BEGIN IMMEDIATE")
            rival.execute("ROLLBACK")
        with writer(sqlite_engine), pytest.raises(sqlite3.OperationalError, match="locked"):
            rival.execute("BEGIN IMMEDIATE")


def count_up(url, barrier):
    engine = engine_for(url)
    barrier.wait(60)
    for _ in range(TURNS):
        with writer(engine) as session:
            counter = session.get(Setting, "counter", with_for_update=True)
            counter.value += 1
            session.add(counter)


def test_concurrent_read_then_write_loses_nothing(engine, database_url):
    with writer(engine) as session:
        session.add(Setting(key="counter", value=0, updated_at=NOW))
    at_once(count_up, WRITERS, database_url, PROCESSES.Barrier(WRITERS))
    with reader(engine) as session:
        assert session.get_one(Setting, "counter").value == WRITERS * TURNS


def test_a_failed_transaction_leaves_nothing(engine):
    with contextlib.suppress(LookupError), writer(engine) as session:
        make_symbol(session)
        raise LookupError
    with reader(engine) as session:
        assert session.exec(select(Symbol)).all() == []


def test_a_reader_changes_nothing(engine):
    with reader(engine) as session:
        make_symbol(session)
    with reader(engine) as session:
        assert session.exec(select(Symbol)).all() == []


def test_foreign_keys_are_enforced(engine):
    bar = Bar(symbol_id=99, timeframe=1, time=0, open=1, high=1, low=1, close=1, volume=0)
    with pytest.raises(IntegrityError), writer(engine) as session:
        session.add(bar)


def test_one_engine_for_one_address(sqlite_engine):
    url = sqlite_engine.url.render_as_string(hide_password=False)
    assert engine_for(url) is sqlite_engine
    with sqlite_engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1
