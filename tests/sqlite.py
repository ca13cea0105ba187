"""SQLite files for the tests to copy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine

from db.engine import engine_for


def settled(path: Path, furnish: Callable[[Engine], object]) -> Path:
    """The file after `furnish`: all in one piece, and nobody has it open."""
    engine = engine_for(f"sqlite:///{path}")
    furnish(engine)
    with engine.connect() as connection:
        connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path
