"""Rows of orders: which one, those of a ticket, those that are not over, and the order that a row stands for."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from core.errors import NotFoundError
from core.orders import Execution, Order, Status
from db.models import BrokerOrder, OrderExecution, OrderTicket
from db.store.orders.terms import terms_of

PAPER, IBKR = "paper", "ibkr"
OVER = tuple(status.value for status in Status if status.final)


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
