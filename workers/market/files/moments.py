"""From what a file spells to UTC: the order of day and month, and the clock of a time zone."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from core.bars import Times
from core.errors import ParameterError
from core.timeframe import MINUTE_MS
from workers.market.files.stamps import DAY_MS, INSTANT, LOCAL, UNREADABLE, YEAR_LAST, Stamps

Mask = NDArray[np.bool_]
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_MONTHS, _LONGEST_MONTH = 12, 31
_SECOND_MS = 1000
# One order must be this many times more frequent before rows of the other order count as mistakes.
_CLEARLY = 20


def day_first(stamps: Stamps, told: bool | None) -> bool:
    """Whether the day comes before the month in dates that end with the year; `told` by the user, or None.

    Decided by the whole column: a number above 12 can only be a day.

    Raises:
        ParameterError: the dates make sense in either order.
    """
    last = stamps.style == YEAR_LAST
    if told is not None or not last.any():
        return bool(told)
    first, second = stamps.first[last], stamps.second[last]
    days_first = int(((first > _MONTHS) & (second <= _MONTHS)).sum())
    months_first = int(((second > _MONTHS) & (first <= _MONTHS)).sum())
    if days_first > _CLEARLY * months_first or months_first > _CLEARLY * days_first:
        return days_first > months_first
    if days_first == months_first == 0 and (first == second).all():
        return True
    raise ParameterError(
        "its dates can be read with the day or with the month first: say which by --date-format dmy or "
        "--date-format mdy.",
        stamps,
    )


def to_utc(stamps: Stamps, *, day_first: bool, zone: ZoneInfo) -> tuple[Times, Mask, Mask, Mask]:
    """UTC ms of every row, and which rows are unreadable, ambiguous (clocks going back) or skipped (going forward)."""
    swapped = day_first & (stamps.style == YEAR_LAST)
    month = np.where(swapped, stamps.second, stamps.first).astype(np.int64)
    day = np.where(swapped, stamps.first, stamps.second).astype(np.int64)
    instant = stamps.style == INSTANT
    days, valid = _epoch_days(stamps.year.astype(np.int64), month, day)
    ms = np.where(instant, stamps.ms, days * DAY_MS + stamps.ms)
    unreadable = (stamps.style == UNREADABLE) | ~(instant | valid)
    local = ~instant & ~unreadable & (stamps.offset == LOCAL)
    ms = ms - np.where(instant | local, 0, stamps.offset.astype(np.int64) * MINUTE_MS)
    ambiguous, skipped = np.zeros(len(ms), bool), np.zeros(len(ms), bool)
    if local.any():
        ms[local], ambiguous[local], skipped[local] = local_to_utc(ms[local], zone)
    return ms, unreadable, ambiguous, skipped


def local_to_utc(local: Times, zone: ZoneInfo) -> tuple[Times, Mask, Mask]:
    """UTC ms of wall-clock times (ms as if they were UTC), and which of them exist twice or not at all."""
    at, before, after = _changes(zone, int(local.min() // DAY_MS) - 2, int(local.max() // DAY_MS) + 3)
    offsets = np.append(before, after[-1] if len(after) else _offset_at(zone, int(local[0])))
    low, high = at + np.minimum(before, after), at + np.maximum(before, after)
    place = np.searchsorted(high, local, side="right")
    near = np.zeros(len(local), bool)
    back = np.zeros(len(local), bool)
    if len(at):
        change = np.minimum(place, len(at) - 1)
        near = (local >= low[change]) & (local < high[change])
        back = before[change] > after[change]
    return local - offsets[place], near & back, near & ~back


@lru_cache(maxsize=16)
def _changes(zone: ZoneInfo, first_day: int, last_day: int) -> tuple[Times, Times, Times]:
    """Instants (UTC ms) at which the zone's offset changes between two epoch days, and the offsets around them (ms)."""
    days = range(first_day, last_day + 1)
    offsets = [_offset_at(zone, day * DAY_MS) for day in days]
    found = []
    for index in [index for index in range(1, len(offsets)) if offsets[index] != offsets[index - 1]]:
        low, high = days[index - 1] * DAY_MS, days[index] * DAY_MS
        while high - low > _SECOND_MS:
            middle = (low + high) // (2 * _SECOND_MS) * _SECOND_MS
            low, high = (middle, high) if _offset_at(zone, middle) == offsets[index - 1] else (low, middle)
        found.append((high, offsets[index - 1], offsets[index]))
    table = np.array(found, np.int64).reshape(-1, 3).T
    return table[0], table[1], table[2]


def _offset_at(zone: ZoneInfo, utc_ms: int) -> int:
    offset = datetime.fromtimestamp(utc_ms / 1000, UTC).astimezone(zone).utcoffset()
    return int(offset.total_seconds() * 1000) if offset else 0


def _epoch_days(year: Times, month: Times, day: Times) -> tuple[Times, Mask]:
    """Days since 1970-01-01 of proleptic Gregorian dates, and which of them exist."""
    valid = (year >= _FIRST_YEAR) & (year <= _LAST_YEAR) & (month >= 1) & (month <= _MONTHS)
    valid &= (day >= 1) & (day <= _LONGEST_MONTH)
    months = (np.where(valid, year, 1970) - 1970) * _MONTHS + np.where(valid, month, 1) - 1
    begin, following = (
        (months + step).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) for step in (0, 1)
    )
    days = begin + np.where(valid, day, 1) - 1
    return days, valid & (days < following)
