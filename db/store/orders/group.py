"""Orders of which the broker itself lets only one go through."""

from __future__ import annotations

from decimal import Decimal

from sqlmodel import Session, select

from core.orders import Leg, Status
from db.models import OrderTicket, Trade
from db.store.orders.rows import orders_of


def group_name(ticket_id: int) -> str:
    """The group of a ticket's exits."""
    return f"cr:{ticket_id}"


def exits_group(session: Session, trade_id: int, quantity: Decimal) -> str:
    """The group of a trade's exits, if an order that closes `quantity` may join it; else an empty text.

    In the group the broker cancels the exits when the order has filled, and the order when an exit has: nothing can
    close the trade twice on the way to the desk and back. That holds for orders of one size only, so the order has to
    close all of the trade, and no entry may be working that could still add to it.
    """
    trade = session.get_one(Trade, trade_id)
    ticket = session.exec(select(OrderTicket).where(OrderTicket.trade_id == trade_id)).first()
    if ticket is None or trade.open_quantity != quantity:
        return ""
    live = [row for row in orders_of(session, ticket.id or 0) if not Status(row.status).final]
    if any(row.leg == Leg.ENTRY or row.cancelling or row.wanted is not None for row in live):
        return ""
    if any(row.quantity - row.filled != quantity for row in live):
        return ""
    groups = {row.oca for row in live}
    return groups.pop() if len(groups) == 1 else ""
