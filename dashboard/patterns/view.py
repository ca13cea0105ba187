"""The three views of the Patterns page, and its heading."""

from __future__ import annotations

import streamlit as st

from core.bars import Bars
from dashboard.components.formats import price, utc
from dashboard.components.panels import heading
from dashboard.patterns.subject import Subject

EVENTS, REVIEW, RECORD = "Events", "Review", "Record"


def switch() -> str:
    """Which view to show."""
    chosen: str = st.segmented_control(
        "View",
        (EVENTS, REVIEW, RECORD),
        default=EVENTS,
        required=True,
        label_visibility="collapsed",
        key="patterns_view",
    )
    return chosen


def title(subject: Subject, bars: Bars) -> None:
    symbol = subject.symbol
    last = f"{price(float(bars.close[-1]), symbol.tick_size)} at {utc(bars.as_of)} UTC"
    heading(symbol.name, subject.timeframe.name, symbol.description, last, source=symbol.source)
