"""The events as a table: newest first, and a click in a row marks its event on the chart."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from core.timeframe import Timeframe
from dashboard.components.formats import decimals, words
from dashboard.components.frames import records
from dashboard.components.row_table import DIRECTIONS, row_table
from dashboard.patterns.subject import Subject

MARKED = "patterns_marked"


def marked(events: pd.DataFrame) -> dict[str, Any] | None:
    """The event that was clicked, if it is still among these."""
    found = events[events["token"] == st.session_state.get(MARKED)]
    return next(iter(records(found.head(1))), None)


def event_table(events: pd.DataFrame, subject: Subject, height: int) -> None:
    """Draw the table, the marked event's row lit."""
    tokens = list(events["token"])
    frame, chosen = table_frame(events), st.session_state.get(MARKED)
    tones = {"direction": DIRECTIONS}
    row_table("patterns", frame, _columns(subject), tokens, chosen, _mark, height=height, tones=tones)


def table_frame(events: pd.DataFrame) -> pd.DataFrame:
    """The table's columns from `pattern_events.with_verdicts`'s."""
    return pd.DataFrame(
        {
            "known": pd.to_datetime(events["known_at"], unit="ms", utc=True),
            "title": events["title"],
            "direction": ["Up" if direction > 0 else "Down" for direction in events["direction"]],
            "level": events["level"],
            "score": events["score"],
            "strength": [words(band).lower() for band in events["strength"]],
            "status": [words(status) for status in events["status"]],
            "verdict": events["verdict"],
        }
    )


def _columns(subject: Subject) -> dict[str, object]:
    moment = "YYYY-MM-DD" if subject.timeframe >= Timeframe.D1 else "MM-DD HH:mm"
    places = decimals(subject.symbol.tick_size)
    return {
        "known": st.column_config.DatetimeColumn("Known (UTC)", format=moment, timezone="UTC", width=88),
        "title": st.column_config.TextColumn("Kind", width=118),
        "direction": st.column_config.TextColumn("Dir.", width=42),
        "level": st.column_config.NumberColumn("Level", format=f"%.{places}f", width=62),
        "score": st.column_config.NumberColumn("Score", format="%.2f", width=42),
        "strength": st.column_config.TextColumn("Strength", width=68),
        "status": st.column_config.TextColumn("Status", width=70),
        "verdict": st.column_config.TextColumn("Review", width=70),
    }


def _mark(token: str) -> None:
    st.session_state[MARKED] = token
