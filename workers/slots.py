"""The scheduled moments of a strategy. Pure: the time is an argument."""

from __future__ import annotations

from datetime import datetime

from core.schedule import cron

DAY_MS = 86_400_000

LEAST, MOST = 60, 288
"""Slots that are made up for after a pause or on a first start: a day of them, but at least 60 and at most 288."""


def last_slots(schedule: str, now: int) -> list[int]:
    """The moments (UTC ms, oldest first, none after `now`) at which the cron line `schedule` (UTC) last fired.

    Raises:
        ParameterError: not a cron line.
    """
    times = cron(schedule, now // 1000 + 1)
    slots: list[int] = []
    while len(slots) < MOST:
        slot = _ms(times.get_prev(datetime))
        if len(slots) >= LEAST and slot <= now - DAY_MS:
            break
        slots.append(slot)
    return slots[::-1]


def next_slot(schedule: str, moment: int) -> int:
    """The first moment (UTC ms), not before `moment`, at which `schedule` fires.

    Raises:
        ParameterError: not a cron line.
    """
    return _ms(cron(schedule, -(-moment // 1000) - 1).get_next(datetime))


def _ms(moment: datetime) -> int:
    return int(moment.timestamp()) * 1000
