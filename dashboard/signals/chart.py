"""The chosen signal's candles: a timeframe switch, the position tool, zones, markers and fills."""

from __future__ import annotations

from datetime import datetime

import streamlit as st
from streamlit_lightweight_charts import renderLightweightCharts

from core.timeframe import Timeframe
from dashboard import data
from dashboard.charts import overlays
from dashboard.components import formats
from dashboard.components.empties import no_bars
from dashboard.components.markup import SOURCES, show, tag
from dashboard.signals.card import targets_of
from db.models import Trade
from db.views import desk
from db.views.signals import SignalDetail

BEFORE, AFTER = 220, 260
"""Bars shown before and after the moment at which the signal was seen."""
HEIGHT = 430


def timeframe_switch(detail: SignalDetail) -> Timeframe | None:
    """The timeframe to look at, the signal's own at first; None while the symbol has no bars."""
    signal, symbol = detail.signal, detail.symbol
    assert symbol.id is not None
    stored = data.read(desk.stored_timeframes, symbol.id)
    if not stored:
        return None
    own = Timeframe(signal.timeframe)
    chosen = st.segmented_control(
        "Timeframe of the chart",
        [one.name for one in stored],
        default=own.name if own in stored else stored[0].name,
        required=True,
        label_visibility="collapsed",
        key=f"chart_timeframe_{signal.id}",
    )
    return Timeframe[chosen]


def signal_chart(detail: SignalDetail, timeframe: Timeframe | None) -> None:
    """Candles around the moment at which the signal was seen, with everything drawn over them."""
    signal, symbol = detail.signal, detail.symbol
    if timeframe is None or symbol.id is None:
        no_bars()
        return
    bars = data.read(desk.window, symbol.id, timeframe, signal.as_of, before=BEFORE, after=AFTER)
    if not len(bars):
        no_bars()
        return
    renderLightweightCharts(
        overlays.payload(
            bars,
            tick_size=symbol.tick_size,
            height=HEIGHT,
            watermark=SOURCES.get(symbol.source, ""),
            evidence=signal.evidence,
            as_of=signal.as_of,
            position=_position(detail),
            fills=_fills(detail.trade),
        ),
        key=f"candles_{signal.id}_{timeframe.name}",
    )
    seen = f"Signal as of {formats.utc(signal.as_of)} UTC."
    legend = f"{symbol.name} {timeframe.name}, {len(bars)} bars to {formats.utc(bars.as_of)} UTC. {seen}"
    show(tag("div", legend, cls="muted legend"))


def _position(detail: SignalDetail) -> overlays.Position:
    signal, trade = detail.signal, detail.trade
    if trade is None:
        return overlays.Position(
            signal.direction,
            signal.entry,
            signal.stop,
            signal.target,
            targets_of(signal),
            signal.as_of,
            signal.expires_at,
        )
    end = _ms(trade.closed_at) if trade.closed_at else None
    return overlays.Position(
        trade.direction, trade.entry_price, trade.stop, trade.target, targets_of(signal), signal.as_of, end
    )


def _fills(trade: Trade | None) -> list[overlays.Fill]:
    if trade is None:
        return []
    found = [overlays.Fill(_ms(trade.opened_at), trade.direction, f"trade {trade.id}")]
    if trade.closed_at is not None:
        found.append(overlays.Fill(_ms(trade.closed_at), -trade.direction, "closed"))
    return found


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
