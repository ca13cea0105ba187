"""Cron lines in UTC: when they fire, and what they say in words."""

from __future__ import annotations

from datetime import UTC, datetime

from croniter import CroniterError, croniter

from core.errors import ParameterError

FIELDS = 5
_DAYS = ("Sundays", "Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_ANY = ["*"]
_RANGE = 3


def cron(schedule: str, second: int) -> croniter:
    """An iterator over the times of `schedule` that starts at a moment (UTC seconds).

    Raises:
        ParameterError: not a cron line of five fields that ever fires.
    """
    refused = f"'{schedule}' is no cron line: use five fields, such as */5 * * * *."
    if len(schedule.split()) != FIELDS:
        raise ParameterError(refused, schedule)
    try:
        found = croniter(schedule, datetime.fromtimestamp(second, UTC))
        croniter(schedule, datetime.fromtimestamp(second, UTC)).get_next(datetime)
    except (CroniterError, ValueError, KeyError) as error:
        raise ParameterError(refused, schedule) from error
    return found


def next_times(schedule: str, now: int, count: int) -> list[int]:
    """The next `count` moments (UTC ms) after `now` at which the cron line fires, soonest first.

    Raises:
        ParameterError: not a cron line.
    """
    times = cron(schedule, now // 1000)
    return [int(times.get_next(datetime).timestamp()) * 1000 for _ in range(count)]


def in_words(schedule: str) -> str:
    """What the cron line says: `every 5 minutes`, `at 00:10 UTC on Mondays`.

    Raises:
        ParameterError: not a cron line.
    """
    cron(schedule, 0)
    minutes, hours, days, months, weekdays = ([str(part) for part in field] for field in croniter.expand(schedule)[0])
    return " ".join(part for part in (_time(minutes, hours), _day(days, weekdays), _month(months)) if part)


def _time(minutes: list[str], hours: list[str]) -> str:
    step = _step(minutes, 60)
    if hours == _ANY:
        return _within_the_hour(minutes, step)
    if minutes == _ANY or (step and len(minutes) > 1):
        each = _within_the_hour(minutes, step)
        return f"{each} {_hours(hours)}"
    if _step(hours, 24) and len(minutes) == 1 and len(hours) >= _RANGE:
        return f"every {_step(hours, 24)} hours" + ("" if minutes == ["0"] else f" at minute {minutes[0]}")
    if len(minutes) * len(hours) <= FIELDS:
        clock = [f"{int(hour):02d}:{int(minute):02d}" for hour in hours for minute in minutes]
        return f"at {_list(clock)} UTC"
    return f"{_within_the_hour(minutes, step)} {_hours(hours)}"


def _within_the_hour(minutes: list[str], step: int) -> str:
    if minutes == _ANY:
        return "every minute"
    if step:
        return f"every {step} minutes"
    if minutes == ["0"]:
        return "every hour"
    return f"at {'minute' if len(minutes) == 1 else 'minutes'} {_list(minutes)} of every hour"


def _hours(hours: list[str]) -> str:
    step = _step(hours, 24)
    if step:
        return f"in every {step}{'nd' if step == 2 else 'rd' if step == 3 else 'th'} hour (UTC)"  # noqa: PLR2004
    numbers = [int(hour) for hour in hours]
    if _runs(numbers):
        return f"from {numbers[0]:02d}:00 to {numbers[-1]:02d}:59 UTC"
    return f"in the hours {_list([f'{number:02d}' for number in numbers])} (UTC)"


def _day(days: list[str], weekdays: list[str]) -> str:
    parts = []
    if days != _ANY:
        last = ["the last day" if day == "l" else f"day {day}" for day in days]
        parts.append(f"on {_list(last)} of the month")
    if weekdays != _ANY:
        numbers = sorted({int(day) % 7 for day in weekdays if day.isdigit()})
        if len(numbers) != len(weekdays):
            return " or ".join([*parts, "on chosen weekdays"])
        if _runs(numbers):
            parts.append(f"from {_DAYS[numbers[0]][:-1]} to {_DAYS[numbers[-1]][:-1]}")
        else:
            parts.append(f"on {_list([_DAYS[number] for number in numbers])}")
    # Where both are given, cron fires on either.
    return " or ".join(parts)


def _month(months: list[str]) -> str:
    return "" if months == _ANY else f"in {_list([_MONTHS[int(month) - 1] for month in months])}"


def _step(values: list[str], cycle: int) -> int:
    """The regular distance of values that start at 0 and fill the cycle, 0 where there is none."""
    if not all(value.isdigit() for value in values) or len(values) < 2:  # noqa: PLR2004  (a distance needs two)
        return 0
    numbers = [int(value) for value in values]
    step = numbers[1] - numbers[0]
    return step if numbers == list(range(0, cycle, step)) and cycle % step == 0 else 0


def _runs(numbers: list[int]) -> bool:
    return len(numbers) >= _RANGE and numbers == list(range(numbers[0], numbers[-1] + 1))


def _list(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
