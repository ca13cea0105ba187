"""Wall-clock times of a place in UTC, for whole arrays at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from core.bars import Times

_HOUR = timedelta(hours=1)
_MS = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEARS = (1970, 2100)


def to_utc(local: Times, zone: str) -> Times:
    """UTC ms of wall-clock times, given as ms since 1970-01-01 00:00 on the clock of `zone`; same shape.

    Meant for times that exist once on every day. An hour that the clock skips or repeats is read by the clock as it
    stands after the change. Times before 1970 or after 2099 are read by the nearest clock inside those years.
    """
    since, offset = _offsets(zone)
    guess = local - _at(since, offset, local)
    return local - _at(since, offset, guess)


def to_local(utc: Times, zone: str) -> Times:
    """What the clock of `zone` shows at these UTC ms, as ms since 1970-01-01 00:00 on that clock; same shape."""
    since, offset = _offsets(zone)
    return utc + _at(since, offset, utc)


def _at(since: Times, offset: Times, utc: Times) -> Times:
    return offset[np.maximum(np.searchsorted(since, utc, side="right") - 1, 0)]


@lru_cache(maxsize=16)
def _offsets(zone: str) -> tuple[Times, Times]:
    """The UTC ms from which each offset of the zone holds, and the offset in ms: found once, week by week."""
    place = ZoneInfo(zone)
    moment, end = datetime(_YEARS[0], 1, 1, tzinfo=UTC), datetime(_YEARS[1], 1, 1, tzinfo=UTC)
    known = _offset(moment, place)
    since, offsets = [_ms(moment)], [known // _MS]
    while moment < end:
        week_on = moment + timedelta(weeks=1)
        found = _offset(week_on, place)
        if found != known:
            since.append(_ms(_change(moment, week_on, place)))
            offsets.append(found // _MS)
        moment, known = week_on, found
    return np.array(since, np.int64), np.array(offsets, np.int64)


def _change(before: datetime, after: datetime, place: ZoneInfo) -> datetime:
    """The hour at which the offset changes between two moments: clocks are changed on the full hour."""
    known = _offset(before, place)
    while after - before > _HOUR:
        middle = before + (after - before) // _HOUR // 2 * _HOUR
        before, after = (middle, after) if _offset(middle, place) == known else (before, middle)
    return after


def _offset(moment: datetime, place: ZoneInfo) -> timedelta:
    return moment.astimezone(place).utcoffset() or timedelta(0)


def _ms(moment: datetime) -> int:
    return (moment - _EPOCH) // _MS
