"""Signals as a list of links."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import data, navigation
from dashboard.components import empties, formats
from dashboard.components.markup import SOURCES, markdown

_BADGE = {"simulated": "orange", "sample": "blue"}
_STATUS = {"new": "blue", "accepted": "green", "rejected": "red", "expired": "gray"}


def signal_feed(listed: pd.DataFrame) -> None:
    """One link a signal: symbol, side, timeframe, reward, confidence, state and the bar it was seen at."""
    if listed.empty:
        empties.no_signals()
        return
    with st.container(key="signal_feed", gap=None):
        for _, signal in listed.iterrows():
            navigation.link("signals", label(signal), signal=int(signal["id"]))


def label(signal: pd.Series) -> str:
    """One signal in Markdown; what comes from outside is escaped."""
    colour = "green" if signal["direction"] > 0 else "red"
    origin = SOURCES.get(signal["source"])
    badge = f" :{_BADGE[signal['source']]}-badge[{origin}]" if origin else ""
    tone = _STATUS.get(signal["status"], "gray")
    return (
        f"**{markdown(signal['symbol'])}**{badge} :{colour}[{formats.side(signal['direction'])}] "
        f"{formats.timeframe(signal['timeframe'])} · {signal['reward_risk']:.1f} R · "
        f"{formats.percent(signal['confidence'])} · :{tone}[{markdown(signal['status'])}] · "
        f":gray[as of {formats.short_utc(int(signal['as_of']), data.now())}]"
    )
