"""The trades that match: open ones with their mark, closed ones a page at a time, several of them to edit at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from dashboard import data, dialogs
from dashboard.components import formats
from dashboard.components.equity import equity, sum_of
from dashboard.components.panels import section
from dashboard.journal import empties as journal_empties
from dashboard.journal.data import Results, cash
from dashboard.trades import tables as trade_tables
from db.models import Account
from db.views import trades
from db.views.desk import LastPrice
from db.views.journal import TradeFilter

PAGE = 100
_ORDERS = ("Newest first", "Oldest first", "Best first", "Worst first", "Longest held first")
_FROM, _ORDER = "journal_from", "journal_order"
SEEN = "dialog_bulk_seen"
"""Where the versions of the trades that are edited together are kept, as the list showed them (trade id -> version)."""


def trade_list(
    key: data.Stamp,
    account: Account,
    wanted: TradeFilter,
    results: Results,
    opened: pd.DataFrame,
    prices: dict[int, LastPrice],
) -> None:
    """Open trades, the curve, and a page of the closed ones."""
    whole = wanted == TradeFilter(account.id)
    section(f"Open trades ({len(opened)})")
    if opened.empty:
        journal_empties.no_open_trades(whole)
    else:
        trade_tables.open_trades(opened, prices)
    if len(results.trades):
        _curve(key, account, results, whole)
    _closed(key, results, whole)


def _curve(key: data.Stamp, account: Account, results: Results, whole: bool) -> None:
    """The account's balance, or what the trades that match add up to."""
    if whole and account.id is not None:
        equity(account, results.trades, cash(key, account.id), key="journal_equity", height=190)
    else:
        sum_of(results.trades, account.currency, key="journal_sum", height=190)


def _closed(key: data.Stamp, results: Results, whole: bool) -> None:
    count = len(results.trades)
    if not count:
        section("Closed trades (0)")
        journal_empties.no_closed_trades(whole)
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="journal_closed_bar"):
        section(f"Closed trades ({count:,})")
        if count > 1:
            st.selectbox("Order", _ORDERS, key=_ORDER, label_visibility="collapsed", width=170)
        first = _pages(count)
        chosen_bar = st.container(horizontal=True, gap="small", vertical_alignment="center", width="content")
    ids = ids_of(results, str(st.session_state.get(_ORDER, _ORDERS[0])), first)
    shown = data.cached(key, trades.trades_by_id, ids)
    tags = data.cached(key, trades.tags_of, ids)
    chosen = trade_tables.closed_trades(shown, tags, "closed_trades")
    with chosen_bar:
        if chosen:
            versions = dict(zip(shown["id"], shown["version"], strict=True))
            seen = {one: int(versions[one]) for one in chosen}
            st.button(f"Edit {len(chosen)} chosen", type="primary", key="bulk", on_click=_edit, args=(seen,))
        else:
            st.caption("A click shows a trade; ticked ones are edited together.", width="content")


def ids_of(results: Results, order: str, first: int = 0) -> list[int]:
    """Ids of a page of the closed trades in this order, from the place `first` on."""
    closed = results.trades
    by: dict[str, Any] = {
        "Newest first": -np.arange(len(closed)),
        "Oldest first": np.arange(len(closed)),
        "Best first": -closed.pnl,
        "Worst first": closed.pnl,
        "Longest held first": closed.opened - closed.closed,
    }
    places = closed.row[np.argsort(by[order], kind="stable")[first : first + PAGE]]
    return [int(one) for one in results.frame["id"].to_numpy()[places]]


def _edit(seen: dict[int, int]) -> None:
    dialogs.show("bulk", 0)
    st.session_state[SEEN] = seen


def _pages(count: int) -> int:
    """The place of the first trade that is shown, with buttons to the pages around it where there are some."""
    first = min(int(st.session_state.get(_FROM, 0)), (count - 1) // PAGE * PAGE)
    if count > PAGE:
        st.caption(f"{first + 1:,} to {min(first + PAGE, count):,}", width="content")
        for label, step in (("Back", -PAGE), ("Next", PAGE)):
            st.button(
                label,
                key=f"journal_{label.lower()}",
                on_click=_turn,
                args=(first + step,),
                disabled=not 0 <= first + step < count,
            )
    return first


def _turn(first: int) -> None:
    st.session_state[_FROM] = first


def held(trade: pd.Series) -> str:
    """How long a trade was open, or is by now."""
    end = data.now() if formats.absent(trade["closed_at"]) else trade["closed_at"]
    return formats.age((end - trade["opened_at"]).total_seconds())
