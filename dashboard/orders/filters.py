"""The row of filters above the list of orders."""

from __future__ import annotations

import streamlit as st

from dashboard import data
from dashboard.orders.words import STATUS
from db.views import orders, signals
from db.views.orders import BY_HAND, OrderFigures, OrderFilter

TEXT_LENGTH = 80


def order_filter(key: data.Stamp, account_id: int, figures: OrderFigures) -> OrderFilter:
    """Text, status and strategy."""
    with st.container(horizontal=True, gap="small", key="order_filters"):
        text = st.text_input(
            "Search",
            placeholder="Symbol, note, message, #12",
            max_chars=TEXT_LENGTH,
            label_visibility="collapsed",
            key="order_text",
        )
        statuses = st.multiselect(
            "Status",
            orders.STATUSES,
            format_func=lambda one: f"{STATUS[one]} ({figures.counts[one]:,})",
            placeholder="Status",
            label_visibility="collapsed",
            key="order_statuses",
        )
        names = {BY_HAND: "By hand"} | data.cached(key, signals.strategy_names)
        strategies = st.multiselect(
            "Strategies",
            list(names),
            format_func=lambda one: names.get(one, str(one)),
            placeholder="Strategies",
            label_visibility="collapsed",
            key="order_strategies",
        )
    return OrderFilter(account_id, tuple(statuses), tuple(strategies), text or "")
