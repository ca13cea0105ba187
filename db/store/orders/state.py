"""Orders: how they stand, and the one place where an order changes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from core.orders import Event, EventKind, Leg, Order, Source, Status, record, transition
from db.models import BrokerOrder, OrderExecution, OrderTicket, OrderTransition
from db.store.moments import to_ms
from db.store.orders.booking import book_execution, follow_levels
from db.store.orders.estimates import estimated, proven
from db.store.orders.holdings import too_much
from db.store.orders.rows import (
    IBKR,
    OVER,
    PAPER,
    executions_of,
    get_order,
    live_orders,
    order_by_reference,
    order_of,
    orders_of,
    ticket_of_key,
    with_executions,
)
from db.store.orders.terms import from_json, put_terms, terms_of, to_json
from db.store.orders.trace import trace_change, trace_execution

__all__ = [
    "IBKR",
    "OVER",
    "PAPER",
    "apply_event",
    "ask_less",
    "ask_overdue",
    "executions_of",
    "get_order",
    "live_orders",
    "order_by_reference",
    "order_of",
    "orders_of",
    "terms_of",
    "ticket_of_key",
    "with_executions",
]

AGAIN: Final = timedelta(minutes=2)
"""How long orders at a broker have to be at rest before they are asked again to be smaller."""
_ENDS = frozenset({EventKind.CANCELLED, EventKind.REJECTED, EventKind.EXPIRED})
_SPEAKS = frozenset({EventKind.REJECTED, EventKind.REQUEST_REFUSED, EventKind.NOTED, EventKind.LOST})


def apply_event(session: Session, row: BrokerOrder, event: Event, now: datetime) -> Order:
    """Let an event happen to an order, and with it everything that follows: the record of the change, the execution,
    the trade in the journal, the steps of the lineage. The account has to be locked; the caller bumps the revision.

    What is already known changes nothing and leaves no record.

    Raises:
        IllegalTransitionError: it cannot happen in this state; nothing was written.
    """
    before = order_of(session, row)
    if event.execution is not None and event.source is not Source.PERSON and estimated(before):
        rest = proven(session, row, before, event)
        if rest is not None:
            words = f"Execution {event.execution.id} is a part of it."
            apply_event(session, row, Event(EventKind.FILL, event.time, event.source, words, execution=rest), now)
        before = order_of(session, row)
    after = transition(before, event)
    change = record(before, event, after)
    if change is None:
        return after
    kind, source = change.kind.value, change.source.value
    said = OrderTransition(
        order_id=row.id or 0, before=change.before.value, after=change.after.value, kind=kind, source=source,
        time=change.time, detail=change.detail, recorded_at=now,
    )  # fmt: skip
    session.add(said)
    _put(row, after, event, now)
    ticket = session.get_one(OrderTicket, row.ticket_id)
    if event.execution is not None:
        _take(session, row, ticket, event, now)
    else:
        trace_change(session, row, change, now)
        follow_levels(session, row, ticket, before.terms, event, now)
    session.flush()
    if ticket.broker == IBKR:
        _ask_broker(session, row, event, now)
    return after


def _put(row: BrokerOrder, after: Order, event: Event, now: datetime) -> None:
    put_terms(row, after.terms)
    row.status, row.cancelling, row.filled = after.status.value, after.cancelling, after.filled
    row.average_price = None if after.average_price is None else float(after.average_price)
    if row.wanted is not None and (after.status.final or after.cancelling or from_json(row.wanted) == after.terms):
        row.wanted = None
    if event.kind in _SPEAKS and event.detail:
        row.error = event.detail
    row.version += 1
    row.updated_at = now


def _take(session: Session, row: BrokerOrder, ticket: OrderTicket, event: Event, now: datetime) -> None:
    """Keep an execution and book it."""
    one = event.execution
    assert one is not None
    kept = OrderExecution(
        order_id=row.id or 0, execution=one.id, revision=one.revision, quantity=one.quantity, price=one.price,
        commission=one.commission, time=event.time, recorded_at=now,
    )  # fmt: skip
    session.add(kept)
    session.flush()
    step = trace_execution(session, row, kept, now)
    book_execution(session, row, ticket, kept, step, now)


def _ask_broker(session: Session, row: BrokerOrder, event: Event, now: datetime) -> None:
    """Ask a broker to make its other orders as small as this event has left them: they would reverse the position."""
    ended = row.leg == Leg.ENTRY and event.kind in _ENDS and row.filled > 0
    if event.execution is not None or ended:
        ask_less(session, row.account_id, row.symbol_id, event.time, now, by=row)


def ask_overdue(session: Session, now: datetime) -> bool:
    """Ask Interactive Brokers once more to reduce or cancel what would still close more than is open, where nothing was
    heard for a while: the gateway may have refused before, or not have reduced a group as it should. Whether any does.
    """
    live = live_orders(session, broker=IBKR)
    asked = False
    last: dict[tuple[int, int], datetime] = {}
    for row, _ in live:
        place = (row.account_id, row.symbol_id)
        last[place] = max(last.get(place, row.updated_at), row.updated_at)
    for (account_id, symbol_id), moment in sorted(last.items()):
        if now - moment >= AGAIN:
            asked |= ask_less(session, account_id, symbol_id, to_ms(now), now)
    return asked


def ask_less(
    session: Session, account_id: int, symbol_id: int, time: int, now: datetime, by: BrokerOrder | None = None
) -> bool:
    """Ask Interactive Brokers to reduce or cancel what asks for more than is open of its trades; whether any does.

    `by` is the order whose fill is the reason: the gateway itself reduces the others of its group.
    """
    reports, rows = too_much(session, account_id, symbol_id, time)
    for report in reports:
        row, words = rows[report.id], report.event.detail
        sibling = by is not None and row.id != by.id and bool(row.oca) and row.oca == by.oca
        if report.event.terms is None:
            if not (sibling and by is not None and by.status == Status.FILLED):
                apply_event(session, row, Event(EventKind.CANCEL_REQUESTED, time, Source.DESK, words), now)
        elif not sibling or row.wanted is not None:
            row.wanted = to_json(report.event.terms)
            apply_event(session, row, Event(EventKind.NOTED, time, Source.DESK, words), now)
    return bool(reports)
