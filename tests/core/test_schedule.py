"""Cron lines: when they fire next, and what they say."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.errors import ParameterError
from core.schedule import in_words, next_times


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1000


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        ("* * * * *", "every minute"),
        ("*/5 * * * *", "every 5 minutes"),
        ("0,30 * * * *", "every 30 minutes"),
        ("0 * * * *", "every hour"),
        ("7 * * * *", "at minute 7 of every hour"),
        ("5,20 * * * *", "at minutes 5 and 20 of every hour"),
        ("10 0 * * *", "at 00:10 UTC"),
        ("10 0,12 * * *", "at 00:10 and 12:10 UTC"),
        ("0 8 * * 1", "at 08:00 UTC on Mondays"),
        ("0 8 * * 1,3", "at 08:00 UTC on Mondays and Wednesdays"),
        ("0 8 * * 1-5", "at 08:00 UTC from Monday to Friday"),
        ("0 22 * * 0", "at 22:00 UTC on Sundays"),
        ("0 22 * * 7", "at 22:00 UTC on Sundays"),
        ("*/15 8-17 * * 1-5", "every 15 minutes from 08:00 to 17:59 UTC from Monday to Friday"),
        ("0 */4 * * *", "every 4 hours"),
        ("20 */6 * * *", "every 6 hours at minute 20"),
        ("*/15 */4 * * *", "every 15 minutes in every 4th hour (UTC)"),
        ("30 6 1 * *", "at 06:30 UTC on day 1 of the month"),
        ("30 6 1 * 1", "at 06:30 UTC on day 1 of the month or on Mondays"),
        ("30 6 l * *", "at 06:30 UTC on the last day of the month"),
        ("0 0 1 1,7 *", "at 00:00 UTC on day 1 of the month in January and July"),
    ],
)
def test_in_words(schedule, words):
    assert in_words(schedule) == words


def test_next_times_come_after_now():
    assert next_times("10 0 * * *", at("2024-02-28T00:10"), 2) == [at("2024-02-29T00:10"), at("2024-03-01T00:10")]
    assert next_times("*/5 * * * *", at("2024-03-01T00:04:59"), 1) == [at("2024-03-01T00:05")]


@pytest.mark.parametrize(
    "line", ["", "every minute", "* * * *", "* * * * * *", "61 * * * *", "0 0 30 2 *", "@hourly", "0 0 * * x"]
)
def test_what_is_no_cron_line_is_refused(line):
    for call in (in_words, lambda text: next_times(text, 0, 3)):
        with pytest.raises(ParameterError, match="use five fields"):
            call(line)
