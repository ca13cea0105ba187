"""High and low of the previous day and week, by the market's own clock."""

from __future__ import annotations

import numpy as np
from numba import njit

from core.bars import Bars, Floats, Times
from core.patterns.events import Kind
from core.patterns.spans import extremes
from core.patterns.tables import NOTHING, Part, Positions, share, space, status_space, write
from core.patterns.taken import mark_taken
from core.resample import bucket_opens
from core.timeframe import Calendar, Timeframe

DAY_HIGH, DAY_LOW = int(Kind.PREVIOUS_DAY_HIGH), int(Kind.PREVIOUS_DAY_LOW)
WEEK_HIGH, WEEK_LOW = int(Kind.PREVIOUS_WEEK_HIGH), int(Kind.PREVIOUS_WEEK_LOW)
# The height of a period's range, in ATR, that has full score.
FULL_SCORE_DAY, FULL_SCORE_WEEK = 10.0, 20.0


@njit(cache=True)
def _periods(opens: Times) -> Positions:
    """The first bar of every period, from the open of the period in which each bar counts; then the number of bars."""
    first = np.empty(len(opens) + 1, np.int64)
    count = 0
    for t in range(len(opens)):
        if t == 0 or opens[t] != opens[t - 1]:
            first[count] = t
            count += 1
    first[count] = len(opens)
    return first[: count + 1]


@njit(cache=True)
def _rows(
    time: Times,
    length: int,
    high: Floats,
    low: Floats,
    close: Floats,
    atr: Floats,
    opens: Times,
    period: int,
    top_kind: int,
    bottom_kind: int,
    full: float,
) -> tuple[Positions, Floats, Positions]:
    """Both ends of every finished period; `length` of a bar and of a `period` in ms."""
    n = len(time)
    starts = _periods(opens)
    place, price = space(2 * len(starts), 0)
    statuses = status_space(4 * len(starts))
    count = marks = 0
    for k in range(len(starts) - 1):
        first, last = starts[k], starts[k + 1] - 1
        over = opens[first] + period
        known = np.searchsorted(time, over - length)
        if known >= n or (first == 0 and time[0] > opens[0]):
            continue
        after = np.searchsorted(time, over)
        bottom, top = extremes(high, low, first, last)
        score = share((top - bottom) / full, atr[known])
        write(place[count], price[count], top_kind, -1, first, last, known, bottom, top, top, score)
        marks = mark_taken(high, low, close, after, -np.inf, top, statuses, marks, count)
        write(place[count + 1], price[count + 1], bottom_kind, 1, first, last, known, bottom, top, bottom, score)
        marks = mark_taken(high, low, close, after, bottom, np.inf, statuses, marks, count + 1)
        count += 2
    return place[:count], price[:count], statuses[:marks]


def _ends(bars: Bars, atr: Floats, calendar: Calendar, period: Timeframe, kinds: tuple[int, int], full: float) -> Part:
    if len(bars) == 0 or period <= bars.timeframe:
        return NOTHING
    opens = bucket_opens(bars.close_time, period, calendar)
    columns = (bars.time, bars.timeframe.ms, bars.high, bars.low, bars.close, atr)
    found: Part = _rows(*columns, opens, period.ms, *kinds, full)
    return found


def previous_level_events(bars: Bars, atr: Floats, calendar: Calendar) -> tuple[Part, Part]:
    """High (direction -1: supply) and low (+1: demand) of every finished day and week that is longer than the bars.

    Days and weeks are those of `core.resample.bucket_opens`; a level is known at the first bar that closes when the
    period is over or later. Start and end are the period's first and last bar, price_low to price_high its range, and
    the score is that range's height, with 10 ATR (a day) or 20 ATR (a week) in full. The first period counts only when
    the bars reach back to its open. SWEPT and BROKEN when a later bar trades beyond the level; the bar that makes a
    level known can do so itself, when it opened after the period.
    """
    day = _ends(bars, atr, calendar, Timeframe.D1, (DAY_HIGH, DAY_LOW), FULL_SCORE_DAY)
    return day, _ends(bars, atr, calendar, Timeframe.W1, (WEEK_HIGH, WEEK_LOW), FULL_SCORE_WEEK)
