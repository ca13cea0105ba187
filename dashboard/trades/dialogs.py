"""Dialogs about positions: a trade of one's own, part of one taken off or added, stop and target moved."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import streamlit as st

from core.errors import ChartroomError, LimitError
from core.risk import profit, risk_at_stop
from dashboard import data, dialogs
from dashboard.challenge.form import number
from dashboard.components import formats
from dashboard.components.markup import badge, markdown, show, tag
from dashboard.components.moments import moment_fields, stated_moment
from dashboard.components.panels import Figure, strip, tone
from dashboard.trades.tables import show_trade
from db.actions.positions import ManualTrade, Part, close_part, move_stop, move_target, open_trade, scale_in
from db.models import Account, Symbol
from db.views import room as rooms
from db.views import trades
from db.views.trades import TradeDetail

_SIDES = {"Long": 1, "Short": -1}
_LIMIT = "dialog_limit"


def manual_dialog(key: data.Stamp, account: Account) -> None:
    """Draw the dialog of a new trade when it is open."""
    if account.id is not None and dialogs.is_open("manual", account.id):
        _manual(account, data.cached(key, trades.tradable, account.currency))


def part_dialogs(detail: TradeDetail) -> None:
    """Draw the dialog that is open about this trade, if one is."""
    opened = dialogs.opened()
    if opened is None or opened.subject != detail.trade.id or detail.trade.status != "open":
        return
    if opened.name in ("part", "add"):
        title = "Add to the trade" if opened.name == "add" else "Take part off"
        st.dialog(title, width="medium", on_dismiss=dialogs.close)(_part)(detail, adding=opened.name == "add")
    elif opened.name in ("stop", "target"):
        st.dialog(f"Move the {opened.name}", on_dismiss=dialogs.close)(_level)(detail, opened.name)


@st.dialog("New trade", width="medium", on_dismiss=dialogs.close)
def _manual(account: Account, symbols: list[Symbol]) -> None:
    if not dialogs.is_open("manual", account.id or 0):
        st.rerun()
    if not symbols:
        st.info(f"No symbol is traded in {account.currency}: add one first, with python -m workers add-symbol.")
        return
    known = {one.id or 0: one for one in symbols}
    first, second = st.columns(2, gap="small")
    chosen = first.selectbox("Symbol", list(known), format_func=lambda one: known[one].name, key="dialog_symbol")
    with second:
        side = st.segmented_control("Side", list(_SIDES), default="Long", key="dialog_side", required=True)
    step = formats.quantity(known[chosen].lot_step)
    first, second = st.columns(2, gap="small")
    _field(first, "Price of the fill", "price")
    _field(second, "Quantity", "quantity", help=f"In steps of {step}.")
    _field(first, "Stop", "stop", placeholder="None: the trade has no R")
    _field(second, "Target", "target", placeholder="None")
    _field(first, f"Fee ({account.currency})", "fee", placeholder="0")
    _field(second, "Setup", "setup", max_chars=80)
    moment_fields("dialog", data.now())
    st.session_state.setdefault("dialog_note", "")
    st.text_area("Note", key="dialog_note", height=70, placeholder="Why you took it (optional)")
    _risk(account, known[chosen], _SIDES[str(side)])
    if st.session_state.get(_LIMIT):
        st.checkbox("It has happened: book it all the same", key="dialog_anyway")
    _error()
    st.button("Book the trade", type="primary", key="dialog_book", on_click=_book, args=(account.id,), width="stretch")


def _risk(account: Account, symbol: Symbol, direction: int) -> None:
    """What the trade would risk and could make, as far as the fields say."""
    try:
        price, quantity, stop = (_wanted(name) for name in ("price", "quantity", "stop"))
        target = _wanted("target")
    except ChartroomError:
        return
    if price is None or quantity is None or stop is None or min(price, quantity, stop) <= 0:
        return
    if direction * (price - stop) <= 0:
        return
    risk = risk_at_stop(quantity, float(price), float(stop), symbol.point_value)
    figures = [Figure("Risk at the stop", formats.money(risk, account.currency))]
    if target is not None and direction * (target - price) > 0 and risk:
        gain = profit(direction, float(price), float(target), quantity, symbol.point_value)
        gain_note = formats.money(gain, account.currency)
        figures.append(Figure("At the target", formats.multiple(float(gain / risk)), gain_note))
    strip(figures)


def _book(account_id: int) -> None:
    if not dialogs.is_open("manual", account_id):
        return
    state, now = st.session_state, data.now()
    try:
        stop, target = _wanted("stop"), _wanted("target")
        manual = ManualTrade(
            symbol_id=int(state.dialog_symbol),
            direction=_SIDES[state.dialog_side],
            quantity=_needed("quantity"),
            price=float(_needed("price")),
            opened_at=stated_moment("dialog", now),
            stop=None if stop is None else float(stop),
            target=None if target is None else float(target),
            fee=_wanted("fee") or Decimal(0),
            setup=str(state.dialog_setup or ""),
            note=str(state.dialog_note or ""),
        )
        trade_id = open_trade(data.engine(), account_id, manual, now, limits=not state.get("dialog_anyway"))
    except LimitError as error:
        state[_LIMIT] = True
        dialogs.fail(error.message)
    except ChartroomError as error:
        dialogs.fail(error.message)
    else:
        show_trade(trade_id)
        dialogs.succeed(f"Trade {trade_id} is booked.")


def _part(detail: TradeDetail, *, adding: bool) -> None:
    trade_id = detail.trade.id or 0
    if not dialogs.is_open("add" if adding else "part", trade_id):
        st.rerun()
    _what(detail)
    first, second = st.columns(2, gap="small")
    _field(first, "Quantity", "quantity")
    _field(second, "Price of the fill", "price")
    _field(first, "Fee", "fee", placeholder="0")
    _field(second, "Swap", "swap", placeholder="0", help="A cost; a credit has a minus sign.")
    moment_fields("dialog", data.now())
    if not adding:
        _part_result(detail)
    if adding and st.session_state.get(_LIMIT):
        st.checkbox("It has happened: book it all the same", key="dialog_anyway")
    _error()
    label = "Add it" if adding else "Take it off"
    arguments = (trade_id, detail.trade.version, adding)
    st.button(label, type="primary", key="dialog_part", on_click=_book_part, args=arguments, width="stretch")


def _part_result(detail: TradeDetail) -> None:
    try:
        price, quantity = _wanted("price"), _wanted("quantity")
    except ChartroomError:
        return
    if price is None or quantity is None or price <= 0:
        return
    trade = detail.trade
    made = profit(trade.direction, trade.entry_price, float(price), quantity, trade.per_point)
    left = trade.open_quantity - quantity
    strip(
        (
            Figure("It makes", formats.money(made, detail.account.currency, signed=True), "before costs", tone(made)),
            Figure("Left open", formats.quantity(left) if left >= 0 else formats.NOTHING),
        )
    )


def _book_part(trade_id: int, version: int, adding: bool) -> None:
    if not dialogs.is_open("add" if adding else "part", trade_id):
        return
    now = data.now()

    def book() -> None:
        costs = (_wanted("fee") or Decimal(0), _wanted("swap") or Decimal(0))
        part = Part(_needed("quantity"), float(_needed("price")), stated_moment("dialog", now), *costs)
        if adding:
            limits = not st.session_state.get("dialog_anyway")
            scale_in(data.engine(), trade_id, version, part, now, limits=limits)
        else:
            close_part(data.engine(), trade_id, version, part, now)

    _do(book, f"Trade {trade_id}: the fill is booked.")


def _level(detail: TradeDetail, name: str) -> None:
    trade = detail.trade
    if not dialogs.is_open(name, trade.id or 0):
        st.rerun()
    _what(detail)
    tick = float(detail.row["tick_size"])
    stands = formats.price(getattr(trade, name), tick)
    _field(st, f"New {name}", "level", placeholder=f"Now {stands}; nothing: none")
    moment_fields("dialog", data.now())
    _field(st, "Note", "words", max_chars=200, placeholder="Why (optional)")
    if name == "stop":
        _past_the_rules(detail)
    _error()
    arguments = (trade.id, trade.version, name)
    st.button("Move it", type="primary", key="dialog_move", on_click=_move, args=arguments, width="stretch")


def _past_the_rules(detail: TradeDetail) -> None:
    """Say what the account's rules have against the stop that is typed. It can be moved all the same: what has happened
    has happened.
    """
    try:
        level = _wanted("level")
    except ChartroomError:
        return
    if level is None or level <= 0:
        return
    for told in data.read(rooms.after_move, detail.trade.id or 0, float(level), data.now()):
        st.warning(markdown(f"{told} The journal keeps the move all the same."))


def _move(trade_id: int, version: int, name: str) -> None:
    if not dialogs.is_open(name, trade_id):
        return
    now = data.now()

    def move() -> None:
        level = _wanted("level")
        act = move_stop if name == "stop" else move_target
        note = str(st.session_state.get("dialog_words") or "")
        place = None if level is None else float(level)
        act(data.engine(), trade_id, version, place, stated_moment("dialog", now), now, note)

    _do(move, f"The {name} of trade {trade_id} is moved.")


def _do(act: Callable[[], None], sentence: str) -> None:
    try:
        act()
    except LimitError as error:
        st.session_state[_LIMIT] = True
        dialogs.fail(error.message)
    except ChartroomError as error:
        dialogs.fail(error.message)
    else:
        dialogs.succeed(sentence)


def _field(place: Any, label: str, name: str, **options: Any) -> None:
    """A text field that begins empty: without being told so, the browser would go on with what was typed before."""
    st.session_state.setdefault(f"dialog_{name}", "")
    place.text_input(label, key=f"dialog_{name}", on_change=dialogs.forgive, **options)


def _what(detail: TradeDetail) -> None:
    trade, tick = detail.trade, float(detail.row["tick_size"])
    side = tag("b", formats.side(trade.direction), cls="up" if trade.direction > 0 else "down")
    held = f" {formats.quantity(trade.open_quantity)} open at {formats.price(trade.entry_price, tick)}"
    show(tag("div", tag("b", detail.symbol.name), badge(detail.symbol.source), " ", side, held, f", trade {trade.id}"))


def _wanted(name: str) -> Decimal | None:
    """The number in a field; None when it is empty. Raises ParameterError when it is none."""
    text = str(st.session_state.get(f"dialog_{name}") or "").strip()
    return number(text, name) if text else None


def _needed(name: str) -> Decimal:
    text = str(st.session_state.get(f"dialog_{name}") or "").strip()
    return number(text, name)


def _error() -> None:
    if dialogs.error():
        st.error(markdown(dialogs.error()))
