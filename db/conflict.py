"""The insert that knows what to do on a conflict, which SQLAlchemy spells per data base."""

from __future__ import annotations

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel


def insert_for(session: Session, table: type[SQLModel]) -> postgresql.Insert | sqlite.Insert:
    """`insert(table)` of the session's data base, with `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return postgresql.insert(table) if session.get_bind().dialect.name == "postgresql" else sqlite.insert(table)
