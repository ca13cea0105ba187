"""Bars, patterns and plans of one chart, as they were known at a moment; kept until a change comes in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import streamlit as st
from sqlmodel import Session

from core.bars import Bars
from core.patterns.detect import DetectorSettings, detect
from core.patterns.events import EventLog
from core.timeframe import Calendar, Timeframe
from dashboard import data
from db.models import Symbol
from db.store.bars.series import read_bars

HISTORY: Final = 6_000
"""Bars that a chart is made from: those it shows, and what indicators and patterns need before them."""


@dataclass(frozen=True)
class Known:
    """The bars that were complete at a moment, and the events that were known by them."""

    bars: Bars
    log: EventLog | None


def known_at(key: data.Stamp, symbol: Symbol, timeframe: Timeframe, moment: int, families: tuple[str, ...]) -> Known:
    """What a trader knew of a symbol at `moment` (UTC ms): no bar and no event of later enters it."""
    return _known(key, symbol.id or 0, timeframe, moment, families, Calendar(symbol.calendar))


# A history is some hundred kilobytes: a few are kept, unlike the small reads of `data.cached`.
@st.cache_data(max_entries=16, show_spinner=False)
def _known(
    key: data.Stamp, symbol_id: int, timeframe: Timeframe, moment: int, families: tuple[str, ...], calendar: Calendar
) -> Known:
    bars = data.read(_read, symbol_id, timeframe, moment)
    log = detect(bars, DetectorSettings(calendar=calendar), families) if families and len(bars) else None
    return Known(bars, log)


def _read(session: Session, symbol_id: int, timeframe: Timeframe, moment: int) -> Bars:
    return read_bars(session, symbol_id, timeframe, until=moment, count=HISTORY)
