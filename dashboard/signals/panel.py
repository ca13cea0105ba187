"""The chosen signal: heading, decision, chart, levels, votes and targets."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.charts.export import ExportRequest
from core.timeframe import Timeframe
from dashboard import data, navigation
from dashboard.analyst.opinion import opinion_panel
from dashboard.charts.exports import export_panel
from dashboard.signals import card as signal_card
from dashboard.signals.chart import signal_chart, timeframe_switch
from dashboard.signals.decision import decision_buttons
from dashboard.signals.table import neighbour_buttons
from db.store.signals import market_time
from db.views import signals
from db.views.signals import SignalDetail

EXPORTED, AFTER = 200, 60
"""Bars on an exported chart, and how many of them may lie after the signal."""


def signal_panel(key: data.Stamp, detail: SignalDetail, listed: pd.DataFrame) -> None:
    """Draw everything there is to know about it; `listed` is the table beside, for its neighbours."""
    signal, symbol = detail.signal, detail.symbol
    assert signal.id is not None
    signal_card.title(detail)
    with st.container(horizontal=True, gap="small"):
        decision_buttons(detail)
        neighbour_buttons(listed, signal.id)
        timeframe = timeframe_switch(detail)
    signal_chart(detail, timeframe)
    signal_card.levels(detail, data.read(market_time, symbol, Timeframe(signal.timeframe), data.now()))
    opinion_panel(detail)
    votes, targets = st.columns([2.2, 1], gap="medium")
    with votes:
        record = data.cached(key, signals.band_record, signal.strategy_id, signal.band)
        signal_card.vote_table(detail.votes, signal.confidence, record, signal.band)
    with targets:
        signal_card.target_table(detail)
        navigation.link("charts", "This signal on the charts", signal=signal.id)
        if detail.order is not None:
            navigation.link("orders", f"Order {detail.order.ticket_id}", order=detail.order.ticket_id)
        if detail.trade is not None:
            navigation.link("journal", f"Trade {detail.trade.id} in the journal", trade=detail.trade.id)
        navigation.link("lineage", "Where this signal comes from", signal=signal.id)
    if timeframe is not None:
        export_panel("signal", signal.id, export_request(detail, timeframe))


def export_request(detail: SignalDetail, timeframe: Timeframe) -> ExportRequest:
    """The signal on this timeframe, with what followed it."""
    signal = detail.signal
    assert signal.id is not None
    until = signal.as_of + AFTER * timeframe.ms
    return ExportRequest(signal.symbol_id, timeframe, until=until, bars=EXPORTED, signals=(signal.id,))
