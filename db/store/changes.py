"""What is said about a trade and its history: what was changed, when, and by somebody else in the meantime."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from core.errors import EditConflictError
from core.journal.figures import Figures
from core.risk import plain
from db.models import Tag, Trade, TradeChange, TradeRule, TradeTag
from db.store.trades import Execution, add_fills, figures_with, fills_of, keep


def described(session: Session, trade: Trade) -> dict[str, Any]:
    """What is said about a trade, field by field; tags by name in order, rules as {rule id: kept}."""
    tags = select(Tag.name).join(TradeTag, col(TradeTag.tag_id) == col(Tag.id)).where(TradeTag.trade_id == trade.id)
    rules = select(TradeRule.rule_id, TradeRule.kept).where(TradeRule.trade_id == trade.id)
    found = {name: getattr(trade, name) for name in ("setup", "emotion", "rating", "note", "playbook_id")}
    return found | {"tags": sorted(session.exec(tags)), "rules": {str(key): kept for key, kept in session.exec(rules)}}


def note_change(
    session: Session, trade: Trade, field: str, before: Any, after: Any, at: datetime, now: datetime, note: str = ""
) -> None:
    """Record that a field went from `before` to `after`; the trade has its new version already."""
    session.add(
        TradeChange(
            trade_id=trade.id or 0,
            field=field,
            before=before,
            after=after,
            note=note.strip(),
            at=at,
            booked_at=now,
            version=trade.version,
        )
    )


def add_to(session: Session, trade: Trade, fill: Execution, figures: Figures, now: datetime) -> None:
    """Put one more fill into an open trade; `figures` include it."""
    before = trade.open_quantity
    trade.version += 1
    add_fills(session, trade, [fill], figures, now)
    note_change(session, trade, "open_quantity", plain(before), plain(trade.open_quantity), fill.at, now)


def set_level(
    session: Session, trade: Trade, field: str, level: float | None, at: datetime, now: datetime, note: str
) -> None:
    """Move a trade's `stop` or `target`, or take it away (None). The first stop that a trade ever has defines its R."""
    before = getattr(trade, field)
    setattr(trade, field, level)
    trade.version += 1
    if field == "stop" and trade.first_stop is None and level is not None:
        trade.first_stop = level
        keep(trade, figures_with(trade, fills_of(session, trade.id or 0), []))
    note_change(session, trade, field, before, level, at, now, note)


def follow_market(session: Session, trade: Trade, stop: float, at: datetime, now: datetime, note: str) -> None:
    """A trailing stop has moved by itself. That is in the trade's history, but no new version: whoever is about to
    write a note or to close the trade has missed nothing.
    """
    before, trade.stop = trade.stop, stop
    note_change(session, trade, "stop", before, stop, at, now, note)


def changes_of(session: Session, trade_id: int) -> list[TradeChange]:
    """Everything that was changed about a trade, oldest first."""
    query = select(TradeChange).where(TradeChange.trade_id == trade_id)
    return list(session.exec(query.order_by(col(TradeChange.id))))


def check_version(
    session: Session, trade: Trade, version: int, current: Mapping[str, Any], mine: Mapping[str, Any]
) -> None:
    """Refuse an edit of a trade that was changed since the editor saw `version`.

    `current` has the fields as they are, `mine` as this editor wants them.

    Raises:
        EditConflictError: carries (theirs, yours) of each field that somebody changed meanwhile or that differs.
    """
    if trade.version == version:
        return
    seen: dict[str, Any] = {}
    for change in changes_of(session, trade.id or 0):
        if change.version > version:
            seen.setdefault(change.field, change.before)
    fields = {name: (current[name], value) for name, value in mine.items() if current[name] != value}
    fields |= {name: (current[name], before) for name, before in seen.items() if name in current and name not in mine}
    raise EditConflictError(
        f"Trade {trade.id} was changed in the meantime: look at the difference and decide again.", fields, trade.id
    )
