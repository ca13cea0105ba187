"""Coarser bars from finer ones, aligned to a market's own clock, without a look ahead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from core.bars import Bars, Times
from core.errors import ParameterError
from core.timeframe import MINUTE_MS, Calendar, Timeframe

NEW_YORK = ZoneInfo("America/New_York")
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
# The epoch was a Thursday: the first Monday is four days, the first Sunday three days later.
_MONDAY, _SUNDAY = 4, 3
_MIDNIGHT, _FX_OPEN, _STOCKS_OPEN = 0, 17 * 60, 9 * 60 + 30
_EPOCH = date(1970, 1, 1).toordinal()
# Before 02:00 New York the clock still counts from the day's own start, after it from the next one's.
_CLOCK_CHANGE = 2 * 60


def resample(bars: Bars, timeframe: Timeframe, calendar: Calendar, until: int) -> Bars:
    """Bars of `timeframe` made from finer `bars`: only buckets that are complete at `until` (UTC ms).

    A source bar belongs to the bucket in which it closes, and a bucket is complete at its open plus the timeframe's
    fixed length, so that nothing in it was unknown at its `close_time`. Where the clocks go back a bucket would last
    longer than that; what closes later than `close_time` then counts for the following bucket. Where they go forward
    a bucket is short and is declared complete up to an hour late. Buckets without a source bar do not appear.

    Timeframes under one hour start at multiples of their length since the epoch. From one hour on, `calendar` rules:
    `utc` from the epoch, the week from Monday; `fx` from 17:00 New York, the week from Sunday 17:00; `us_stocks` from
    09:30 New York, one daily bar a local date, the week from Monday, both stamped 09:30.

    Raises:
        ParameterError: `timeframe` is finer than the bars.
    """
    if timeframe < bars.timeframe:
        raise ParameterError(f"{bars.timeframe.name} bars cannot be made into {timeframe.name}: use finer bars.", bars)
    if timeframe == bars.timeframe or len(bars) == 0:
        return Bars(timeframe, bars.time, bars.open, bars.high, bars.low, bars.close, bars.volume).until(until)
    opens = bucket_opens(bars.close_time, timeframe, calendar)
    first = np.flatnonzero(np.diff(opens, prepend=opens[0] - 1))
    last = np.append(first[1:], len(bars)) - 1
    return Bars(
        timeframe,
        opens[first],
        bars.open[first],
        np.maximum.reduceat(bars.high, first),
        np.minimum.reduceat(bars.low, first),
        bars.close[last],
        np.add.reduceat(bars.volume, first),
    ).until(until)


def bucket_opens(close_time: Times, timeframe: Timeframe, calendar: Calendar) -> Times:
    """Open time of the bucket in which bars that close at `close_time` (UTC ms, ascending) count; shape (n,)."""
    inside = close_time - 1
    if timeframe < Timeframe.H1 or calendar is Calendar.UTC:
        shift = _MONDAY * DAY_MS if timeframe is Timeframe.W1 else 0
        return (inside - shift) // timeframe.ms * timeframe.ms + shift
    if len(inside) == 0:
        return np.empty(0, np.int64)
    grid = _grid(int(inside[0] // DAY_MS), int(inside[-1] // DAY_MS), timeframe, calendar)
    place = np.searchsorted(grid.start, inside, side="right") - 1
    late = close_time > grid.stamp[place] + timeframe.ms
    return grid.stamp[place + late]


@dataclass(frozen=True)
class _Grid:
    """Bucket k holds what closes in (start[k], start[k + 1]] and is stamped stamp[k]; both UTC ms, ascending."""

    start: Times
    stamp: Times


def _grid(first_day: int, last_day: int, timeframe: Timeframe, calendar: Calendar) -> _Grid:
    """The buckets around two epoch days, with room on both sides."""
    open_minute = _FX_OPEN if calendar is Calendar.FX else _STOCKS_OPEN
    if timeframe is Timeframe.W1:
        weekday = _SUNDAY if calendar is Calendar.FX else _MONDAY
        days = np.arange((first_day - weekday) // 7 - 1, (last_day - weekday) // 7 + 3) * 7 + weekday
    else:
        days = np.arange(first_day - 2, last_day + 4)
    stamp = _local_to_utc(days, open_minute)
    if timeframe >= Timeframe.D1:
        start = stamp if calendar is Calendar.FX else _local_to_utc(days, _MIDNIGHT)
        return _Grid(start, stamp)
    starts = _within_days(stamp, open_minute, timeframe)
    return _Grid(starts, starts)


def _within_days(opens: Times, open_minute: int, timeframe: Timeframe) -> Times:
    """Wall-clock bucket starts of every day between consecutive day opens.

    The clocks change at 02:00: buckets that start before it are counted from the day's open, later ones back from the
    next day's, so that 05:00 is 05:00 on either side of a change.
    """
    minutes = np.arange(0, 24 * 60, int(timeframe))
    before = minutes < 24 * 60 - open_minute + _CLOCK_CHANGE
    own = opens[:-1, None] + minutes * MINUTE_MS
    following = opens[1:, None] - (24 * 60 - minutes) * MINUTE_MS
    return np.unique(np.where(before, own, following))


def _local_to_utc(days: Times, minute: int) -> Times:
    return np.fromiter((_utc_ms(int(day), minute) for day in days), np.int64, len(days))


@lru_cache(maxsize=100_000)
def _utc_ms(day: int, minute: int) -> int:
    """UTC ms of a New York wall-clock minute on an epoch day; the minutes asked for exist exactly once every day."""
    local = datetime.combine(date.fromordinal(day + _EPOCH), time(minute // 60, minute % 60), NEW_YORK)
    return int((local - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1))
