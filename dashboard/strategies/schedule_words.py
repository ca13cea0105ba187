"""A cron line as people say it, with the moments at which it fires next."""

from __future__ import annotations

from datetime import UTC, datetime

from core.errors import ParameterError
from core.schedule import in_words, next_times


def schedule_words(schedule: str) -> str:
    """What the line says; the line itself where it cannot be read."""
    try:
        return in_words(schedule)
    except ParameterError:
        return schedule


def next_words(schedule: str, now: int, count: int = 3) -> str:
    """The next runs after `now` (UTC ms): `14:25, 14:30 and 14:35`, with the day where it is another one.

    Raises:
        ParameterError: not a cron line.
    """
    today = datetime.fromtimestamp(now / 1000, UTC).date()
    words, day = [], today
    for moment in next_times(schedule, now, count):
        when = datetime.fromtimestamp(moment / 1000, UTC)
        words.append(f"{when:%H:%M}" if when.date() == day else f"{when:%a} {when.day} {when:%b %H:%M}")
        day = when.date()
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
