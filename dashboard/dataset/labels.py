"""The labels of an image as a table: a click in a row puts its label in front."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.components.row_table import DIRECTIONS, row_table
from dashboard.dataset.judging import CURRENT
from dashboard.dataset.preview import label_title
from db.models import ChartPattern
from db.views.datasets import ImageDetail

_COLUMNS = {
    "kind": st.column_config.TextColumn("Label", width=150),
    "direction": st.column_config.TextColumn("Dir.", width=48),
    "score": st.column_config.NumberColumn("Score", format="%.2f", width=52),
    "verdict": st.column_config.TextColumn("Review", width=76),
}


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
    chosen, tones = None if current is None else current.id, {"direction": DIRECTIONS}
    row_table("dataset_table", table, _COLUMNS, ids, chosen, _show, height=300, tones=tones)


def _show(label_id: int) -> None:
    st.session_state[CURRENT] = label_id
