"""The dialog that asks for a new data set."""

from __future__ import annotations

from typing import Final

import streamlit as st

from core.charts.series import CHART_TYPES
from core.dataset.recipe import FAMILIES, FORMATS
from core.dataset.scenes import type_title
from core.patterns.naming import FAMILY_TITLES
from core.timeframe import Timeframe
from dashboard import data, dialogs
from dashboard.components import dialog_parts
from dashboard.dataset import actions as dataset_actions
from db.views.patterns import symbols_with_bars

DIALOG: Final = "dataset"
_SIZES = ("800 x 600", "640 x 640", "416 x 416", "1280 x 960")
_INTRADAY, _DAILY = ("H1", "H4"), ("D1",)


def new_build_dialog(key: data.Stamp) -> None:
    """Draw the dialog when it is open."""
    if dialogs.is_open(DIALOG, 0):
        _dialog(key)


@st.dialog("New data set", width="large", on_dismiss=dialogs.close)
def _dialog(key: data.Stamp) -> None:
    if not dialogs.is_open(DIALOG, 0):
        st.rerun()
    symbols = data.cached(key, symbols_with_bars)
    names = [symbol.name for symbol in symbols]
    fine = [symbol.name for symbol in symbols if (symbol.base_timeframe or Timeframe.W1) <= Timeframe.H1]
    st.multiselect("Symbols", names, default=(fine or names)[:3], key="dialog_symbols", on_change=dialogs.forgive)
    left, right = st.columns(2, gap="medium")
    with left:
        timeframes, usual = [one.name for one in Timeframe], _INTRADAY if fine else _DAILY
        st.multiselect("Timeframes", timeframes, default=usual, key="dialog_timeframes", on_change=dialogs.forgive)
        st.multiselect("Chart types", CHART_TYPES, default=CHART_TYPES[:1], format_func=type_title, key="dialog_types")
        st.multiselect(
            "Labelled families", list(FAMILY_TITLES), default=FAMILIES, format_func=FAMILY_TITLES.__getitem__,
            key="dialog_families",
        )  # fmt: skip
        st.toggle("Draw the labels into the images", key="dialog_annotate")
    with right, st.container(key="dataset_numbers"):
        first, second = st.columns(2)
        first.number_input("Days back", value=90, step=10, key="dialog_days", on_change=dialogs.forgive)
        second.number_input("Bars on an image", value=200, step=10, key="dialog_window", on_change=dialogs.forgive)
        first.number_input("Bars to the next", value=20, step=5, key="dialog_stride", on_change=dialogs.forgive)
        second.number_input("Gap between splits", value=50, step=10, key="dialog_gap", on_change=dialogs.forgive)
        first.number_input("Least score", value=0.5, step=0.05, format="%.2f", key="dialog_score")
        second.selectbox("Pixels", _SIZES, key="dialog_size")
        first.selectbox("Format", FORMATS, format_func=_format_title, key="dialog_format")
    st.caption(
        "Images are split by time into training (70 %), validation and test (15 % each). "
        "A window whose bars, or the gap behind it, cross a boundary is left out."
    )
    dialog_parts.show_error()
    st.button(
        "Build it", type="primary", key="dialog_build", on_click=dataset_actions.start, args=(DIALOG,), width="stretch"
    )


def _format_title(name: str) -> str:
    return {"yolo": "YOLO", "coco": "COCO", "parquet": "Parquet"}[name]
