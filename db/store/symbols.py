"""Symbols by name."""

from __future__ import annotations

from sqlalchemy import func
from sqlmodel import Session, col, select

from db.models import Symbol


def find_symbol(session: Session, name: str) -> Symbol | None:
    """The symbol of that name, however its letters are cased: `eurusd` and `EURUSD` are one market."""
    return session.exec(select(Symbol).where(func.lower(col(Symbol.name)) == name.lower())).first()
