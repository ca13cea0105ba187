"""Where trailing stops stand: the trade that one protects says so too.

Of Interactive Brokers only the distance is known: its client library keeps the place that it was given first.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from core.broker.costs import DIGITS
from core.orders import Leg, OrderType, Terms
from db.models import BrokerOrder, Trade
from db.store.changes import follow_market
from db.store.moments import from_ms
from db.store.orders.levels import exit_level
from db.store.orders.market import Last
from db.store.orders.rows import PAPER, live_orders
from db.store.trades import get_open


def trails_at(row: BrokerOrder) -> float | None:
    """Where the paper broker has a trailing stop now; None for any other order, and before it has seen a price."""
    level = row.paper.get("level") if row.paper and row.type == OrderType.TRAILING_STOP else None
    return None if level is None else round(float(level), DIGITS)


def carry_trails(session: Session, account_id: int, symbol_id: int, now: datetime) -> bool:
    """Let trades have their stop where the paper broker's trailing stops have come to; whether any moved."""
    moved = False
    for row, ticket in live_orders(session, account_id=account_id, symbol_id=symbol_id, broker=PAPER):
        level = trails_at(row)
        trade = None if ticket.trade_id is None or row.leg != Leg.STOP else get_open(session, ticket.trade_id)
        if level is None or trade is None or trade.stop == level:
            continue
        at = max(trade.opened_at, min(from_ms(row.paper.get("through", 0)), now))
        follow_market(session, trade, level, at, now, "Trailing stop")
        moved = True
    return moved


def same_trail(one: Terms, other: Terms) -> bool:
    """Whether two terms of one order trail alike: where it has come to, it stays."""
    alike = (one.trail, one.trail_percent, one.stop) == (other.trail, other.trail_percent, other.stop)
    return alike and OrderType.TRAILING_STOP in (one.type, other.type)


def restarted(terms: Terms, trade: Trade, last: Last | None) -> float | None:
    """Where an exit stands on new terms: a trailing stop starts anew from the market, not from the entry."""
    trails = terms.type is OrderType.TRAILING_STOP
    return exit_level(terms, last.price if trails and last is not None else trade.entry_price)
