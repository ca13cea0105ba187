"""The charts of one trade: those the desk made at its entry and exit, and any that the person asks for."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import data
from dashboard.components import formats
from dashboard.components.export_panel import export_panel
from db.actions.chart_trades import trade_request

OFFERED = 200


def trade_charts(trades: pd.DataFrame, asked: int | None) -> None:
    """Choose one of these trades (the one in the address first) and export it; nothing without any."""
    ids = [int(one) for one in trades["id"].head(OFFERED)]
    if not ids:
        return
    labels = {int(trade["id"]): _label(trade) for _, trade in trades.head(OFFERED).iterrows()}
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="trade_charts"):
        chosen = st.selectbox(
            "Charts of",
            ids,
            index=ids.index(asked) if asked in ids else 0,
            format_func=labels.__getitem__,
            width=360,
            key=f"charts_of_{ids[0]}_{asked}",
        )
    request = data.read(trade_request, chosen)
    if request is None:
        st.caption("Its symbol has no bars yet, so there is nothing to draw.")
        return
    export_panel("trade", chosen, request, f"Charts of trade {chosen}")


def _label(trade: pd.Series) -> str:
    return f"Trade {trade['id']}: {trade['symbol']} {formats.side(trade['direction']).lower()}, {trade['status']}"
