"""The events as a table: newest first, and a click in a row marks its event on the chart."""

from __future__ import annotations

from functools import partial
from zlib import crc32

import pandas as pd
import streamlit as st

from core.charts import theme
from core.timeframe import Timeframe
from dashboard.components.formats import decimals, words
from dashboard.components.pattern_subject import Subject

MARKED = "patterns_marked"
_ROW, _HEAD = 28, 38
_TONES = {"Up": theme.UP, "Down": theme.DOWN}


def marked(events: pd.DataFrame) -> dict[str, object] | None:
    """The event that was clicked, if it is still among these."""
    found = events[events["token"] == st.session_state.get(MARKED)]
    return None if found.empty else found.iloc[0].to_dict()


def event_table(events: pd.DataFrame, subject: Subject, height: int) -> None:
    """Draw the table, the marked event's row lit."""
    tokens = list(events["token"])
    # A new set of rows is a new table: under one key for ever, Streamlit would keep a row number, not the event.
    key = f"patterns_{crc32(repr(tokens).encode()):08x}"
    chosen = st.session_state.get(MARKED)
    st.dataframe(
        table_frame(events).style.apply(_paint, axis=None, lit=tokens.index(chosen) if chosen in tokens else None),
        column_config=_columns(subject),
        hide_index=True,
        height=min(height, _HEAD + _ROW * len(tokens)),
        row_height=_ROW,
        key=key,
        on_select=partial(_selected, key, tokens),
        selection_mode="single-cell",
    )


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


def _selected(key: str, tokens: list[str]) -> None:
    cells = st.session_state[key]["selection"]["cells"]
    row = cells[0][0] if cells else len(tokens)
    if row < len(tokens):
        st.session_state[MARKED] = tokens[row]


def _paint(table: pd.DataFrame, lit: int | None) -> pd.DataFrame:
    """Styles of the cells: the direction in its colour, the marked row lit."""
    styles = pd.DataFrame("", index=table.index, columns=table.columns)
    styles["direction"] = [f"color: {_TONES[label]};" for label in table["direction"]]
    if lit is not None:
        styles.iloc[lit] += f"background-color: {theme.SELECTED};"
    return styles
