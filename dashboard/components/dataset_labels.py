"""The labels of an image as a table: a click in a row puts its label in front."""

from __future__ import annotations

from functools import partial
from zlib import crc32

import pandas as pd
import streamlit as st

from core.charts import theme
from dashboard.components.dataset_judging import CURRENT
from dashboard.components.dataset_preview import label_title
from db.models import ChartPattern
from db.views.datasets import ImageDetail

_ROW, _HEAD = 28, 38


def label_table(detail: ImageDetail, current: ChartPattern | None) -> None:
    """Draw it, the label `current` lit; a click in a row makes its label the current one."""
    ids = [one.id or 0 for one in detail.patterns]
    table = pd.DataFrame(
        {
            "kind": [label_title(one) for one in detail.patterns],
            "direction": ["Up" if one.direction > 0 else "Down" for one in detail.patterns],
            "score": [one.score for one in detail.patterns],
            "verdict": [one.verdict for one in detail.patterns],
        }
    )
    lit = ids.index(current.id) if current is not None and current.id in ids else None
    key = f"dataset_table_{crc32(repr(ids).encode()):08x}"
    st.dataframe(
        table.style.apply(_paint, axis=None, lit=lit),
        column_config={
            "kind": st.column_config.TextColumn("Label", width=150),
            "direction": st.column_config.TextColumn("Dir.", width=48),
            "score": st.column_config.NumberColumn("Score", format="%.2f", width=52),
            "verdict": st.column_config.TextColumn("Review", width=76),
        },
        hide_index=True,
        height=min(300, _HEAD + _ROW * len(ids)),
        row_height=_ROW,
        key=key,
        on_select=partial(_selected, key, ids),
        selection_mode="single-cell",
    )


def _paint(table: pd.DataFrame, lit: int | None) -> pd.DataFrame:
    styles = pd.DataFrame("", index=table.index, columns=table.columns)
    tones = {"Up": theme.UP, "Down": theme.DOWN}
    styles["direction"] = [f"color: {tones[label]};" for label in table["direction"]]
    if lit is not None:
        styles.iloc[lit] += f"background-color: {theme.SELECTED};"
    return styles


def _selected(key: str, ids: list[int]) -> None:
    cells = st.session_state[key]["selection"]["cells"]
    row = cells[0][0] if cells else len(ids)
    if row < len(ids):
        st.session_state[CURRENT] = ids[row]
