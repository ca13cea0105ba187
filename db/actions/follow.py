"""Later bars settle the signals that nobody took."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session

from db.actions.decide import trace_decision
from db.engine import reader, writer
from db.models import Symbol
from db.store.revision import bump
from db.store.signals import new_signals, settle, why_over


def follow_signals(engine: Engine, symbol_id: int, now: datetime) -> int:
    """Expire the new signals of a symbol whose stop or target was reached, or whose time is over; returns how many.

    A signal whose entry traded stays: it can be taken as long as it lasts. A decision made meanwhile is kept.
    """
    # Most bars settle nothing: look first, and take the write lock only when there is something to write.
    with reader(engine) as session:
        if not _over(session, symbol_id, now):
            return 0
    with writer(engine) as session:
        expired = [
            signal_id
            for signal_id, reason in _over(session, symbol_id, now)
            if _expire(session, signal_id, reason, now)
        ]
        if expired:
            bump(session)
        return len(expired)


def _over(session: Session, symbol_id: int, now: datetime) -> list[tuple[int, str]]:
    """Id and reason of each new signal that can no longer be taken."""
    signals = new_signals(session, symbol_id)
    symbol = session.get(Symbol, symbol_id)
    if symbol is None:
        return []
    found = [(signal.id or 0, why_over(session, symbol, signal, now)) for signal in signals]
    return [(signal_id, reason) for signal_id, reason in found if reason]


def _expire(session: Session, signal_id: int, reason: str, now: datetime) -> bool:
    if not settle(session, signal_id, "expired", reason, now):
        return False
    trace_decision(session, signal_id, "expiry", "Expired", {"status": "expired", "reason": reason}, now)
    return True
