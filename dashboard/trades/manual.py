"""Book a trade that no signal suggested: a dialog with size, risk and every rule's answer before the click."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from core.errors import ChartroomError
from core.risk import exact, plain
from dashboard import data, dialogs
from dashboard.challenge import room as room_panel
from dashboard.challenge.form import number
from dashboard.components import dialog_parts, formats
from dashboard.components.markup import markdown, show, tag
from dashboard.components.moments import moment_fields, stated_moment
from db.actions.positions import ManualTrade, open_trade
from db.models import Account, Symbol
from db.store.challenge.room_fees import there_and_back
from db.store.limits import Intent
from db.views.charts import chart_symbols
from db.views.desk import last_prices
from db.views.room import Known

NOTE_LENGTH = 500
SETUP_LENGTH = 60
_SIDES = {"Long": 1, "Short": -1}


def new_trade_button(account: Account, key: str = "trade_new") -> None:
    """The button that opens the dialog for an account."""
    st.button("New trade", key=key, type="primary", on_click=dialogs.show, args=("trade", account.id))


def manual_dialog(account: Account | None) -> None:
    """Draw the dialog when it is open for this account."""
    if account is not None and dialogs.is_open("trade", account.id or 0):
        _dialog(account)


@st.dialog("Book a trade", width="large", on_dismiss=dialogs.close)
def _dialog(account: Account) -> None:
    if not dialogs.is_open("trade", account.id or 0):
        st.rerun()
    symbol = _symbol(account)
    if symbol is None:
        return
    prices = _prices(symbol)
    known = room_panel.known(account.id or 0)
    proposed = None
    if prices is not None:
        direction, entry, stop, _ = prices
        if stop is not None:
            proposed = room_panel.proposal_of(known, symbol, direction, entry, stop, there_and_back(_fee()))
    size, fee, setup = st.columns(3)
    with size:
        quantity = _quantity(symbol, None if proposed is None else proposed.quantity)
    fee.text_input("Fee", key="dialog_fee", placeholder="0", on_change=dialogs.forgive)
    setup.text_input("Setup", key="dialog_setup", max_chars=SETUP_LENGTH)
    room_panel.proposal_line(proposed)
    moment_fields("dialog", data.now())
    refused = prices is None or quantity is None
    if prices is not None and quantity is not None:
        refused = _refused(known, symbol, prices, quantity)
    st.text_area("Note", key="dialog_note", max_chars=NOTE_LENGTH, height=70)
    filled = st.toggle(
        "It is filled already: book it whatever the rules say",
        key="dialog_anyway",
        help="What happened has happened: the journal keeps it, and the challenge is judged by it.",
    )
    dialog_parts.show_error()
    st.button(
        "Book the trade",
        type="primary",
        key="dialog_trade",
        on_click=_book,
        args=(account.id, symbol.id),
        width="stretch",
        disabled=refused and not (filled and prices is not None and quantity is not None),
    )


def _symbol(account: Account) -> Symbol | None:
    """What can be traded in the account's currency."""
    symbols = {one.id: one for one in data.read(chart_symbols) if one.currency == account.currency}
    if not symbols:
        st.error(markdown(f"No symbol is priced in {account.currency}: the desk has no exchange rate to size a trade."))
        return None
    left, right = st.columns([2, 1])
    picked = left.selectbox(
        "Symbol",
        list(symbols),
        format_func=lambda one: symbols[one].name,
        key="dialog_symbol",
        on_change=dialogs.forgive,
    )
    right.selectbox("Side", list(_SIDES), key="dialog_side", on_change=dialogs.forgive)
    if st.session_state.get("dialog_prices_of") != picked:
        # Prices and size belong to the symbol. Set here and not taken away: a field would keep what it shows.
        last = data.read(last_prices, (picked or 0,)).get(picked or 0)
        near = formats.price(last.price, symbols[picked].tick_size) if last else ""
        st.session_state.update(dialog_prices_of=picked, dialog_entry=near, dialog_stop="", dialog_target="")
        st.session_state["dialog_quantity"] = ""
    return symbols[picked]


def _prices(symbol: Symbol) -> tuple[int, float, float | None, float | None] | None:
    """Direction, entry, stop and target; None, with the sentence on the page, while one of them is no number."""
    last = data.read(last_prices, (symbol.id or 0,)).get(symbol.id or 0)
    entry, stop, target = st.columns(3)
    entry.text_input(f"Entry price ({symbol.currency})", key="dialog_entry", on_change=dialogs.forgive)
    stop.text_input("Stop", key="dialog_stop", on_change=dialogs.forgive, placeholder="Without it the trade has no R")
    target.text_input("Target", key="dialog_target", on_change=dialogs.forgive, placeholder="Optional")
    if last:
        near = formats.price(last.price, symbol.tick_size)
        st.caption(f"The last stored close is {near}, as of {formats.utc(last.as_of)} UTC. State your fill.")
    try:
        return _typed()
    except ChartroomError as error:
        st.error(markdown(error.message))
        return None


def _typed() -> tuple[int, float, float | None, float | None]:
    state = st.session_state
    entry, *levels = (
        float(number(str(state[f"dialog_{name}"]), what)) if str(state[f"dialog_{name}"]).strip() else None
        for name, what in (("entry", "entry price"), ("stop", "stop"), ("target", "target"))
    )
    if entry is None:
        number("", "entry price")
    assert entry is not None
    return _SIDES[state.dialog_side], entry, levels[0], levels[1]


def _quantity(symbol: Symbol, proposed: Decimal | None) -> Decimal | None:
    """What is typed, else what is proposed; None while there is neither."""
    typed = st.text_input(
        f"Quantity (steps of {plain(symbol.lot_step)})",
        key="dialog_quantity",
        placeholder=f"{plain(proposed)} (proposed)" if proposed else "",
        on_change=dialogs.forgive,
    )
    st.session_state["dialog_proposed"] = proposed
    try:
        return _size(typed, proposed)
    except ChartroomError as error:
        st.error(markdown(error.message))
        return None


def _size(typed: str, proposed: Decimal | None) -> Decimal | None:
    return number(typed, "quantity") if typed.strip() else proposed or None


def _refused(
    account: Known, symbol: Symbol, prices: tuple[int, float, float | None, float | None], quantity: Decimal
) -> bool:
    direction, entry, stop, _ = prices
    at = stated_moment("dialog", data.now())
    if stop is not None and direction * (exact(entry) - exact(stop)) <= 0:
        # Said already, where a size was to be proposed.
        return True
    intent = Intent(direction, quantity, entry, stop, at, fees=there_and_back(_fee()))
    room = room_panel.room_panel(account, symbol, intent)
    if room is not None and room.risk is not None:
        share = room.risk / account.balance if account.balance > 0 else None
        risk = tag("b", formats.money(room.risk, account.account.currency))
        show(tag("div", "Risk ", risk, f" to the stop, {formats.percent(share, 2)} of the balance."))
    return room is not None and room.refused is not None


def _fee() -> Decimal:
    """The fee that is typed; none while it is no number: booking then says so."""
    try:
        return number(str(st.session_state.get("dialog_fee") or "").strip() or "0", "fee")
    except ChartroomError:
        return Decimal(0)


def _book(account_id: int, symbol_id: int) -> None:
    # The second click of a double click finds the dialog closed.
    if not dialogs.is_open("trade", account_id):
        return
    state, now = st.session_state, data.now()
    try:
        direction, entry, stop, target = _typed()
        manual = ManualTrade(
            symbol_id=symbol_id,
            direction=direction,
            quantity=_size(str(state.dialog_quantity), state.get("dialog_proposed")) or Decimal(0),
            price=entry,
            opened_at=stated_moment("dialog", now),
            stop=stop,
            target=target,
            fee=number(str(state.dialog_fee).strip() or "0", "fee"),
            setup=str(state.get("dialog_setup") or ""),
            note=str(state.get("dialog_note") or ""),
        )
        trade_id = open_trade(data.engine(), account_id, manual, now, limits=not state.get("dialog_anyway"))
    except ChartroomError as error:
        dialogs.fail(error.message)
    else:
        dialogs.succeed(f"Trade {trade_id} is open in the journal.")
