"""What the Patterns page shows: the symbols that have bars, the events of one of them, and what people say of these."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from core.bars import Bars, Floats
from core.patterns.detect import ALL, DetectorSettings, average_true_range, detect
from core.patterns.events import EventLog
from core.timeframe import Calendar, Timeframe
from db.models import Symbol
from db.store.bars.series import read_bars
from db.store.reviews import verdicts

__all__ = ["History", "history", "symbols_with_bars", "verdicts"]

HISTORY = 5_000
"""Bars that events are looked for in."""


@dataclass(frozen=True)
class History:
    """The last bars of a symbol and timeframe, every event in them, and their average true range."""

    bars: Bars
    log: EventLog
    atr: Floats


def symbols_with_bars(session: Session) -> list[Symbol]:
    """Symbols that have bars, in the order of their names."""
    query = select(Symbol).where(col(Symbol.base_timeframe).is_not(None)).order_by(col(Symbol.name))
    return list(session.scalars(query))


def history(session: Session, symbol_id: int, timeframe: Timeframe, calendar: Calendar, until: int) -> History:
    """Every family's events over the last `HISTORY` bars that are complete at `until` (UTC ms), default settings."""
    bars = read_bars(session, symbol_id, timeframe, until=until, count=HISTORY)
    settings = DetectorSettings(calendar=calendar)
    return History(bars, detect(bars, settings, families=ALL), average_true_range(bars, settings.atr_period))
