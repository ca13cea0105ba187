"""Before a person books an exit: what the stored bars have done to the paper orders of the trade comes first."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session

from db.engine import reader, writer
from db.models import Symbol, Trade
from db.store.accounts import get_account
from db.store.orders.paper import step_symbol
from db.store.orders.rows import PAPER, live_orders
from db.store.revision import bump
from db.store.trades import get_trade


def step_first(engine: Engine, trade_id: int, now: datetime) -> None:
    """Trade the paper orders of a trade up to `now`, in a transaction of its own: a stop that a bar has hit has closed
    the trade, whoever comes first to look.

    Raises:
        NotFoundError: no such trade.
    """
    with reader(engine) as session:
        if not _works(session, get_trade(session, trade_id)):
            return
    with writer(engine) as session:
        account = get_account(session, get_trade(session, trade_id).account_id, lock=True)
        symbol = session.get_one(Symbol, get_trade(session, trade_id).symbol_id)
        if step_symbol(session, account.id or 0, symbol, now)[1]:
            bump(session)


def _works(session: Session, trade: Trade) -> bool:
    live = live_orders(session, account_id=trade.account_id, symbol_id=trade.symbol_id, broker=PAPER)
    return bool(live)
