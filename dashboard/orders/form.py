"""A new order by hand: every type, with exits if wanted; size, risk and every rule's answer before the click."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, TypeVar
from uuid import uuid4

import streamlit as st

from core.errors import ChartroomError, ParameterError
from core.orders import OrderType, Side, TimeInForce
from core.risk import plain
from core.signals.levels import to_tick
from core.timeframe import Timeframe
from dashboard import data, dialogs
from dashboard.challenge import room as room_panel
from dashboard.challenge.form import number
from dashboard.components import dialog_parts, formats
from dashboard.components.markup import markdown, show, tag
from dashboard.orders import fields as order_fields
from dashboard.orders import room as order_room
from dashboard.orders import table as order_table
from dashboard.orders import words as order_words
from dashboard.orders.fields import BY_PERCENT, BY_PRICE, Prices
from db.actions.orders import OrderRequest
from db.models import Account, Symbol
from db.store.challenge.room_fees import commissions
from db.store.moments import to_ms
from db.store.orders.market import paper_day_end
from db.store.proposal import Proposal
from db.views import room as rooms
from db.views.charts import chart_symbols
from db.views.desk import LastPrice, last_prices
from db.views.order_rules import Brokers
from db.views.room import Known

T = TypeVar("T")
NOTE_LENGTH = 500
_FAR: Final = 100
"""Ticks of the distance that a trailing stop is shown as an example."""
_SIDES = {"Buy": Side.BUY, "Sell": Side.SELL}
_FIELDS = ("limit", "trigger", "trail", "stop", "target")


def order_dialog(account: Account, known: Brokers) -> None:
    """Draw the dialog when it is open for this account."""
    if dialogs.is_open("order", account.id or 0):
        _dialog(account, known)


@st.dialog("New order", width="large", on_dismiss=dialogs.close)
def _dialog(account: Account, known: Brokers) -> None:
    if not dialogs.is_open("order", account.id or 0):
        st.rerun()
    # One form makes one order, however often its button is pressed.
    st.session_state.setdefault("dialog_key", uuid4().hex)
    symbol = _symbol(account)
    if symbol is None:
        return
    last = data.read(last_prices, (symbol.id or 0,)).get(symbol.id or 0)
    room = room_panel.known(account.id or 0)
    with st.container(key="order_fields_prices"):
        _price_fields(symbol)
        size = st.container()
    _market_line(symbol, last)
    prices = _attempt(_prices)
    entry = order_fields.entry_price(prices, _last(symbol, last)) if prices else None
    proposed = _attempt(lambda: _proposed(room, symbol, prices, entry))
    with size:
        _quantity_field(symbol, proposed)
    room_panel.proposal_line(proposed)
    quantity = _attempt(lambda: _quantity(proposed))
    if prices is not None and entry is not None and quantity:
        side = int(_SIDES[st.session_state.dialog_side])
        order_room.figures(room, symbol, side, entry, quantity, prices.stop, prices.target)
    broker = order_room.broker_choice(known)
    st.text_area("Note", key="dialog_note", max_chars=NOTE_LENGTH, height=70, placeholder="Why (optional)")
    request = _request(account.id or 0, symbol, prices, quantity) if prices is not None and quantity else None
    if request is not None:
        order_room.answers(request, account)
    dialog_parts.show_error()
    st.button(
        "Place the order" if request is None else markdown(order_room.label(request, symbol)),
        type="primary",
        key="dialog_place",
        on_click=_place,
        args=(account.id, symbol),
        width="stretch",
        disabled=request is None or not order_room.confirmed(broker, known),
    )


def _symbol(account: Account) -> Symbol | None:
    """What is traded, which way, how and for how long."""
    symbols = {one.id: one for one in data.read(chart_symbols) if one.currency == account.currency}
    if not symbols:
        st.error(
            markdown(f"No symbol is priced in {account.currency}: the desk has no exchange rate to size an order.")
        )
        return None
    with st.container(key="order_fields_what"):
        picked = st.selectbox("Symbol", list(symbols), format_func=lambda one: symbols[one].name, key="dialog_symbol",
                              on_change=dialogs.forgive)  # fmt: skip
        st.segmented_control("Side", list(_SIDES), default="Buy", key="dialog_side", required=True, width="stretch",
                             on_change=dialogs.forgive)  # fmt: skip
        st.selectbox("Type", list(OrderType), format_func=order_words.TYPES.__getitem__, key="dialog_type",
                     on_change=dialogs.forgive)  # fmt: skip
        st.session_state.setdefault("dialog_tif", TimeInForce.GTC)
        st.selectbox("Time in force", list(TimeInForce), format_func=order_words.TIFS.__getitem__, key="dialog_tif",
                     on_change=dialogs.forgive)  # fmt: skip
    if st.session_state.get("dialog_prices_of") != picked:
        # Prices and size belong to the symbol. Set here and not taken away: a field would keep what it shows.
        st.session_state["dialog_prices_of"] = picked
        st.session_state.update({f"dialog_{name}": "" for name in (*_FIELDS, "quantity")})
    return symbols[picked]


def _price_fields(symbol: Symbol) -> None:
    """The end of a good-till-date order, the prices of the type, and the exits."""
    state, tick = st.session_state, symbol.tick_size
    kind = OrderType(state.dialog_type)
    if state.dialog_tif == TimeInForce.GTD:
        tomorrow = data.now() + timedelta(days=1)
        st.date_input("Works until (UTC)", value=tomorrow.date(), min_value=data.now().date(), key="dialog_until_day")
        st.time_input("at (UTC)", value=tomorrow.time().replace(second=0, microsecond=0), key="dialog_until_time")
    if state.dialog_tif == TimeInForce.DAY and (symbol.base_timeframe or 0) >= Timeframe.D1:
        end = data.read(paper_day_end, symbol, data.now())
        told = f"On paper it ends with the first whole bar after it, {formats.utc(end)} UTC: none shorter is stored."
        show(tag("div", told, cls="small muted"))
    if kind.has_stop:
        _price("Stop price", "trigger", "Where it is triggered")
    if kind.has_limit:
        _price("Limit price", "limit", "Never worse than this")
    if kind is OrderType.TRAILING_STOP:
        st.selectbox("Trails by", (BY_PRICE, BY_PERCENT), key="dialog_by", on_change=dialogs.forgive)
        _price("Distance", "trail", "1.5" if state.dialog_by == BY_PERCENT else formats.price(tick * _FAR, tick))
    _price("Stop loss", "stop", "None: the trade has no R")
    _price("Target", "target", "None")


def _market_line(symbol: Symbol, last: LastPrice | None) -> None:
    """Where the market stands by the stored bars."""
    if last is None:
        told = f"No bar of {symbol.name} is stored: the paper broker cannot fill it yet."
        show(tag("div", told, cls="small warning"))
        return
    near = f"{symbol.name} closed at {formats.price(last.price, symbol.tick_size)}, as of {formats.utc(last.as_of)} UTC"
    show(tag("div", f"{near}; prices in ticks of {symbol.tick_size:g}.", cls="small muted"))


def _last(symbol: Symbol, last: LastPrice | None) -> float | None:
    return None if last is None else to_tick(last.price, symbol.tick_size)


def _price(label: str, name: str, placeholder: str) -> None:
    st.session_state.setdefault(f"dialog_{name}", "")
    st.text_input(label, key=f"dialog_{name}", placeholder=placeholder, on_change=dialogs.forgive)


def _quantity_field(symbol: Symbol, proposed: Proposal | None) -> None:
    st.session_state.setdefault("dialog_quantity", "")
    sized = proposed is not None and proposed.quantity
    st.text_input(
        f"Quantity (steps of {plain(symbol.lot_step)})",
        key="dialog_quantity",
        placeholder=f"{plain(proposed.quantity)} (from risk)" if proposed and sized else "A stop loss sizes it",
        on_change=dialogs.forgive,
    )


def _attempt(read: Callable[[], T]) -> T | None:
    """What the fields say; None, with the sentence on the page, while one of them cannot be."""
    try:
        return read()
    except ChartroomError as error:
        show(tag("div", error.message, cls="small warning"))
        return None


def _prices() -> Prices:
    state = st.session_state
    fields = {name: str(state.get(f"dialog_{name}") or "") for name in (*_FIELDS, "by")}
    return order_fields.prices_of(OrderType(state.dialog_type), fields)


def _proposed(room: Known, symbol: Symbol, prices: Prices | None, entry: float | None) -> Proposal | None:
    """The size by the account's risk, once there is a stop."""
    if prices is None or prices.stop is None or entry is None:
        return None
    side = int(_SIDES[st.session_state.dialog_side])
    fees = data.read(commissions, symbol, entry, prices.stop)
    return rooms.proposal_for(room, symbol, side, entry, prices.stop, fees)


def _quantity(proposed: Proposal | None) -> Decimal | None:
    """What is typed, else what is proposed."""
    typed = str(st.session_state.get("dialog_quantity") or "").strip()
    if typed:
        return number(typed, "quantity")
    return proposed.quantity if proposed is not None else None


def _request(account_id: int, symbol: Symbol, prices: Prices, quantity: Decimal) -> OrderRequest:
    state = st.session_state
    tif = TimeInForce(state.dialog_tif)
    until = None
    if tif is TimeInForce.GTD:
        until = to_ms(datetime.combine(state.dialog_until_day, state.dialog_until_time, tzinfo=UTC))
    side, kind = _SIDES[state.dialog_side], OrderType(state.dialog_type)
    entry = order_fields.entry_terms(side, kind, quantity, prices, tif, until)
    return OrderRequest(
        key=state.dialog_key,
        account_id=account_id,
        symbol_id=symbol.id or 0,
        legs=order_fields.legs_of(entry, prices.stop, prices.target, state.dialog_key),
        broker=str(state.get("dialog_broker") or "paper"),
        note=str(state.get("dialog_note") or "").strip(),
    )


def _place(account_id: int, symbol: Symbol) -> None:
    # The second click of a double click finds the dialog closed.
    if not dialogs.is_open("order", account_id):
        return
    try:
        # Read anew: what was typed just before the click is not on the page yet.
        prices = _prices()
        last = data.read(last_prices, (symbol.id or 0,)).get(symbol.id or 0)
        entry = order_fields.entry_price(prices, _last(symbol, last))
        quantity = _quantity(_proposed(room_panel.known(account_id), symbol, prices, entry))
        if quantity is None:
            raise ParameterError("The order has no quantity: enter one, or a stop loss to size it by risk.", "quantity")
    except ChartroomError as error:
        dialogs.fail(error.message)
        return
    ticket = order_room.send(_request(account_id, symbol, prices, quantity))
    if ticket is not None:
        order_table.choose(ticket)
