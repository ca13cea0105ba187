"""The rows of filters above tables: every widget is labelled for screen readers and named by its placeholder."""

from __future__ import annotations

import streamlit as st

from dashboard import data
from dashboard.components.formats import percent, words
from db.views import signals

_SIDES = {"Both sides": None, "Long": 1, "Short": -1}
_CONFIDENCES = (0.0, 0.5, 0.7, 0.85)


def signal_filter(key: data.Stamp) -> signals.SignalFilter:
    """Symbol, strategy, status, direction and confidence."""
    with st.container(horizontal=True, gap="small", key="signal_filters"):
        symbols = _choose("Symbols", data.cached(key, signals.symbol_names), "filter_symbols")
        strategies = _choose("Strategies", data.cached(key, signals.strategy_names), "filter_strategies")
        counts = data.cached(key, signals.signal_counts)
        statuses = st.multiselect(
            "Status",
            signals.STATUSES,
            format_func=lambda status: f"{words(status).capitalize()} ({counts[status]:,})",
            placeholder="Status",
            label_visibility="collapsed",
            key="filter_statuses",
        )
        direction = _direction("filter_direction")
        confidence = st.selectbox(
            "Confidence",
            _CONFIDENCES,
            format_func=lambda least: f"From {percent(least)}" if least else "Confidence",
            label_visibility="collapsed",
            key="filter_confidence",
        )
    return signals.SignalFilter(symbols, strategies, tuple(statuses), direction, confidence)


def _choose(label: str, names: dict[int, str], key: str) -> tuple[int, ...]:
    chosen = st.multiselect(
        label,
        list(names),
        format_func=lambda one: names.get(one, str(one)),
        placeholder=label,
        label_visibility="collapsed",
        key=key,
    )
    return tuple(chosen)


def _direction(key: str) -> int | None:
    side = st.selectbox("Direction", list(_SIDES), label_visibility="collapsed", key=key)
    return _SIDES[side]
