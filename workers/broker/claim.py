"""One owner of the brokers for each desk: a lock on a file, and one in a data base that several machines share."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Final

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from core.errors import BrokerError
from core.settings import Settings

LOCK: Final = 7_240_917
"""The number of the lock in PostgreSQL; every data base counts its own."""
LEAVING: Final = 3.0
"""Seconds that a killed owner's lock in the data base may take to be given free."""


class Claim:
    """The right to own the brokers, while it lasts."""

    def __init__(self, connection: Connection | None) -> None:
        self.connection = connection

    def check(self) -> None:
        """Raises BrokerError: the data base has given the lock free, so that somebody else may own the brokers now."""
        if self.connection is None:
            return
        try:
            self.connection.execute(text("SELECT 1"))
        except SQLAlchemyError as error:
            raise BrokerError("The data base dropped the lock of the broker process: it has to start again.") from error


@contextmanager
def claimed(settings: Settings, engine: Engine) -> Iterator[Claim]:
    """Own the brokers of this desk. The kernel and the data base free the locks when this process has gone.

    Raises:
        BrokerError: another process owns them; one sentence says which.
    """
    with ExitStack() as stack:
        _lock_file(stack.enter_context(_place(settings, engine).open("a+")))
        connection = None
        if engine.dialect.name == "postgresql":
            connection = stack.enter_context(engine.connect())
            # The lock lasts as long as the connection: it must not go back to the pool, nor be in a transaction, which
            # would keep the data base from its own housekeeping for days.
            connection.execution_options(isolation_level="AUTOCOMMIT").detach()
            _lock_data_base(connection)
        yield Claim(connection)


def _place(settings: Settings, engine: Engine) -> Path:
    """Beside the file that holds the desk; else in the data directory."""
    file = engine.url.database if engine.dialect.name == "sqlite" else None
    place = Path(f"{file}.broker.lock") if file else settings.home / "broker.lock"
    place.parent.mkdir(parents=True, exist_ok=True)
    return place


def _lock_file(lock: IO[str]) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        raise _taken(f"process {lock.read().strip() or 'unknown'}") from None
    lock.seek(0)
    lock.truncate()
    lock.write(f"{os.getpid()}\n")
    lock.flush()


def _lock_data_base(connection: Connection) -> None:
    deadline = time.monotonic() + LEAVING
    while not connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": LOCK}).scalar_one():
        if time.monotonic() > deadline:
            raise _taken("a process on another machine")
        time.sleep(0.2)


def _taken(who: str) -> BrokerError:
    return BrokerError(
        f"The brokers of this desk already belong to {who}: one is enough, and two could place an order twice.", who
    )
