"""A signal taken by sending its order: the bracket of its entry, its stop and a target."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import streamlit as st

from core.errors import ChartroomError, ParameterError
from core.risk import plain
from core.signals.levels import to_tick
from dashboard import data, dialogs
from dashboard.challenge import room as room_panel
from dashboard.challenge.form import number
from dashboard.components import dialog_parts, formats
from dashboard.components.markup import markdown, show, tag
from dashboard.orders import fields as order_fields
from dashboard.orders import room as order_room
from dashboard.orders import words as order_words
from dashboard.signals.card import targets_of
from db.actions.orders import OrderRequest
from db.models import Account
from db.store.challenge.room_fees import commissions
from db.store.proposal import Proposal
from db.views import order_rules
from db.views import room as rooms
from db.views.room import Known
from db.views.signals import SignalDetail

BOOK, SEND = "Book the fill I took", "Send order"
_HOW = "dialog_how"
_NONE = "No target"


def open_send(signal_id: int) -> None:
    """Open the dialog of a signal with the order chosen; for `on_click`."""
    dialogs.show("accept", signal_id)
    st.session_state[_HOW] = SEND


def sends() -> bool:
    """The choice between booking a fill and sending an order; whether an order is to be sent."""
    st.session_state.setdefault(_HOW, BOOK)
    how = st.segmented_control("How", (BOOK, SEND), key=_HOW, required=True, label_visibility="collapsed",
                               on_change=dialogs.forgive)  # fmt: skip
    return how == SEND


def send_form(detail: SignalDetail, account: Account, note_length: int) -> None:
    """Size, target, risk and reward, every rule's answer, and the button that sends it."""
    signal, symbol, known = detail.signal, detail.symbol, data.read(order_rules.brokers, data.now_ms())
    # One form makes one order, however often its button is pressed.
    st.session_state.setdefault("dialog_key", uuid4().hex)
    room = room_panel.known(account.id or 0)
    proposed = _proposed(room, detail)
    levels = _targets(detail)
    with st.container(key="order_fields_signal"):
        _quantity_field(detail, proposed)
        first = min(1, len(levels) - 1)
        aim = st.selectbox("Target", list(levels), index=first, key="dialog_aim", on_change=dialogs.forgive)
    target = levels[aim]
    room_panel.proposal_line(proposed)
    quantity = _shown(proposed)
    if quantity:
        entry = to_tick(signal.entry, symbol.tick_size)
        order_room.figures(room, symbol, signal.direction, entry, quantity, signal.stop, target)
    broker = order_room.broker_choice(known)
    st.session_state.setdefault("dialog_note", "")
    st.text_area("Note", max_chars=note_length, height=70, key="dialog_note", placeholder="Why you take it (optional)")
    request = _request(detail, account, quantity, target, broker) if quantity else None
    if request is not None:
        order_room.answers(request, account)
        waits = order_words.waits_at(request.entry, symbol.tick_size)
        told = (
            f"The entry goes {waits}, {order_words.life(request.entry.tif, request.entry.until)}; once it fills, the "
        )
        show(tag("div", f"{told}trade is in the journal with this stop and target.", cls="small muted"))
    dialog_parts.show_error()
    st.button(
        "Send the order" if request is None else markdown(order_room.label(request, symbol)),
        type="primary",
        key="dialog_send",
        on_click=_send,
        args=(detail, account),
        width="stretch",
        disabled=request is None or not order_room.confirmed(broker, known),
    )


def _targets(detail: SignalDetail) -> dict[str, float | None]:
    """The signal's targets by what they are called, the nearest first; and none."""
    tick = detail.symbol.tick_size
    found = {f"{one.name} at {formats.price(one.price, tick)}": one.price for one in targets_of(detail.signal)}
    return {_NONE: None} | found


def _quantity_field(detail: SignalDetail, proposed: Proposal | None) -> None:
    st.session_state.setdefault("dialog_units", "")
    hint = f"{plain(proposed.quantity)} (from risk)" if proposed is not None and proposed.quantity else ""
    st.text_input(f"Quantity (steps of {plain(detail.symbol.lot_step)})", key="dialog_units", placeholder=hint,
                  on_change=dialogs.forgive)  # fmt: skip


def _proposed(room: Known, detail: SignalDetail) -> Proposal | None:
    signal = detail.signal
    try:
        fees = data.read(commissions, detail.symbol, signal.entry, signal.stop)
        return rooms.proposal_for(room, detail.symbol, signal.direction, signal.entry, signal.stop, fees)
    except ParameterError:
        return None


def _quantity(proposed: Proposal | None) -> Decimal:
    """What is typed, else what is proposed.

    Raises:
        ParameterError: there is neither, or it is no number.
    """
    typed = str(st.session_state.get("dialog_units") or "").strip()
    if typed:
        return number(typed, "quantity")
    if proposed is None or not proposed.quantity:
        raise ParameterError("The order has no quantity: enter one.", "quantity")
    return proposed.quantity


def _shown(proposed: Proposal | None) -> Decimal | None:
    try:
        return _quantity(proposed)
    except ChartroomError as error:
        show(tag("div", error.message, cls="small warning"))
        return None


def _request(
    detail: SignalDetail, account: Account, quantity: Decimal, target: float | None, broker: str
) -> OrderRequest:
    signal, key = detail.signal, str(st.session_state["dialog_key"])
    return OrderRequest(
        key=key,
        account_id=account.id or 0,
        symbol_id=signal.symbol_id,
        legs=order_fields.signal_legs(signal, detail.symbol, quantity, target, signal.expires_at, key),
        broker=broker,
        signal_id=signal.id,
        note=str(st.session_state.get("dialog_note") or "").strip(),
    )


def _send(detail: SignalDetail, account: Account) -> None:
    # The second click of a double click finds the dialog closed.
    if not dialogs.is_open("accept", detail.signal.id or 0):
        return
    state = st.session_state
    try:
        # Read anew: what was typed just before the click is not on the page yet.
        quantity = _quantity(_proposed(room_panel.known(account.id or 0), detail))
    except ChartroomError as error:
        dialogs.fail(error.message)
        return
    broker = str(state.get("dialog_broker") or "paper")
    target = _targets(detail).get(str(state.get("dialog_aim")))
    ticket = order_room.send(_request(detail, account, quantity, target, broker))
    if ticket is not None:
        dialogs.succeed(f"Signal {detail.signal.id} is accepted: order {ticket} is placed.")
