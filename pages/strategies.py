"""Strategies: what judges the markets, when, with which settings, how its runs went and what it was worth."""

from __future__ import annotations

import streamlit as st

from dashboard import data, navigation, status
from dashboard.components import empties
from dashboard.components.panels import section
from dashboard.strategies import list as strategy_list
from dashboard.strategies import runs as strategy_runs
from dashboard.strategies.panel import new_panel, strategy_panel
from db.plugins import strategy_files
from db.views import strategies

key = status.page_stamp()
strategy_runs.begin()
lines = data.read(strategies.strategy_lines)
chosen = strategy_list.shown(navigation.query_id("strategy"), lines)
list_place, detail_place = st.columns([1, 1.9], gap="medium")

with list_place:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        section(f"Strategies ({len(lines)})")
        st.button("New strategy", key="strategy_new", on_click=strategy_list.choose, args=(strategy_list.NEW,))
    strategy_list.strategy_list(lines, chosen)
    strategy_list.strategy_files(strategy_files())

with detail_place:
    detail = next((line for line in lines if line.strategy.id == chosen), None)
    if chosen == strategy_list.NEW:
        new_panel()
    elif detail is not None:
        strategy_panel(key, detail)
    elif isinstance(chosen, int):
        empties.unknown_strategy(chosen)
    else:
        empties.no_strategies()
strategy_runs.watch()
