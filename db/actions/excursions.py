"""Bars that arrive after a trade was closed still belong to it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from db.engine import reader, writer
from db.models import Symbol, Trade
from db.store.excursions import measure
from db.store.revision import bump

LATE: Final = timedelta(days=2)
"""How long after its close a trade's extremes still follow the bars that come in."""


def follow_excursions(engine: Engine, symbol_id: int, now: datetime) -> int:
    """Measure the trades of a symbol that were closed lately anew; returns how many changed."""
    with reader(engine) as session:
        if not _changed(session, symbol_id, now):
            return 0
    with writer(engine) as session:
        count = _changed(session, symbol_id, now)
        if count:
            bump(session)
        return count


def _changed(session: Session, symbol_id: int, now: datetime) -> int:
    symbol = session.get(Symbol, symbol_id)
    query = select(Trade).where(Trade.symbol_id == symbol_id, col(Trade.closed_at) >= now - LATE)
    found = session.exec(query.where(col(Trade.deleted_at).is_(None)).order_by(col(Trade.id)))
    return 0 if symbol is None else sum(measure(session, trade, symbol) for trade in found)
