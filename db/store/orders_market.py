"""A symbol's market as orders see it: what time it is there, its last price, when a day is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session

from core.orders import Rules, TimeInForce
from core.orders.session import session_end
from core.orders.terms import Terms
from core.risk import exact
from core.timeframe import Calendar, Timeframe
from db.models import FED, Symbol
from db.store.bars import read_bars
from db.store.moments import to_ms

DAY_MS: Final = Timeframe.D1.ms


@dataclass(frozen=True)
class Last:
    """The close of the newest stored bar of the finest timeframe, its close time (UTC ms) and its volume."""

    price: float
    at: int
    volume: float


def last_bar(session: Session, symbol: Symbol, until: int | None = None) -> Last | None:
    """The newest bar that is complete at `until` (UTC ms; None: of all); None where none is stored."""
    if symbol.base_timeframe is None:
        return None
    bars = read_bars(session, symbol.id or 0, Timeframe(symbol.base_timeframe), until=until, count=1)
    return Last(float(bars.close[0]), bars.as_of, float(bars.volume[0])) if len(bars) else None


def market_now(session: Session, symbol: Symbol, now: datetime) -> int:
    """What time it is (UTC ms) on a symbol's market. Without a feed it stands still at the close of the last bar."""
    last = None if symbol.source in FED else last_bar(session, symbol)
    return to_ms(now) if last is None else last.at


def order_time(session: Session, symbol: Symbol, broker: str, now: datetime) -> int:
    """What time it is (UTC ms) for an order: on paper the market's, at a broker the wall clock's."""
    return market_now(session, symbol, now) if broker == "paper" else to_ms(now)


def rules_of(symbol: Symbol) -> Rules:
    """Its tick and its lot step."""
    return Rules(exact(symbol.tick_size), symbol.lot_step)


def day_end(symbol: Symbol, last: Last | None, now: int) -> int:
    """When a DAY order given at `now` (UTC ms) ends: with the session.

    Where only daily bars are known, with the bar that holds that end: it says nothing of the hour.
    """
    end = session_end(Calendar(symbol.calendar), now)
    if last is None or symbol.base_timeframe is None or symbol.base_timeframe < Timeframe.D1:
        return end
    return end + (last.at - end) % DAY_MS


def with_day_end(terms: Terms, end: int) -> int | None:
    """Until when these terms work."""
    return end if terms.tif is TimeInForce.DAY and terms.until is None else terms.until
