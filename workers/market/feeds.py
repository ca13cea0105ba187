"""Which source brings the bars of a symbol."""

from __future__ import annotations

from core.settings import Settings
from db.models import Symbol
from workers.market.base import Feed


def feed_for(symbol: Symbol, settings: Settings) -> Feed | None:
    """The feed that brings this symbol's bars; None where they come from files or the sample."""
    # Each source is imported when it is first needed: yfinance alone costs a second.
    if symbol.source == "simulated":
        from workers.market.simulated import SimulatedFeed  # noqa: PLC0415

        return SimulatedFeed(settings.seed)
    if symbol.source == "yahoo":
        from workers.market.yahoo import YahooFeed  # noqa: PLC0415

        return YahooFeed.for_symbol(symbol, settings)
    return None
