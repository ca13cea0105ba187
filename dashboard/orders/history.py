"""What happened to the orders of a ticket: its legs, every transition with its source, every execution."""

from __future__ import annotations

from decimal import Decimal

from core.orders import EventKind
from core.orders.events import Source
from dashboard.challenge.gauges import bar
from dashboard.components import formats
from dashboard.components.markup import Markup, join, show, table, tag
from dashboard.components.panels import note, section
from dashboard.orders import words as order_words
from db.models import BrokerOrder, OrderTransition
from db.views.orders import OrderDetail

_LEG_HEADS = (("Leg", ""), ("Side", ""), ("Type", "nowrap"), ("Quantity", "num"), ("Price", "num"), ("Filled", ""),
              ("Status", "nowrap"))  # fmt: skip
_MOVE_HEADS = (("When (UTC)", "nowrap"), ("Leg", ""), ("What", "nowrap"), ("Status", ""), ("Said by", ""), ("", ""))
_EXECUTION_HEADS = (("Executed (UTC)", "nowrap"), ("Leg", ""), ("Side", ""), ("Quantity", "num"), ("Price", "num"),
                    ("Commission", "num"), ("Execution", ""))  # fmt: skip


def fill_bar(order: BrokerOrder) -> Markup:
    """How much of an order is filled, as figures and as a bar."""
    figures = f"{formats.quantity(order.filled)} / {formats.quantity(order.quantity)}"
    tone = "up" if order.filled >= order.quantity else ""
    return tag("span", figures, bar(order_words.share_filled(order.filled, order.quantity), tone), cls="fill")


def legs(detail: OrderDetail) -> None:
    """Every leg of the ticket, the chosen one lit."""
    tick = detail.symbol.tick_size
    rows = [
        (
            tag("b", order_words.LEGS[one.leg]) if one.id == detail.order.id else order_words.LEGS[one.leg],
            order_words.side_tag(one.side),
            order_words.TYPES[one.type],
            formats.quantity(one.quantity),
            order_words.prices(one, tick),
            fill_bar(one),
            order_words.status_pill(one.status, cancelling=one.cancelling),
        )
        for one in detail.legs
    ]
    show(table(_LEG_HEADS, rows, cls="legs"))


def transitions(detail: OrderDetail) -> None:
    """Everything that happened, in its order; the time is the source's own."""
    section(f"History ({len(detail.transitions)})")
    if not detail.transitions:
        note("Nothing has happened yet: the broker has not heard of it.")
        return
    legs_of = {one.id: one.leg for one in detail.legs}
    rows = [_move(one, legs_of[one.order_id]) for one in reversed(detail.transitions)]
    show(table(_MOVE_HEADS, rows, cls="life"))


def executions(detail: OrderDetail) -> None:
    """Every trade of it, with what it cost."""
    section(f"Executions ({len(detail.executions)})")
    if not detail.executions:
        note("Nothing is filled yet.")
        return
    known, tick = {one.id: one for one in detail.legs}, detail.symbol.tick_size
    rows = []
    for one in detail.executions:
        leg = known[one.order_id]
        rows.append(
            (
                formats.utc(one.time, seconds=True),
                order_words.LEGS[leg.leg],
                order_words.side_tag(leg.side),
                formats.quantity(one.quantity),
                formats.price(float(one.price), tick),
                _commission(detail, one.execution, one.commission),
                tag("span", one.execution, _corrected(detail, one.execution), cls="muted small"),
            )
        )
    show(table(_EXECUTION_HEADS, rows, cls="life"))


def fees(detail: OrderDetail) -> str:
    """What the executions cost so far, per currency."""
    found: dict[str, Decimal] = {}
    for one in detail.executions:
        charge = detail.charges.get(one.execution)
        currency = charge.currency if charge else detail.symbol.currency
        found[currency] = found.get(currency, Decimal(0)) + (charge.amount if charge else one.commission)
    return ", ".join(formats.money(amount, currency) for currency, amount in found.items()) or formats.NOTHING


def _corrected(detail: OrderDetail, execution: str) -> Markup | str:
    times = detail.corrections.get(execution, 0)
    return tag("small", f" corrected {times}x") if times else ""


def _commission(detail: OrderDetail, execution: str, told: Decimal) -> str:
    charge = detail.charges.get(execution)
    if charge is not None:
        return formats.money(charge.amount, charge.currency)
    return formats.money(told, detail.symbol.currency) if told else formats.NOTHING


def _move(one: OrderTransition, leg: str) -> tuple[object, ...]:
    after = order_words.status_pill(one.after)
    change = after if one.before == one.after else join((order_words.STATUS[one.before], " → ", after))
    return (
        formats.utc(one.time, seconds=True),
        order_words.LEGS[leg],
        order_words.KINDS[EventKind(one.kind)],
        tag("span", change, cls="nowrap"),
        order_words.SOURCES[Source(one.source)],
        tag("span", one.detail, cls="muted"),
    )
