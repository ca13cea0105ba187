"""How an order is called off: on paper at once, at a broker by asking."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from core.broker import cancel as cancel_in_book
from core.orders import Event, EventKind, Source
from db.models import BrokerOrder, OrderTicket
from db.store.moments import to_ms
from db.store.orders.paper import keep_book, load_book, take
from db.store.orders.state import PAPER, apply_event


def cancel(session: Session, row: BrokerOrder, source: Source, words: str, now: datetime) -> None:
    """Call off an order that is not over. The account has to be locked.

    Raises:
        OrderError: the paper broker does not hold it.
    """
    asked = Event(EventKind.CANCEL_REQUESTED, to_ms(now), source, words)
    apply_event(session, row, asked, now)
    if session.get_one(OrderTicket, row.ticket_id).broker != PAPER:
        return
    book, rows = load_book(session, row.account_id, row.symbol_id)
    book, reports = cancel_in_book(book, row.reference, to_ms(now))
    take(session, rows, reports, now)
    keep_book(book, rows)
