"""Signals: what the system suggests, why, and the person's decision about it."""

from __future__ import annotations

import streamlit as st

from dashboard import data, navigation, status
from dashboard.components import empties
from dashboard.components.filters import signal_filter
from dashboard.signals import table as signal_table
from dashboard.signals.decision import decision_dialogs
from dashboard.signals.panel import signal_panel
from db.views import opinions, signals

LIMIT = 200
EVERYTHING = signals.SignalFilter()

key = status.page_stamp()
detail_place, list_place = st.columns([2, 1], gap="medium")

with list_place:
    wanted = signal_filter(key)
    listed = data.cached(key, signals.signal_list, wanted, LIMIT)
    chosen = signal_table.shown(navigation.query_id("signal"), listed)
    if len(listed):
        fused = data.cached(key, opinions.fused_outcomes, tuple(int(one) for one in listed["id"]))
        signal_table.signal_table(listed, chosen, 640, fused)
        signal_table.extent(listed, LIMIT)
    elif wanted != EVERYTHING:
        empties.no_matching_signals()

detail = data.read(signals.signal_detail, chosen) if chosen else None
with detail_place:
    if detail is not None:
        signal_panel(key, detail, listed)
    elif chosen:
        empties.unknown_signal(chosen)
    elif wanted == EVERYTHING:
        empties.no_signals()

decision_dialogs(detail)
