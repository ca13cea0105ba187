"""The analysis behind the Patterns page, kept until a bar or a change comes in."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.stats.patterns import KindRecord, pattern_records
from core.timeframe import Calendar
from dashboard import data
from dashboard.patterns.subject import Subject
from db.store.bars.series import last_close
from db.views import patterns


@dataclass(frozen=True)
class Analysis:
    """A symbol's bars and events, and the record of every kind in them."""

    history: patterns.History
    records: list[KindRecord]


def analysis(key: data.Stamp, subject: Subject) -> Analysis | None:
    """What is known of a symbol and timeframe as of its newest stored bar; None without bars."""
    as_of = data.read(last_close, subject.symbol_id, subject.timeframe)
    if as_of is None:
        return None
    return _analysis(key, subject.name, as_of, subject)


# A history is some megabytes: a few are kept, unlike the small reads of `data.cached`.
@st.cache_data(max_entries=6, show_spinner=False)
def _analysis(key: data.Stamp, name: str, as_of: int, _subject: Subject) -> Analysis:
    calendar = Calendar(_subject.symbol.calendar)
    found = data.read(patterns.history, _subject.symbol_id, _subject.timeframe, calendar, as_of)
    return Analysis(found, pattern_records(found.bars, found.log, found.atr))
