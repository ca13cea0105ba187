"""Orders: which one, how it stands, and the one place where an order changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from core.errors import NotFoundError
from core.orders import Event, EventKind, Execution, Leg, Order, Source, Status, record, transition
from db.models import BrokerOrder, OrderExecution, OrderTicket, OrderTransition, Trade
from db.store.orders_booking import book_execution, follow_levels
from db.store.orders_terms import from_json, put_terms, terms_of
from db.store.orders_trace import trace_change, trace_execution

__all__ = [
    "IBKR",
    "OVER",
    "PAPER",
    "apply_event",
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

PAPER, IBKR = "paper", "ibkr"
OVER = tuple(status.value for status in Status if status.final)
_SPEAKS = frozenset({EventKind.REJECTED, EventKind.REQUEST_REFUSED, EventKind.NOTED, EventKind.LOST})


def get_order(session: Session, order_id: int) -> BrokerOrder:
    """The order as it is now. Whoever changes it has locked its account before.

    Raises:
        NotFoundError: there is no such order.
    """
    row = session.get(BrokerOrder, order_id, populate_existing=True)
    if row is None:
        raise NotFoundError(f"Order {order_id} does not exist: choose one from the list.", order_id)
    return row


def order_by_reference(session: Session, reference: str) -> BrokerOrder | None:
    """The order that a broker knows by this reference, as it is now."""
    query = select(BrokerOrder).where(BrokerOrder.reference == reference)
    return session.exec(query.execution_options(populate_existing=True)).first()


def ticket_of_key(session: Session, key: str) -> OrderTicket | None:
    """The ticket that was made with this key."""
    return session.exec(select(OrderTicket).where(OrderTicket.key == key)).first()


def orders_of(session: Session, ticket_id: int) -> list[BrokerOrder]:
    """The legs of a ticket, the entry first."""
    query = select(BrokerOrder).where(BrokerOrder.ticket_id == ticket_id).order_by(col(BrokerOrder.id))
    return list(session.exec(query.execution_options(populate_existing=True)))


def live_orders(
    session: Session,
    *,
    account_id: int | None = None,
    symbol_id: int | None = None,
    broker: str | None = None,
) -> list[tuple[BrokerOrder, OrderTicket]]:
    """Orders that are not over with their tickets, as they were placed, those of one account, symbol or broker only."""
    query = select(BrokerOrder, OrderTicket).join(OrderTicket, col(OrderTicket.id) == col(BrokerOrder.ticket_id))
    query = query.where(col(BrokerOrder.status).not_in(OVER))
    if account_id is not None:
        query = query.where(BrokerOrder.account_id == account_id)
    if symbol_id is not None:
        query = query.where(BrokerOrder.symbol_id == symbol_id)
    if broker is not None:
        query = query.where(OrderTicket.broker == broker)
    query = query.order_by(col(BrokerOrder.ticket_id), col(BrokerOrder.id))
    return list(session.exec(query.execution_options(populate_existing=True)))


def executions_of(session: Session, order_ids: Sequence[int]) -> dict[int, tuple[Execution, ...]]:
    """The newest revision of each execution by order, in the order of arrival."""
    query = select(OrderExecution).where(col(OrderExecution.order_id).in_(order_ids)).order_by(col(OrderExecution.id))
    found: dict[int, dict[str, Execution]] = {order_id: {} for order_id in order_ids}
    for row in session.exec(query):
        known = found[row.order_id]
        if row.execution in known and known[row.execution].revision > row.revision:
            continue
        known.pop(row.execution, None)
        known[row.execution] = Execution(row.execution, row.quantity, row.price, row.revision, row.commission)
    return {order_id: tuple(known.values()) for order_id, known in found.items()}


def order_of(session: Session, row: BrokerOrder) -> Order:
    """The order as the state machine sees it."""
    return with_executions(row, executions_of(session, [row.id or 0])[row.id or 0])


def with_executions(row: BrokerOrder, executions: tuple[Execution, ...]) -> Order:
    """The same where its executions were read before."""
    return Order(terms_of(row), Status(row.status), executions, row.cancelling)


def apply_event(session: Session, row: BrokerOrder, event: Event, now: datetime) -> Order:
    """Let an event happen to an order, and with it everything that follows: the record of the change, the execution,
    the trade in the journal, the steps of the lineage. The account has to be locked; the caller bumps the revision.

    What is already known changes nothing and leaves no record.

    Raises:
        IllegalTransitionError: it cannot happen in this state; nothing was written.
    """
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
        follow_levels(session, row, ticket, event, now)
    session.flush()
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
    for trade in book_execution(session, row, ticket, kept, step, now):
        _release(session, trade, ticket, event.time, now)


def _release(session: Session, trade: Trade, by: OrderTicket, time: int, now: datetime) -> None:
    """End the orders of other tickets that were to close a trade which this fill has closed: they would reverse it."""
    query = select(BrokerOrder, OrderTicket).join(OrderTicket, col(OrderTicket.id) == col(BrokerOrder.ticket_id))
    query = query.where(
        col(BrokerOrder.status).not_in(OVER),
        OrderTicket.id != by.id,
        ((col(OrderTicket.trade_id) == trade.id) & (col(BrokerOrder.leg) != Leg.ENTRY.value))
        | (col(OrderTicket.closes) == trade.id),
    )
    for row, ticket in session.exec(query.order_by(col(BrokerOrder.id))).all():
        kind = EventKind.CANCELLED if ticket.broker == PAPER else EventKind.CANCEL_REQUESTED
        apply_event(session, row, Event(kind, time, Source.DESK, f"Trade {trade.id} is closed."), now)
