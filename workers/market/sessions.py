"""How lively a simulated market is in each minute of a UTC day, with the daylight saving of its financial centres."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from core.bars import Floats

DAY_MINUTES = 1440
_NEW_YORK = ZoneInfo("America/New_York")
_LONDON = ZoneInfo("Europe/London")
_FRIDAY, _SATURDAY, _SUNDAY = 4, 5, 6
_FX_CLOSE = 17 * 60
_TOKYO_OPEN_UTC, _TOKYO_CLOSE_UTC = 0, 9 * 60


def activity(day: date, *, continuous: bool) -> Floats:
    """Relative standard deviation of every minute of a UTC day, shape (1440,); 0 where the market is closed.

    A continuous market never closes; any other is closed from Friday 17:00 to Sunday 17:00 New York. The clocks change
    on Sundays before noon UTC, while the others are closed, so the offset at noon holds for the whole day.
    """
    noon = datetime.combine(day, time(12), UTC)
    new_york, london = (_offset_minutes(noon, zone) for zone in (_NEW_YORK, _LONDON))
    return _profile(day.weekday(), new_york, london, continuous)


@lru_cache(maxsize=128)
def _profile(weekday: int, new_york: int, london: int, continuous: bool) -> Floats:
    minute = np.arange(DAY_MINUTES)
    level = np.full(DAY_MINUTES, 0.30)
    level += 0.22 * _open(minute, _TOKYO_OPEN_UTC, _TOKYO_CLOSE_UTC)
    level += 0.55 * _open(minute + london, 8 * 60, _FX_CLOSE) + 0.60 * _open(minute + new_york, 8 * 60, _FX_CLOSE)
    level += 0.70 * _burst(minute + london, 8 * 60) + 0.80 * _burst(minute + new_york, 9 * 60 + 30)
    if continuous:
        level = 0.35 + 0.65 * level
        level *= 0.6 if weekday in (_SATURDAY, _SUNDAY) else 1.0
    else:
        level[_closed(minute + new_york, weekday)] = 0.0
    level.setflags(write=False)
    return level


def _closed(local: NDArray[np.int64], weekday: int) -> NDArray[np.bool_]:
    if weekday == _FRIDAY:
        return local >= _FX_CLOSE
    if weekday == _SUNDAY:
        return local < _FX_CLOSE
    return np.full(DAY_MINUTES, weekday == _SATURDAY)


def _open(local: NDArray[np.int64], start: int, end: int) -> Floats:
    """1 in the session, with an hour's slope on either side; shape (n,)."""
    return np.clip((local - start) / 60 + 0.5, 0, 1) * np.clip((end - local) / 60 + 0.5, 0, 1)


def _burst(local: NDArray[np.int64], start: int) -> Floats:
    """The rush at an open that fades within the hour; shape (n,)."""
    return np.where(local >= start, np.exp(-np.clip(local - start, 0, None) / 25), 0.0)


def _offset_minutes(moment: datetime, zone: ZoneInfo) -> int:
    offset = moment.astimezone(zone).utcoffset()
    return 0 if offset is None else int(offset.total_seconds() // 60)
