"""Orders follow the journal: what a person books by hand leaves less for the orders that were to close it."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from db.store.moments import to_ms
from db.store.orders.paper import follow_journal
from db.store.orders.state import ask_less


def follow(session: Session, account_id: int, symbol_id: int, now: datetime) -> None:
    """Reduce or cancel on paper, and ask Interactive Brokers to, whatever would close more than is open of a trade.

    The account has to be locked.
    """
    session.flush()
    follow_journal(session, account_id, symbol_id, now)
    ask_less(session, account_id, symbol_id, to_ms(now), now)
