"""High and low of the previous day and week, by the market's own clock."""

from __future__ import annotations

import numpy as np

from core.bars import Bars, Floats, Times
from core.patterns.events import EVENT, STATUS, Events, Kind
from core.patterns.geometry import in_atr
from core.patterns.spans import extremes
from core.patterns.taken import taken_statuses
from core.resample import bucket_opens
from core.timeframe import Calendar, Timeframe

# period, its high, its low, and the height in ATR that has full score
_PERIODS = (
    (Timeframe.D1, Kind.PREVIOUS_DAY_HIGH, Kind.PREVIOUS_DAY_LOW, 10.0),
    (Timeframe.W1, Kind.PREVIOUS_WEEK_HIGH, Kind.PREVIOUS_WEEK_LOW, 20.0),
)


def previous_level_events(bars: Bars, atr: Floats, calendar: Calendar) -> tuple[Events, Events]:
    """High (direction -1: supply) and low (+1: demand) of every finished day and week that is longer than the bars.

    Days and weeks are those of `core.resample.bucket_opens`; a level is known at the first bar that closes when the
    period is over or later. Start and end are the period's first and last bar, price_low to price_high its range, and
    the score is that range's height, with 10 ATR (a day) or 20 ATR (a week) in full. The first period counts only when
    the bars reach back to its open. SWEPT and BROKEN when a later bar trades beyond the level; the bar that makes a
    level known can do so itself, when it opened after the period.
    """
    if len(bars) == 0:
        return np.empty(0, EVENT), np.empty(0, STATUS)
    periods = [row for row in _PERIODS if row[0] > bars.timeframe]
    if not periods:
        return np.empty(0, EVENT), np.empty(0, STATUS)
    parts = [_finished(bars, calendar, row[0]) for row in periods]
    count = [len(part[0]) for part in parts]
    first, last, known, after = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    high, low, full = (np.repeat([row[i] for row in periods], count) for i in (1, 2, 3))
    bottom, top = extremes(bars.high, bars.low, first, last)
    events = np.zeros((2, len(first)), EVENT)
    events["kind"], events["direction"] = (high, low), ((-1,), (1,))
    events["start"], events["end"] = bars.time[first], bars.time[last]
    events["price_low"], events["price_high"] = bottom, top
    events["level"] = top, bottom
    events["known_at"] = bars.close_time[known]
    events["score"] = in_atr((top - bottom) / full, atr[known], 1.0)
    open_end = np.full(len(first), np.inf)
    below, above = np.concatenate([-open_end, bottom]), np.concatenate([top, open_end])
    return events.ravel(), taken_statuses(bars, np.tile(after, 2), below, above)


def _finished(bars: Bars, calendar: Calendar, period: Timeframe) -> tuple[Times, Times, Times, Times]:
    """Of every finished period: its first bar, its last, the bar that made it known, the first bar after it."""
    close_time = bars.close_time
    opens = bucket_opens(close_time, period, calendar)
    first = np.flatnonzero(np.diff(opens, prepend=opens[0] - 1))
    last = np.append(first[1:], len(bars)) - 1
    over = opens[first] + period.ms
    known = np.searchsorted(close_time, over)
    whole = (known < len(bars)) & ((first > 0) | (bars.time[0] <= opens[first]))
    return first[whole], last[whole], known[whole], np.searchsorted(bars.time, over[whole])
