"""Symbols by name."""

from __future__ import annotations

from sqlalchemy import func
from sqlmodel import Session, col, select

from core.errors import NotFoundError
from db.models import Symbol


def get_symbol(session: Session, symbol_id: int, *, lock: bool = False) -> Symbol:
    """The symbol of that number; `lock` orders those who change it, while rows that only point to it need not wait.

    Raises:
        NotFoundError: there is no such symbol.
    """
    found = session.get(Symbol, symbol_id, with_for_update={"key_share": True} if lock else None)
    if found is None:
        raise NotFoundError(f"There is no symbol {symbol_id}: reload the page.", symbol_id)
    return found


def find_symbol(session: Session, name: str) -> Symbol | None:
    """The symbol of that name, however its letters are cased: `eurusd` and `EURUSD` are one market."""
    return session.exec(select(Symbol).where(func.lower(col(Symbol.name)) == name.lower())).first()
