"""From a Yahoo ticker to a symbol that the desk follows."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime

from core.errors import ConflictError, MarketDataError
from core.settings import Settings
from core.timeframe import Timeframe
from db.actions.symbol import add_symbol
from db.engine import default_engine, reader
from db.models import Symbol
from db.store.symbols import find_symbol
from workers.market.yahoo import YahooConfig, YahooFeed


def follow(symbol: Symbol, timeframe: Timeframe) -> tuple[int, list[str]]:
    """Fetch the first history and register the symbol with it.

    Returns the number of bars and the names of the strategies that watch it from now on.

    What Yahoo does not know is never registered.

    Raises:
        ConflictError: there is a symbol of that name.
        ParameterError: Yahoo has no bars of this timeframe.
        MarketDataError: Yahoo failed, or has no bars.
    """
    engine, until = default_engine(), time.time_ns() // 1_000_000
    with reader(engine) as session:
        found = find_symbol(session, symbol.name)
        if found is not None:
            raise ConflictError(f"There is a symbol {found.name} already: choose another --name.", found)
    config = YahooConfig.from_settings(Settings.from_mapping(os.environ), timeframe)
    fetched = YahooFeed(config).fetch(symbol.vendor_symbol, None, until)
    if not len(fetched.bars):
        words = f"Yahoo has no complete {timeframe.name} bars of {symbol.vendor_symbol} now: try another --timeframe."
        raise MarketDataError(words, symbol.vendor_symbol)
    return len(fetched.bars), add_symbol(engine, symbol, fetched.bars, fetched.adj_close, datetime.now(UTC), until)
