"""A symbol's market as orders see it: what time it is there, its last price, when a day is over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from core.orders import Rules, TimeInForce
from core.orders.session import session_end
from core.orders.terms import Terms
from core.risk import exact
from core.timeframe import Calendar, Timeframe
from db.models import FED, Symbol
from db.store.bars.series import read_bars
from db.store.moments import to_ms


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

    Where only bars of a day or longer are known, with the first one that opens at `now` or later: the one that goes on
    then says nothing of what came after.
    """
    calendar = Calendar(symbol.calendar)
    end = session_end(calendar, now)
    if last is None or symbol.base_timeframe is None or symbol.base_timeframe < Timeframe.D1:
        return end
    length = Timeframe(symbol.base_timeframe).ms
    whole = end + (last.at - end) % length
    while whole - length < now:
        end = session_end(calendar, whole)
        whole = end + (last.at - end) % length
    return whole


def paper_day_end(session: Session, symbol: Symbol, now: datetime) -> int:
    """When a DAY order that the paper broker is given at `now` would end (UTC ms)."""
    return day_end(symbol, last_bar(session, symbol), market_now(session, symbol, now))


def with_day_end(terms: Terms, end: int) -> int | None:
    """Until when these terms work."""
    return end if terms.tif is TimeInForce.DAY and terms.until is None else terms.until


def with_end(session: Session, symbol: Symbol, broker: str, terms: Terms, now: datetime) -> Terms:
    """Changed terms with the end that their time in force has."""
    if terms.tif not in (TimeInForce.DAY, TimeInForce.GTD):
        return replace(terms, until=None)
    # A broker's day ends with the session, whichever bars are stored here.
    last = last_bar(session, symbol) if broker == "paper" else None
    end = day_end(symbol, last, order_time(session, symbol, broker, now))
    return replace(terms, until=with_day_end(terms, end))
