"""From a feed into the data base."""

from __future__ import annotations

from sqlalchemy import Engine

from core.errors import MarketDataError, NotFoundError
from core.settings import Settings
from core.timeframe import Timeframe
from db.engine import reader, writer
from db.models import Symbol
from db.store.bars.series import last_close, store_bars
from db.store.revision import bump
from workers.market.feeds import feed_for


def fetch_new(engine: Engine, settings: Settings, symbol_id: int, until: int) -> int:
    """Fetch and store the bars of a symbol that are complete at `until` (UTC ms); returns how many were new.

    The feed is asked outside the transaction: a slow source must not hold the data base.

    Raises:
        NotFoundError: no such symbol.
        MarketDataError: the symbol has no feed, or its feed failed.
    """
    with reader(engine) as session:
        symbol = session.get(Symbol, symbol_id)
        if symbol is None:
            raise NotFoundError(f"Symbol {symbol_id} does not exist any more.", symbol_id)
        base = symbol.base_timeframe
        since = None if base is None else last_close(session, symbol_id, Timeframe(base))
    feed = feed_for(symbol, settings)
    if feed is None:
        raise MarketDataError(f"{symbol.name} gets its bars from files: import them.", symbol.name)
    fetched = feed.fetch(symbol.name, since, until)
    if not len(fetched.bars):
        return 0
    with writer(engine) as session:
        stored = session.get_one(Symbol, symbol_id)
        count = store_bars(session, stored, fetched.bars, fetched.adj_close, until=until)
        if count.inserted or count.updated:
            bump(session)
        return count.inserted
