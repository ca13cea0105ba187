"""The paper broker's clock: it trades what was sent to it as far as bars are stored."""

from __future__ import annotations

from sqlalchemy import Engine
from sqlmodel import col, select

from core.errors import ChartroomError
from db.engine import reader, writer
from db.models import BrokerOrder, OrderTicket, Symbol
from db.store.accounts import get_account
from db.store.moments import from_ms
from db.store.orders.paper import step_symbol
from db.store.orders.state import OVER, PAPER
from db.store.revision import bump


def step_paper(engine: Engine, now_ms: int, symbol_id: int | None = None) -> int:
    """Trade all paper orders, or those of one symbol, up to the bars that are complete at `now_ms`; returns the number
    of fills. The same bars make the same fills, however often and by how many processes it is called.

    Each account's orders in a symbol are a transaction of their own: what is wrong with one does not stop the others.

    Raises:
        ChartroomError: the first thing that was wrong, after all were tried.
    """
    fills, failures = 0, list[ChartroomError]()
    for account_id, symbol in _due(engine, symbol_id):
        try:
            fills += _step(engine, account_id, symbol, now_ms)
        except ChartroomError as error:
            failures.append(error)
    if failures:
        raise failures[0]
    return fills


def _step(engine: Engine, account_id: int, symbol_id: int, now_ms: int) -> int:
    with writer(engine) as session:
        get_account(session, account_id, lock=True)
        symbol = session.get_one(Symbol, symbol_id)
        fills, happened = step_symbol(session, account_id, symbol, from_ms(now_ms))
        if happened:
            bump(session)
        return fills


def _due(engine: Engine, symbol_id: int | None) -> list[tuple[int, int]]:
    """Accounts and symbols with paper orders that are not over."""
    query = select(BrokerOrder.account_id, BrokerOrder.symbol_id).distinct()
    query = query.join(OrderTicket, col(OrderTicket.id) == BrokerOrder.ticket_id)
    query = query.where(OrderTicket.broker == PAPER, col(BrokerOrder.status).not_in(OVER))
    if symbol_id is not None:
        query = query.where(BrokerOrder.symbol_id == symbol_id)
    with reader(engine) as session:
        return sorted(session.exec(query))
