"""Figures by group in a table: counts, rates with their intervals, and the result as a bar."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboard.components import formats
from dashboard.components.markup import Markup, show, table, tag
from dashboard.components.panels import tone
from dashboard.journal.data import R
from dashboard.journal.units import Unit

SHOWN = 60


def group_table(groups: pd.DataFrame, title: str, unit: Unit) -> None:
    """Draw what `core.stats.groups.by` answers."""
    heads = [
        (title, "nowrap"), ("Trades", "num"), ("Win rate", "num"), (f"Net ({unit.title})", "num"), ("", "wide"),
        ("Expectancy", "num"), ("Profit factor", "num"),
    ]  # fmt: skip
    if unit.name != R:
        heads.append(("Average R", "num"))
    most = max((abs(float(value)) for value in groups["net"]), default=0.0)
    rows = [_row(name, group, unit, most) for name, group in groups.head(SHOWN).iterrows()]
    show(table(heads, rows, cls="groups"))
    if len(groups) > SHOWN:
        st.caption(f"The first {SHOWN} of {len(groups)}. Narrow the filters to see the others.")


def _row(name: Any, group: pd.Series, unit: Unit, most: float) -> list[object]:
    low, high = formats.percent(group["win_rate_low"]), formats.percent(group["win_rate_high"])
    mean_low, mean_high = unit.write(group["expectancy_low"]), unit.write(group["expectancy_high"])
    interval = "" if formats.NOTHING in (mean_low, mean_high) else f" {mean_low} to {mean_high}"
    row: list[object] = [
        f"{name:02d}:00" if isinstance(name, int) else str(name),
        f"{int(group['trades']):,}",
        tag("span", formats.percent(group["win_rate"]), " ", tag("small", f"{low} to {high}")),
        tag("span", unit.write(group["net"]), cls=tone(group["net"])),
        bar(float(group["net"]), most),
        tag("span", unit.write(group["expectancy"]), tag("small", interval)),
        formats.ratio(group["profit_factor"]),
    ]
    if unit.name != R:
        row.append(formats.multiple(group["average_r"]))
    return row


def bar(value: float, most: float) -> Markup:
    """A result as a bar to the right or left of the middle."""
    width = 50 * abs(value) / most if most else 0.0
    start = 50.0 if value >= 0 else 50 - width
    return tag("span", tag("span", cls=tone(value), style=f"left:{start:.2f}%;width:{width:.2f}%"), cls="pm")
