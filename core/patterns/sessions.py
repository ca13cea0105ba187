"""The trading sessions of Tokyo, London and New York, in local time with daylight saving."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.bars import Bars, Floats, Times
from core.local_time import to_utc
from core.patterns.events import EVENT, STATUS, Events, Kind
from core.patterns.geometry import in_atr
from core.patterns.spans import extremes
from core.patterns.taken import taken_statuses
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


def session_events(bars: Bars, atr: Floats) -> tuple[Events, Events]:
    """The range of every finished session, known at the first bar that closes at its end or later.

    Level is the middle of the range, direction that of the session (+1 when its last close is not below its first
    open), score its height with 10 ATR in full. SWEPT and BROKEN when a later bar trades beyond either end.

    Only bars under four hours that fit the session: where a bar reaches over its open or its close (as hourly bars do
    over 09:30) the range cannot be told exactly and there is no event. Nor is there one for a session of which the
    first bars are missing because the series begins within it. Saturdays and Sundays have no sessions; public holidays
    are not known, so a market that trades through one has its session as on any day.
    """
    if len(bars) == 0 or bars.timeframe >= Timeframe.H4:
        return np.empty(0, EVENT), np.empty(0, STATUS)
    kind, first, known, after = _find(bars)
    last = after - 1
    bottom, top = extremes(bars.high, bars.low, first, last)
    events = np.zeros(len(kind), EVENT)
    events["kind"] = kind
    events["direction"] = np.where(bars.close[last] >= bars.open[first], 1, -1)
    events["start"], events["end"] = bars.time[first], bars.time[last]
    events["price_low"], events["price_high"] = bottom, top
    events["level"] = bottom + (top - bottom) / 2
    events["known_at"] = bars.close_time[known]
    events["score"] = in_atr(top - bottom, atr[known], FULL_SCORE_ATR)
    return events, taken_statuses(bars, after, bottom, top)


def _find(bars: Bars) -> tuple[Times, Times, Times, Times]:
    """Of every finished session: its kind, its first bar, the bar that made it known, the first bar after it."""
    kind, opens, closes = _hours(int(bars.time[0] // DAY_MS), int(bars.time[-1] // DAY_MS))
    close_time = bars.close_time
    first = np.searchsorted(bars.time, opens)
    after = np.searchsorted(bars.time, closes)
    known = np.searchsorted(close_time, closes)
    whole = (first < after) & (known < len(bars)) & (opens >= bars.time[0])
    kind, first, known, after, opens, closes = (x[whole] for x in (kind, first, known, after, opens, closes))
    early = close_time[np.maximum(first - 1, 0)]
    fits = (close_time[after - 1] <= closes) & ((first == 0) | (early <= opens))
    return kind[fits], first[fits], known[fits], after[fits]


@lru_cache(maxsize=256)
def _hours(first_day: int, last_day: int) -> tuple[Times, Times, Times]:
    """Kind, open and close (UTC ms) of every session around two epoch days, a day more on both sides."""
    days = np.arange(first_day - 1, last_day + 2)
    midnight = days[(days + _EPOCH_WEEKDAY) % 7 < _SATURDAY] * DAY_MS
    kind = np.repeat(np.array([session.kind for session in SESSIONS], np.int64), len(midnight))
    opens = [to_utc(midnight + session.opens * MINUTE_MS, session.zone) for session in SESSIONS]
    closes = [to_utc(midnight + session.closes * MINUTE_MS, session.zone) for session in SESSIONS]
    return kind, np.concatenate(opens), np.concatenate(closes)
