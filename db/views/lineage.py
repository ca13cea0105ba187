"""What the Lineage page offers to look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from db.models import ChartExport, Signal, Symbol, Trade


@dataclass(frozen=True)
class Subject:
    """A signal, a trade or an exported chart whose chain can be shown; `direction` is 0 for a chart."""

    entity: str
    id: int
    symbol: str
    source: str
    direction: int
    status: str
    moment: datetime


def subject(session: Session, entity: str, entity_id: int) -> Subject | None:
    """One signal (`entity` "signal"), trade ("trade") or export ("chart_export"); None when it does not exist."""
    found = _subjects(session, entity, entity_id, 1)
    return found[0] if found else None


def newest_subjects(session: Session, entity: str, limit: int) -> list[Subject]:
    """The newest signals, trades or finished exports, newest first."""
    return _subjects(session, entity, None, limit)


def _subjects(session: Session, entity: str, entity_id: int | None, limit: int) -> list[Subject]:
    if entity == "chart_export":
        return _exports(session, entity_id, limit)
    model: type[Trade] | type[Signal] = Trade if entity == "trade" else Signal
    moment = Trade.opened_at if entity == "trade" else Signal.created_at
    columns: list[Any] = [model.id, Symbol.name, Symbol.source, model.direction, model.status, moment]
    query = select(*columns).join(Symbol, col(Symbol.id) == col(model.symbol_id))
    query = query.where(col(model.deleted_at).is_(None))
    if entity_id is not None:
        query = query.where(col(model.id) == entity_id)
    rows = session.execute(query.order_by(col(model.id).desc()).limit(limit))
    return [Subject(entity, *row) for row in rows]


def _exports(session: Session, export_id: int | None, limit: int) -> list[Subject]:
    query = select(ChartExport).where(col(ChartExport.status) == "done").order_by(col(ChartExport.id).desc())
    if export_id is not None:
        query = query.where(col(ChartExport.id) == export_id)
    rows = session.execute(query.limit(limit)).scalars().all()
    symbols = {one.id: one for one in session.execute(select(Symbol)).scalars()}
    return [
        Subject("chart_export", row.id or 0, row.title, _source(symbols, row), 0, row.format, row.created_at)
        for row in rows
    ]


def _source(symbols: dict[int | None, Symbol], row: ChartExport) -> str:
    symbol = symbols.get(row.request.get("symbol_id"))
    return symbol.source if symbol is not None else ""
