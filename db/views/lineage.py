"""What the Lineage page offers to look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from db.models import Signal, Symbol, Trade


@dataclass(frozen=True)
class Subject:
    """A signal or trade whose chain can be shown."""

    entity: str
    id: int
    symbol: str
    source: str
    direction: int
    status: str
    moment: datetime


def subject(session: Session, entity: str, entity_id: int) -> Subject | None:
    """One signal (`entity` "signal") or trade ("trade"); None when it does not exist."""
    found = _subjects(session, entity, entity_id, 1)
    return found[0] if found else None


def newest_subjects(session: Session, entity: str, limit: int) -> list[Subject]:
    """The newest signals or trades, newest first."""
    return _subjects(session, entity, None, limit)


def _subjects(session: Session, entity: str, entity_id: int | None, limit: int) -> list[Subject]:
    model: type[Trade] | type[Signal] = Trade if entity == "trade" else Signal
    moment = Trade.opened_at if entity == "trade" else Signal.created_at
    columns: list[Any] = [model.id, Symbol.name, Symbol.source, model.direction, model.status, moment]
    query = select(*columns).join(Symbol, col(Symbol.id) == col(model.symbol_id))
    query = query.where(col(model.deleted_at).is_(None))
    if entity_id is not None:
        query = query.where(col(model.id) == entity_id)
    rows = session.execute(query.order_by(col(model.id).desc()).limit(limit))
    return [Subject(entity, *row) for row in rows]
