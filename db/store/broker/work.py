"""What there is to do at the brokers."""

from __future__ import annotations

from typing import Final

from sqlmodel import Session, col, select

from core.orders import Status
from db.models import BrokerContract, BrokerOrder, OrderTicket, Symbol
from db.store.broker.books import STOCK

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


def symbol_of(session: Session, key: str) -> int | None:
    """The symbol that a broker calls so: the one whose contract it is, else the share of that name."""
    known = session.get(BrokerContract, key)
    if known is not None and known.symbol_id is not None:
        return known.symbol_id
    others = select(BrokerContract.symbol_id).where(col(BrokerContract.symbol_id).is_not(None))
    query = select(Symbol).where(col(Symbol.id).not_in(others), Symbol.source != "simulated")
    found = (one.id for one in session.exec(query) if f"{one.name}.{STOCK}.{one.currency}" == key)
    return next(found, None)
