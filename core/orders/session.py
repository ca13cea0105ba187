"""When a DAY order's day is over."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from core.timeframe import Calendar

_NEW_YORK: Final = ZoneInfo("America/New_York")
_ENDS: Final = {
    Calendar.UTC: (ZoneInfo("UTC"), time(0)),
    Calendar.FX: (_NEW_YORK, time(17)),
    Calendar.US_STOCKS: (_NEW_YORK, time(16)),
}
_SATURDAY: Final = 5


def session_end(calendar: Calendar, now: int) -> int:
    """The next end of a trading day after `now` (both UTC ms): midnight UTC, 17:00 New York, or the 16:00 close there.

    Weekends have no end but Friday's; holidays and short days are not known, so that an order may outlive them.
    """
    zone, at = _ENDS[calendar]
    moment = datetime.fromtimestamp(now / 1000, UTC)
    day = moment.astimezone(zone).date()
    while (end := datetime.combine(day, at, zone)) <= moment or _closed(calendar, day):
        day += timedelta(days=1)
    return int(end.timestamp()) * 1000


def _closed(calendar: Calendar, day: date) -> bool:
    return calendar is not Calendar.UTC and day.weekday() >= _SATURDAY
