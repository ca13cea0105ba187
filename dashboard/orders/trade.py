"""A trade and its orders: those that opened it, protect it or close it, and a dialog that sends a closing one."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import streamlit as st

from core.errors import ChartroomError, DeskError
from core.orders import Leg, OrderType, Side, Terms, TimeInForce
from core.risk import plain
from core.signals.levels import to_tick
from dashboard import data, dialogs, navigation
from dashboard.challenge.form import number
from dashboard.components import dialog_parts, formats
from dashboard.components.markup import badge, markdown, show, table, tag
from dashboard.components.panels import section
from dashboard.orders import changes as order_changes
from dashboard.orders import fields as order_fields
from dashboard.orders import history as order_history
from dashboard.orders import room as order_room
from dashboard.orders import words as order_words
from dashboard.orders.panel import may_change
from db.actions.orders import OrderRequest, modify_order
from db.models import BrokerOrder
from db.store.orders.terms import terms_of
from db.views import order_rules, orders
from db.views.desk import LastPrice
from db.views.trades import TradeDetail

CLOSE = "close_order"
_TYPES = (OrderType.MARKET, OrderType.LIMIT, OrderType.STOP)
_HEADS = (("Order", "num"), ("Leg", ""), ("", ""), ("Filled", ""), ("Status", "nowrap"))


def close_order_button(trade_id: int) -> None:
    """The button that opens the dialog of a closing order."""
    st.button("Send closing order", key=f"close_order_{trade_id}", on_click=dialogs.show, args=(CLOSE, trade_id))


def live_exits(found: list[BrokerOrder]) -> dict[str, BrokerOrder]:
    """The stop and the target of a trade that work at a broker, by leg: moved there, the trade follows."""
    return {one.leg: one for one in found if one.leg != Leg.ENTRY and may_change(one)}


def exit_dialogs(found: list[BrokerOrder]) -> None:
    """Draw the dialog that moves one of these orders, if it is open."""
    asked = dialogs.opened()
    order = next((one for one in found if asked == dialogs.Dialog("order_modify", one.id or 0)), None)
    if order is not None:
        order_changes.change_dialogs(data.read(orders.order_detail, order.ticket_id, order.leg))


def break_even(detail: TradeDetail, order: BrokerOrder, last: LastPrice | None) -> str:
    """Move a stop order to the average entry of its trade, or ask its broker to; returns what to say of it.

    Raises:
        DeskError: the price is beyond it already, so that the stop would trade at once.
        ChartroomError: the order is not what it was, or a broker could not work it so.
    """
    trade, tick = detail.trade, detail.symbol.tick_size
    price = to_tick(trade.entry_price, tick)
    if last is not None and trade.direction * (last.price - price) <= 0:
        near, level = formats.price(last.price, tick), formats.price(price, tick)
        raise DeskError(f"The last price {near} has passed {level}: a stop there would trade at once.", price)
    terms = replace(terms_of(order), stop=price)
    modify_order(data.engine(), order.id or 0, order.version, terms, data.now())
    return order_changes.changed(_broker(detail))


def trade_orders(detail: TradeDetail, found: list[BrokerOrder]) -> None:
    """Every order of the trade."""
    if not found:
        return
    section(f"Orders ({len(found)})")
    show(table(_HEADS, [_row(one, detail.symbol.tick_size) for one in found], cls="legs"))
    with st.container(horizontal=True, gap="small", key="trade_orders"):
        for ticket in sorted({one.ticket_id for one in found}):
            navigation.link("orders", f"Order {ticket}", order=ticket)


def _row(one: BrokerOrder, tick: float) -> tuple[object, ...]:
    waits = f" {formats.quantity(one.quantity)} {order_words.waits_at(terms_of(one), tick)}"
    return (
        str(one.ticket_id),
        order_words.LEGS[one.leg],
        tag("span", order_words.side_tag(one.side), waits),
        order_history.fill_bar(one),
        order_words.status_pill(one.status, cancelling=one.cancelling),
    )


def close_order_dialog(detail: TradeDetail, last: LastPrice | None) -> None:
    """Draw the dialog when it is open about this trade."""
    if detail.trade.status == "open" and dialogs.is_open(CLOSE, detail.trade.id or 0):
        _dialog(detail, last)


@st.dialog("Send a closing order", width="medium", on_dismiss=dialogs.close)
def _dialog(detail: TradeDetail, last: LastPrice | None) -> None:
    trade, symbol = detail.trade, detail.symbol
    if not dialogs.is_open(CLOSE, trade.id or 0):
        st.rerun()
    # One form makes one order, however often its button is pressed.
    st.session_state.setdefault("dialog_key", uuid4().hex)
    side = tag("b", formats.side(trade.direction), cls="up" if trade.direction > 0 else "down")
    held = f" {formats.quantity(trade.open_quantity)} open at {formats.price(trade.entry_price, symbol.tick_size)}"
    show(tag("div", tag("b", symbol.name), badge(symbol.source), " ", side, held, f", trade {trade.id}"))
    with st.container(key="order_fields_close"):
        kind = st.selectbox("Type", _TYPES, format_func=order_words.TYPES.__getitem__, key="dialog_type",
                            on_change=dialogs.forgive)  # fmt: skip
        if kind is not OrderType.MARKET:
            dialog_parts.field("Limit price" if kind is OrderType.LIMIT else "Stop price", "price", "")
        dialog_parts.field(f"Quantity (steps of {plain(symbol.lot_step)})", "quantity", plain(trade.open_quantity))
    if last is not None:
        near = formats.price(last.price, symbol.tick_size)
        show(tag("div", f"The last stored close is {near}, as of {formats.utc(last.as_of)} UTC.", cls="small muted"))
    known = data.read(order_rules.brokers, data.now_ms())
    broker = order_room.broker_choice(known, _broker(detail))
    request = None
    try:
        request = _request(detail)
    except ChartroomError as error:
        show(tag("div", error.message, cls="small warning"))
    dialog_parts.show_error()
    st.button(
        "Send it" if request is None else markdown(order_room.label(request, symbol)),
        type="primary",
        key="dialog_send",
        on_click=_send,
        args=(detail,),
        width="stretch",
        disabled=request is None or not order_room.confirmed(broker, known),
    )


def _broker(detail: TradeDetail) -> str:
    """Where the position is: the broker of the order that opened it."""
    return data.read(orders.broker_of_trade, detail.trade.id or 0) or "paper"


def _request(detail: TradeDetail) -> OrderRequest:
    """What the fields say.

    Raises:
        ParameterError: a field is no number.
    """
    trade, state = detail.trade, st.session_state
    kind = OrderType(state.dialog_type)
    price = None if kind is OrderType.MARKET else float(number(str(state.get("dialog_price") or ""), "price"))
    terms = Terms(
        side=Side(-trade.direction),
        quantity=number(str(state["dialog_quantity"]), "quantity"),
        type=kind,
        limit=price if kind is OrderType.LIMIT else None,
        stop=price if kind is OrderType.STOP else None,
        tif=TimeInForce.GTC,
    )
    return OrderRequest(
        key=state.dialog_key,
        account_id=trade.account_id,
        symbol_id=trade.symbol_id,
        legs=order_fields.legs_of(terms, None, None, state.dialog_key),
        broker=str(state.get("dialog_broker") or "paper"),
        closes=trade.id,
    )


def _send(detail: TradeDetail) -> None:
    # The second click of a double click finds the dialog closed.
    if not dialogs.is_open(CLOSE, detail.trade.id or 0):
        return
    with dialog_parts.attempt():
        request = _request(detail)
        order_room.send(request)
