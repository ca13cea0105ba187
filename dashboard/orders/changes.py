"""Change an order, cancel it, or say what became of one that nobody knows about: a dialog each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from core.orders import Leg, OrderType, Status, Terms
from core.risk import plain
from dashboard import data, dialogs
from dashboard.challenge.form import number
from dashboard.components import dialog_parts, formats
from dashboard.components.markup import badge, show, tag
from dashboard.orders import history as order_history
from dashboard.orders import words as order_words
from db.actions.orders import cancel_order, modify_order, resolve_order
from db.store.orders.terms import terms_of
from db.views.orders import OrderDetail

NOTE_LENGTH = 500
OUTCOMES = {
    "working": "It works at the broker",
    "filled": "It was filled",
    "cancelled": "It was cancelled",
    "rejected": "The broker refused it, or never had it",
    "expired": "It expired",
}
_SEEN = "dialog_seen_version"


def change_dialogs(detail: OrderDetail | None) -> None:
    """Draw the dialog that is open about this order, if one is."""
    if detail is None or detail.order.id is None:
        return
    for name, draw in (("order_modify", _modify), ("order_cancel", _cancel), ("order_resolve", _resolve)):
        if dialogs.is_open(name, detail.order.id):
            draw(detail)


@st.dialog("Modify this order", on_dismiss=dialogs.close)
def _modify(detail: OrderDetail) -> None:
    order, symbol = detail.order, detail.symbol
    if not dialogs.is_open("order_modify", order.id or 0):
        st.rerun()
    st.session_state.setdefault(_SEEN, order.version)
    _what(detail)
    terms = terms_of(order)
    with st.container(key="order_fields_modify"):
        lot = plain(symbol.lot_step)
        dialog_parts.field(f"Quantity (steps of {lot})", "quantity", plain(terms.quantity))
        for name, label, value in _levels(terms):
            dialog_parts.field(label, name, formats.price(value, symbol.tick_size))
        if terms.trail_percent is not None:
            dialog_parts.field("Trails by (%)", "trail_percent", f"{terms.trail_percent:g}")
    if order.filled:
        told = f"{formats.quantity(order.filled)} are filled already: the quantity has to be more."
        show(tag("div", told, cls="small muted"))
    if len(detail.legs) > 1 and order.leg == Leg.ENTRY:
        show(tag("div", "Stop and target of this order take over its new quantity.", cls="small muted"))
    dialog_parts.show_error()
    st.button("Modify the order", type="primary", key="dialog_modify", on_click=_do_modify, args=(detail,),
              width="stretch")  # fmt: skip


def _levels(terms: Terms) -> list[tuple[str, str, float | None]]:
    """The prices that may be changed: name of the field of `Terms`, label, what stands."""
    found: list[tuple[str, str, float | None]] = []
    if terms.type.has_stop:
        found.append(("stop", "Stop price", terms.stop))
    if terms.type.has_limit:
        found.append(("limit", "Limit price", terms.limit))
    if terms.type is OrderType.TRAILING_STOP and terms.trail is not None:
        found.append(("trail", "Trails by (price)", terms.trail))
    return found


@st.dialog("Cancel this order", on_dismiss=dialogs.close)
def _cancel(detail: OrderDetail) -> None:
    order = detail.order
    if not dialogs.is_open("order_cancel", order.id or 0):
        st.rerun()
    _what(detail)
    for sentence in consequences(detail):
        show(tag("div", sentence, cls="attention"))
    dialog_parts.show_error()
    st.button("Cancel the order", type="primary", key="dialog_cancel", on_click=_do_cancel, args=(detail,),
              width="stretch")  # fmt: skip


def consequences(detail: OrderDetail) -> list[str]:
    """What a cancel brings with it beyond the order itself."""
    order = detail.order
    exits = [one for one in detail.legs if one.leg != Leg.ENTRY and not Status(one.status).final]
    entry = detail.leg(Leg.ENTRY)
    found = []
    if order.filled:
        found.append(f"{formats.quantity(order.filled)} are filled and stay: only the rest is cancelled.")
    if order.leg == Leg.ENTRY and exits and not order.filled:
        found.append("Its stop and target end with it.")
    if order.leg == Leg.STOP and entry is not None and entry.filled:
        found.append("The position is open: without this order nothing takes it out at its stop.")
    return found


@st.dialog("What became of this order?", width="medium", on_dismiss=dialogs.close)
def _resolve(detail: OrderDetail) -> None:
    order = detail.order
    if not dialogs.is_open("order_resolve", order.id or 0):
        st.rerun()
    _what(detail)
    if order.error:
        show(tag("div", order.error, cls="attention bad"))
    outcome = st.radio(
        "By the broker's own records",
        list(OUTCOMES),
        format_func=OUTCOMES.__getitem__,
        key="dialog_outcome",
        on_change=dialogs.forgive,
    )
    if outcome == "filled":
        with st.container(key="order_fields_filled"):
            dialog_parts.field("Quantity that was filled", "quantity", plain(order.quantity - order.filled))
            dialog_parts.field("Average price", "price", "")
    st.session_state.setdefault("dialog_note", "")
    st.text_area("How you know it", key="dialog_note", max_chars=NOTE_LENGTH, height=70, on_change=dialogs.forgive)
    dialog_parts.show_error()
    st.button("Store the decision", type="primary", key="dialog_resolve", on_click=_do_resolve, args=(order.id,),
              width="stretch")  # fmt: skip


def _what(detail: OrderDetail) -> None:
    order, tick = detail.order, detail.symbol.tick_size
    waits = order_words.waits_at(terms_of(order), tick)
    show(
        tag(
            "div",
            tag("b", detail.symbol.name),
            badge(detail.symbol.source),
            " ",
            order_words.side_tag(order.side),
            f" {formats.quantity(order.quantity)} {waits}, ",
            f"order {detail.ticket.id}, {order_words.LEGS[order.leg].lower()} ",
            order_words.status_pill(order.status, cancelling=order.cancelling),
            order_history.fill_bar(order),
        )
    )


def _typed(detail: OrderDetail) -> Terms:
    """The order's terms with what was typed.

    Raises:
        ParameterError: a field is no number.
    """
    terms, state = terms_of(detail.order), st.session_state
    wanted: dict[str, Any] = {"quantity": number(str(state["dialog_quantity"]), "quantity")}
    for name, label, _ in _levels(terms):
        wanted[name] = float(number(str(state[f"dialog_{name}"]), label.lower()))
    if terms.trail_percent is not None:
        wanted["trail_percent"] = float(number(str(state["dialog_trail_percent"]), "distance"))
    return replace(terms, **wanted)


def changed(broker: str) -> str:
    """What may be said once a change was given to a broker."""
    asked = "The change is asked for: it stands once Interactive Brokers confirms it."
    return "The order is modified." if broker == "paper" else asked


def _do_modify(detail: OrderDetail) -> None:
    order_id = detail.order.id or 0
    # The second click of a double click finds the dialog closed.
    if not dialogs.is_open("order_modify", order_id):
        return

    with dialog_parts.attempt():
        modify_order(data.engine(), order_id, st.session_state[_SEEN], _typed(detail), data.now())
        dialogs.succeed(changed(detail.ticket.broker))


def _do_cancel(detail: OrderDetail) -> None:
    order_id = detail.order.id or 0
    asked = "The cancel is asked for: until Interactive Brokers confirms it, the order may still fill."
    done = "The order is cancelled." if detail.ticket.broker == "paper" else asked
    if dialogs.is_open("order_cancel", order_id):
        with dialog_parts.attempt():
            cancel_order(data.engine(), order_id, data.now())
            dialogs.succeed(done)


def _do_resolve(order_id: int) -> None:
    if not dialogs.is_open("order_resolve", order_id):
        return
    state = st.session_state
    outcome, note = str(state.dialog_outcome), str(state.get("dialog_note") or "")
    with dialog_parts.attempt():
        filled = outcome == "filled"
        quantity = number(str(state["dialog_quantity"]), "quantity") if filled else None
        price = number(str(state["dialog_price"]), "price") if filled else None
        resolve_order(data.engine(), order_id, outcome, note, data.now(), quantity=quantity, price=price)
        dialogs.succeed(f"{OUTCOMES[outcome]}: the decision is stored.")
