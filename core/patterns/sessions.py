"""The trading sessions of Tokyo, London and New York, in local time with daylight saving."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numba import njit

from core.bars import Bars, Floats, Times
from core.local_time import to_utc
from core.patterns.events import Kind
from core.patterns.spans import extremes
from core.patterns.tables import NOTHING, Part, Positions, share, space, status_space, write
from core.patterns.taken import mark_taken
from core.timeframe import MINUTE_MS, Timeframe

DAY_MS = 24 * 60 * MINUTE_MS
# The epoch was a Thursday; counted from Monday, Saturday and Sunday are the days 5 and 6.
_EPOCH_WEEKDAY, _SATURDAY = 3, 5
# A session that covers this many ATR has full score.
FULL_SCORE_ATR = 10.0


@dataclass(frozen=True)
class Session:
    """Open and close in minutes after local midnight, Monday to Friday."""

    kind: Kind
    zone: str
    opens: int
    closes: int


SESSIONS = (
    Session(Kind.SESSION_TOKYO, "Asia/Tokyo", 9 * 60, 15 * 60),
    Session(Kind.SESSION_LONDON, "Europe/London", 8 * 60, 16 * 60 + 30),
    Session(Kind.SESSION_NEW_YORK, "America/New_York", 9 * 60 + 30, 16 * 60),
)


@njit(cache=True)
def _rows(
    time: Times,
    length: int,
    opened: Floats,
    high: Floats,
    low: Floats,
    close: Floats,
    atr: Floats,
    kinds: Times,
    opens: Times,
    closes: Times,
) -> tuple[Positions, Floats, Positions]:
    """The sessions that end among bars of `length` ms; `kinds`, `opens` and `closes` (UTC ms) are those there are."""
    place, price = space(len(kinds), 0)
    statuses = status_space(2 * len(kinds))
    count = marks = 0
    for k in range(len(kinds)):
        if opens[k] < time[0] or closes[k] > time[-1] + length:
            continue
        first, after = np.searchsorted(time, opens[k]), np.searchsorted(time, closes[k])
        if first >= after or time[after - 1] + length > closes[k]:
            continue
        if first > 0 and time[first - 1] + length > opens[k]:
            continue
        last = after - 1
        known = last if time[last] + length >= closes[k] else after
        bottom, top = extremes(high, low, first, last)
        way = 1 if close[last] >= opened[first] else -1
        middle = bottom + (top - bottom) / 2
        score = share(top - bottom, atr[known] * FULL_SCORE_ATR)
        write(place[count], price[count], kinds[k], way, first, last, known, bottom, top, middle, score)
        marks = mark_taken(high, low, close, after, bottom, top, statuses, marks, count)
        count += 1
    return place[:count], price[:count], statuses[:marks]


def session_events(bars: Bars, atr: Floats) -> Part:
    """The range of every finished session, known at the first bar that closes at its end or later.

    Level is the middle of the range, direction that of the session (+1 when its last close is not below its first
    open), score its height with 10 ATR in full. SWEPT and BROKEN when a later bar trades beyond either end.

    Only bars under four hours that fit the session: where a bar reaches over its open or its close (as hourly bars do
    over 09:30) the range cannot be told exactly and there is no event. Nor is there one for a session of which the
    first bars are missing because the series begins within it. Saturdays and Sundays have no sessions; public holidays
    are not known, so a market that trades through one has its session as on any day.
    """
    if len(bars) == 0 or bars.timeframe >= Timeframe.H4:
        return NOTHING
    hours = _hours(int(bars.time[0] // DAY_MS), int(bars.time[-1] // DAY_MS))
    found: Part = _rows(bars.time, bars.timeframe.ms, bars.open, bars.high, bars.low, bars.close, atr, *hours)
    return found


@lru_cache(maxsize=256)
def _hours(first_day: int, last_day: int) -> tuple[Times, Times, Times]:
    """Kind, open and close (UTC ms) of every session around two epoch days, a day more on both sides."""
    days = np.arange(first_day - 1, last_day + 2)
    midnight = days[(days + _EPOCH_WEEKDAY) % 7 < _SATURDAY] * DAY_MS
    kind = np.repeat(np.array([session.kind for session in SESSIONS], np.int64), len(midnight))
    opens = [to_utc(midnight + session.opens * MINUTE_MS, session.zone) for session in SESSIONS]
    closes = [to_utc(midnight + session.closes * MINUTE_MS, session.zone) for session in SESSIONS]
    return kind, np.concatenate(opens), np.concatenate(closes)
