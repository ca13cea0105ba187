"""A table of which one row is chosen: it stays the same thing's row, whatever is inserted above it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, TypeVar
from zlib import crc32

import pandas as pd
import streamlit as st

from core.charts import theme

T = TypeVar("T")
ROW, _HEAD = 28, 38
DIRECTIONS: Final = {"Up": theme.UP, "Down": theme.DOWN}


def row_table(
    name: str,
    frame: pd.DataFrame,
    columns: Mapping[str, Any],
    ids: Sequence[T],
    chosen: T | None,
    choose: Callable[[T], object],
    *,
    height: int,
    tones: Mapping[str, Mapping[str, str]],
) -> None:
    """Draw it, the chosen row lit; a click anywhere in a row, or an arrow key, calls `choose` with its id.

    `ids` has an id for each row of `frame`, `columns` the configuration of its columns, `tones` the colours of labels
    by column; `height` is the most it takes, in pixels.
    """
    key = key_of(name, ids)
    st.dataframe(
        frame.style.apply(_paint, axis=None, tones=tones, lit=ids.index(chosen) if chosen in ids else None),
        column_config=columns,
        hide_index=True,
        height=height_of(len(ids), height),
        row_height=ROW,
        key=key,
        on_select=partial(_selected, key, ids, choose),
        selection_mode="single-cell",
    )


def key_of(name: str, ids: Sequence[object]) -> str:
    """A new set of rows is a new table: under one key for ever, Streamlit would keep row numbers, not what they are."""
    return f"{name}_{crc32(repr(ids).encode()):08x}"


def height_of(rows: int, most: int) -> int:
    """Pixels for so many rows under their head."""
    return min(most, _HEAD + ROW * rows)


def clicked(key: str) -> tuple[int, str] | None:
    """Row and column of the cell that was clicked in the table of this key; None without one."""
    cells = st.session_state[key]["selection"]["cells"]
    return (cells[0][0], cells[0][1]) if cells else None


def _selected(key: str, ids: Sequence[T], choose: Callable[[T], object]) -> None:
    cell = clicked(key)
    if cell is not None and cell[0] < len(ids):
        choose(ids[cell[0]])


def _paint(table: pd.DataFrame, tones: Mapping[str, Mapping[str, str]], lit: int | None) -> pd.DataFrame:
    """Styles of the cells: labels in their colours, the chosen row lit."""
    styles = pd.DataFrame("", index=table.index, columns=table.columns)
    for column, colours in tones.items():
        styles[column] = [f"color: {colours[label]};" if label in colours else "" for label in table[column]]
    if lit is not None:
        styles.iloc[lit] += f"background-color: {theme.SELECTED};"
    return styles
