"""The list of orders: a table whose selection is an order's id, whatever is inserted above it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from core.charts import theme
from core.orders import Leg, Status
from dashboard import data, navigation
from dashboard.components import formats
from dashboard.components.row_table import row_table
from dashboard.orders import words as order_words
from db.store.moments import to_ms

LIMIT = 200
_PINNED = "order_shown"
_COLOURS = {"accent": theme.ACCENT, "up": theme.UP, "down": theme.DOWN, "warning": theme.WARNING, "": theme.MUTED}
_TONES = {"side": {"Buy": theme.UP, "Sell": theme.DOWN}}
_COLUMNS = {
    "id": st.column_config.NumberColumn("Order", format="%d", width=44),
    "symbol": st.column_config.TextColumn("Symbol", width=92),
    "side": st.column_config.TextColumn("Side", width=40),
    "status": st.column_config.MultiselectColumn(
        "Status",
        options=[order_words.STATUS[one] for one in Status],
        color=[_COLOURS[order_words.TONES[one]] for one in Status],
        width=88,
    ),
    "share": st.column_config.ProgressColumn("Filled", format="%d %%", min_value=0, max_value=100, width=84),
    "leg": st.column_config.TextColumn("Leg", width=66),
    "type": st.column_config.TextColumn("Type", width=82),
    "quantity": st.column_config.TextColumn("Quantity", alignment="right", width=92),
    "price": st.column_config.TextColumn("Price", alignment="right", width=112),
    "average": st.column_config.TextColumn("Average", alignment="right", width=70),
    "strategy": st.column_config.TextColumn("From", width=92),
    "broker": st.column_config.TextColumn("Broker", width=50),
    "changed": st.column_config.TextColumn("Changed (UTC)", width=92),
}


def choose(ticket_id: int, leg: str | None = None) -> None:
    """Show this order, and put it into the address; for callbacks."""
    st.session_state[_PINNED] = (ticket_id, leg)
    st.query_params["order"] = str(ticket_id)
    if leg is not None:
        st.query_params["leg"] = leg
    elif "leg" in st.query_params:
        del st.query_params["leg"]


def shown(listed: pd.DataFrame) -> tuple[int, str | None] | None:
    """Order and leg to show: those in the address, else those shown before, else the first of the list."""
    asked, leg = navigation.query_id("order"), st.query_params.get("leg")
    chosen = (asked, leg if leg in list(Leg) else None) if asked else st.session_state.get(_PINNED)
    if chosen is None and len(listed):
        chosen = (int(listed["ticket_id"].iloc[0]), None)
    st.session_state[_PINNED] = chosen
    return chosen


def order_table(listed: pd.DataFrame, chosen: tuple[int, str] | None, height: int) -> None:
    """Draw the table, the chosen leg's row marked; a click anywhere in a row, or an arrow key, chooses another."""
    ids = [(int(ticket), str(leg)) for ticket, leg in zip(listed["ticket_id"], listed["leg"], strict=True)]
    frame = table_frame(listed)
    row_table("orders", frame, _COLUMNS, ids, chosen, lambda one: choose(*one), height=height, tones=_TONES)
    if len(listed) >= LIMIT:
        st.caption(f"The first {LIMIT} that match. Narrow the filters to reach older ones.")


def table_frame(listed: pd.DataFrame) -> pd.DataFrame:
    """The table's columns from `db.views.orders.order_list`'s."""
    rows: list[Any] = list(listed.itertuples(index=False))
    return pd.DataFrame(
        {
            "id": [int(row.ticket_id) for row in rows],
            "symbol": [f"{row.symbol} (sample)" if row.source == "sample" else row.symbol for row in rows],
            "side": [order_words.side_of(row.side) for row in rows],
            "status": [[order_words.STATUS[row.status]] for row in rows],
            "share": [100 * order_words.share_filled(row.filled, row.quantity) for row in rows],
            "leg": [order_words.LEGS[row.leg] for row in rows],
            "type": [order_words.TYPES[row.type] for row in rows],
            "quantity": [_quantity(row) for row in rows],
            "price": [order_words.short_prices(row, row.tick_size) for row in rows],
            "average": [formats.price(row.average_price, row.tick_size) for row in rows],
            "strategy": ["by hand" if formats.absent(row.strategy) else row.strategy for row in rows],
            "broker": ["Paper" if row.broker == "paper" else "IBKR" for row in rows],
            "changed": [formats.short_utc(to_ms(row.updated_at), data.now()) for row in rows],
        }
    )  # fmt: skip


def _quantity(row: Any) -> str:
    """What was asked for, and before it what is filled of it while it is a part."""
    asked = formats.quantity(row.quantity)
    return f"{formats.quantity(row.filled)} / {asked}" if 0 < row.filled < row.quantity else asked
