"""The last close of each UTC day, from the finest bars there are of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from sqlalchemy import ColumnElement, Integer, func, literal, select, union_all
from sqlmodel import Session, col

from core.bars import Floats, Times
from core.timeframe import Calendar, Timeframe
from db.models import Bar, Symbol

DAY_MS: Final = 86_400_000
_SESSION_MS: Final = 23_400_000
_FOUR_DAYS_MS: Final = 4 * DAY_MS
# Day 0 of the epoch was a Thursday.
_THURSDAY, _SATURDAY, _WEEK = 3, 5, 7


@dataclass(frozen=True)
class Closes:
    """Closes of a symbol with the moments (UTC ms, ascending) at which they were known; at most one a UTC day.

    `ends` are the ends of the days on which its market was open: a currency pair's Sunday evening is part of Monday.
    """

    known_at: Times
    close: Floats
    ends: Times


NO_CLOSES: Final = Closes(np.array([], np.int64), np.array([], np.float64), np.array([], np.int64))


def day_closes(session: Session, symbol: Symbol, until: int | None = None) -> Closes:
    """Closes known at `until` (UTC ms). Days before the finest bars begin, or without any, have that of their D1 bar.

    A probe of the index a day, however fine the bars are.
    """
    if symbol.base_timeframe is None:
        return NO_CLOSES
    base, calendar = Timeframe(symbol.base_timeframe), Calendar(symbol.calendar)
    limit = 2**62 if until is None else until
    if base >= Timeframe.D1:
        length = _known_after(base, calendar)
        query = select(col(Bar.time), col(Bar.close)).where(*_of(symbol, base), col(Bar.time) <= limit - length)
        rows = [(0, time + length, close) for time, close in session.execute(query)]
    else:
        rows = _mixed(session, symbol, base, calendar, limit)
    return _closes(rows, calendar)


def day_ends(moments: Times) -> Times:
    """The end of the UTC day of each moment; midnight ends the day before."""
    return np.asarray(-(-moments // DAY_MS) * DAY_MS, np.int64)


def weekends(ends: Times) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether the days that end then are Saturdays and Sundays."""
    return np.asarray(((ends - 1) // DAY_MS + _THURSDAY) % _WEEK >= _SATURDAY, np.bool_)


def _known_after(timeframe: Timeframe, calendar: Calendar) -> int:
    """How long after its open a bar's close is known: a stock's is that of its session, not the next morning's."""
    if calendar is not Calendar.US_STOCKS or timeframe < Timeframe.D1:
        return timeframe.ms
    return _SESSION_MS if timeframe is Timeframe.D1 else _FOUR_DAYS_MS + _SESSION_MS


def _mixed(
    session: Session, symbol: Symbol, base: Timeframe, calendar: Calendar, limit: int
) -> list[tuple[int, int, float]]:
    """(1 for a D1 bar, known at, close) of the finest bars' last one each day, and of all D1 bars not later."""
    where = _of(symbol, base)
    newest = select(func.max(col(Bar.time)).label("time")).where(*where, col(Bar.time) <= limit - base.ms)
    days = newest.cte("days", recursive=True)
    begun = (days.c.time + base.ms - 1) // DAY_MS * DAY_MS
    before = select(func.max(col(Bar.time))).where(*where, col(Bar.time) <= begun - base.ms).scalar_subquery()
    days = days.union_all(select(before).where(days.c.time.is_not(None)))
    length = _known_after(Timeframe.D1, calendar)
    fine = select(literal(0, Integer), col(Bar.time) + base.ms, col(Bar.close)).where(*where)
    fine = fine.join(days, days.c.time == col(Bar.time))
    coarse = select(literal(1, Integer), col(Bar.time) + length, col(Bar.close)).where(
        *_of(symbol, Timeframe.D1), col(Bar.time) <= limit - length
    )
    return [(int(kind), int(time), float(close)) for kind, time, close in session.execute(union_all(fine, coarse))]


def _of(symbol: Symbol, timeframe: Timeframe) -> tuple[ColumnElement[bool], ...]:
    return col(Bar.symbol_id) == symbol.id, col(Bar.timeframe) == int(timeframe)


def _closes(rows: list[tuple[int, int, float]], calendar: Calendar) -> Closes:
    if not rows:
        return NO_CLOSES
    kind, times, close = (np.array(one) for one in zip(*rows, strict=True))
    fine = kind == 0
    ends = day_ends(times)
    # Nothing later than the finest bars: the price of now is theirs.
    kept = fine | (~np.isin(ends, ends[fine]) & (ends < ends[fine].max(initial=0)))
    order = np.argsort(times[kept], kind="stable")
    known_at, close, ends = times[kept][order], close[kept][order], np.unique(ends[kept])
    open_ends = ends if calendar is Calendar.UTC else ends[~weekends(ends)]
    return Closes(known_at.astype(np.int64), close.astype(np.float64), open_ends.astype(np.int64))
