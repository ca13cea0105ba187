"""What there is to do at the brokers."""

from __future__ import annotations

from typing import Final

from sqlmodel import Session, col, select

from core.orders import Status
from db.models import BrokerOrder, OrderTicket

PAPER: Final = "paper"
OVER: Final = tuple(status.value for status in Status if status.final)


def paper_symbols(session: Session) -> list[int]:
    """Symbols with paper orders that are not over."""
    query = (
        select(col(BrokerOrder.symbol_id))
        .join(OrderTicket, col(OrderTicket.id) == col(BrokerOrder.ticket_id))
        .where(col(BrokerOrder.status).not_in(OVER), OrderTicket.broker == PAPER)
    )
    return sorted(set(session.exec(query)))
