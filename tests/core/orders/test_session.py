"""DAY orders end with the market's own day, also where its clock changes."""

from __future__ import annotations

from datetime import datetime

import pytest

from core.orders.session import session_end
from core.timeframe import Calendar


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 1000


@pytest.mark.parametrize(
    ("calendar", "now", "end"),
    [
        (Calendar.UTC, "2026-11-20T23:59:59+00:00", "2026-11-21T00:00:00+00:00"),
        (Calendar.UTC, "2026-11-21T00:00:00+00:00", "2026-11-22T00:00:00+00:00"),
        (Calendar.US_STOCKS, "2026-11-20T20:59:00+00:00", "2026-11-20T21:00:00+00:00"),
        # Friday after the close: Monday's.
        (Calendar.US_STOCKS, "2026-11-20T21:00:00+00:00", "2026-11-23T21:00:00+00:00"),
        (Calendar.FX, "2026-11-20T22:00:00+00:00", "2026-11-23T22:00:00+00:00"),
        # New York changed its clock on 8 March 2026: 16:00 is 20:00 UTC from then on.
        (Calendar.US_STOCKS, "2026-03-06T22:00:00+00:00", "2026-03-09T20:00:00+00:00"),
    ],
)
def test_the_day_ends_by_the_markets_clock(calendar: Calendar, now: str, end: str):
    assert session_end(calendar, ms(now)) == ms(end)
