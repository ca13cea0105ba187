"""One trade on a page of its own (`?trade=12`): what happened, pictures, and what the trader says about it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import data, dialogs, navigation
from dashboard.components import dialog_parts, formats
from dashboard.components.markup import show, tag
from dashboard.components.panels import heading
from dashboard.journal import empties as journal_empties
from dashboard.journal.playbooks import playbook_dialog
from dashboard.orders import trade as order_trade
from dashboard.trades import facts as trade_facts
from dashboard.trades.closing import close_dialog
from dashboard.trades.conflict import words
from dashboard.trades.dialogs import part_dialogs
from dashboard.trades.form import trade_form
from dashboard.trades.pictures import pictures
from db.actions.positions import move_to_break_even
from db.models import BrokerOrder
from db.views import desk, orders, trades
from db.views.desk import LastPrice
from db.views.trades import TradeDetail


def trade_panel(key: data.Stamp, trade_id: int) -> None:
    """Draw the trade, or say that there is none."""
    detail = data.read(trades.trade_detail, trade_id)
    if detail is None:
        st.button("All trades", key="trade_back", on_click=_back)
        journal_empties.unknown_trade(trade_id)
        return
    prices = data.read(desk.last_prices, (detail.trade.symbol_id,))
    last = prices.get(detail.trade.symbol_id)
    sent = data.cached(key, orders.orders_of_trade, trade_id)
    _head(detail)
    trade_facts.facts(detail, last)
    if detail.trade.status == "open":
        _actions(detail, order_trade.live_exits(sent), last)
    left, right = st.columns([1.75, 1], gap="medium")
    with left:
        trade_facts.fills(detail)
        trade_facts.moves(detail)
        order_trade.trade_orders(detail, sent)
        pictures(detail)
        _history(key, detail)
    with right, st.container(key="trade_form"):
        trade_form(key, detail)
    close_dialog(pd.DataFrame([detail.row]) if detail.trade.status == "open" else pd.DataFrame({"id": []}), prices)
    part_dialogs(detail)
    order_trade.close_order_dialog(detail, last)
    order_trade.exit_dialogs(sent)
    playbook_dialog(key)


def _head(detail: TradeDetail) -> None:
    trade = detail.trade
    side = tag("b", formats.side(trade.direction), cls="up" if trade.direction > 0 else "down")
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="trade_head"):
        st.button("All trades", key="trade_back", on_click=_back)
        heading(
            str(detail.row["symbol"]), tag("span", side), f"trade {trade.id}", trade.status, detail.account.name,
            str(detail.row["strategy"] or "by hand"), source=str(detail.row["source"]),
        )  # fmt: skip
        if trade.signal_id is not None:
            navigation.link("signals", "Signal", signal=trade.signal_id)
        navigation.link("charts", "Chart", trade=trade.id)
        navigation.link("lineage", "Lineage", trade=trade.id)


def _actions(detail: TradeDetail, exits: dict[str, BrokerOrder], last: LastPrice | None) -> None:
    """What can be done with an open trade. A stop or target that works at a broker is moved there."""
    trade_id = detail.trade.id or 0
    asks = {
        name: ("order_modify", exits[name].id) if name in exits else (name, trade_id) for name in ("stop", "target")
    }
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"open_{trade_id}"):
        show(tag("span", f"{formats.quantity(detail.trade.open_quantity)} open", cls="muted"))
        for label, name in (("Take part off", "part"), ("Add to it", "add")):
            st.button(label, key=f"{name}_{trade_id}", on_click=dialogs.show, args=(name, trade_id))
        st.button("Move stop", key=f"stop_{trade_id}", on_click=dialogs.show, args=asks["stop"])
        st.button(
            "Break-even",
            key=f"even_{trade_id}",
            on_click=_break_even,
            args=(detail, exits.get("stop"), last),
            help="Moves the stop to the average price of what is open.",
        )
        st.button("Move target", key=f"target_{trade_id}", on_click=dialogs.show, args=asks["target"])
        order_trade.close_order_button(trade_id)
        st.button("Close", key=f"close_{trade_id}", on_click=dialogs.show, args=("close", trade_id), type="primary")
    dialog_parts.show_kept("trade_error")


def _history(key: data.Stamp, detail: TradeDetail) -> None:
    if not detail.changes:
        return
    with st.expander(f"All changes ({len(detail.changes)})", key="trade_changes", on_change="rerun") as panel:
        if panel.open:
            show(trade_facts.history(detail, words(key, detail, data.cached(key, trades.playbooks))))


def _break_even(detail: TradeDetail, stop: BrokerOrder | None, last: LastPrice | None) -> None:
    trade_id, now = detail.trade.id or 0, data.now()
    said = f"The stop of trade {trade_id} stands at its average entry."
    with dialog_parts.attempt("trade_error"):
        if stop is not None:
            said = order_trade.break_even(detail, stop, last)
        else:
            move_to_break_even(data.engine(), trade_id, detail.trade.version, now, now)
        dialogs.succeed(said)


def _back() -> None:
    if "trade" in st.query_params:
        del st.query_params["trade"]
