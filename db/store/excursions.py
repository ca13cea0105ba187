"""How far price went against a trade and for it while it was open, by the stored bars."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlmodel import Session, col

from core.timeframe import Timeframe
from db.models import Bar, Symbol, Trade, TradeFill
from db.store.moments import to_ms


def measure(session: Session, trade: Trade, symbol: Symbol) -> bool:
    """Set the worst and the best price of a closed trade; True when they changed.

    Bars of the finest timeframe that opened and closed within the trade count, and its own fills. Without such a bar
    nothing is known and both stay empty.
    """
    if trade.closed_at is None or symbol.base_timeframe is None:
        return False
    timeframe = Timeframe(symbol.base_timeframe)
    query = select(func.min(Bar.low), func.max(Bar.high)).where(
        col(Bar.symbol_id) == symbol.id,
        col(Bar.timeframe) == int(timeframe),
        col(Bar.time) >= to_ms(trade.opened_at),
        col(Bar.time) <= to_ms(trade.closed_at) - timeframe.ms,
    )
    low, high = session.execute(query).one()
    if low is None:
        return False
    prices = session.execute(select(col(TradeFill.price)).where(col(TradeFill.trade_id) == trade.id)).scalars().all()
    low, high = min(low, *prices), max(high, *prices)
    found = (low, high) if trade.direction > 0 else (high, low)
    if found == (trade.worst_price, trade.best_price):
        return False
    trade.worst_price, trade.best_price = found
    return True
