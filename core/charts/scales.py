"""Round prices and round moments for the axes of a rendered image."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Final

import numpy as np

from core.bars import Times
from core.charts.axis import STEPS

_DAY: Final = 86_400_000
_NICE: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_MOST_DECIMALS: Final = 14
_MONTHS: Final = (1, 2, 3, 6, 12, 24, 60, 120, 1200)


def price_ticks(low: float, high: float, most: int) -> tuple[list[float], list[str]]:
    """At most `most` round prices within low..high, and how they are written: with the decimals their step needs."""
    step = _nice_step((high - low) / max(most, 1))
    first = math.ceil(low / step)
    values = [index * step for index in range(first, math.floor(high / step) + 1)]
    decimals = _decimals(step)
    return values, [price_text(value, decimals) for value in values]


def price_text(value: float, decimals: int) -> str:
    """`1.08500`, `64,250.0`; prices that would need more than 14 decimals as `1.2346e-15`."""
    return f"{value:,.{decimals}f}" if decimals <= _MOST_DECIMALS else f"{value:.4e}"


def decimals_of(low: float, high: float) -> int:
    """Decimals in which a price on an axis from low to high is told apart from its neighbours: a thousandth of it."""
    return min(max(0, 3 - math.floor(math.log10(high - low))), _MOST_DECIMALS + 1)


def time_ticks(times: Times, most: int) -> tuple[list[int], list[str], list[bool]]:
    """Elements at which a new round span begins, at most `most`; their labels, and which of them begin a new day.

    `times` are the open times (UTC ms, never falling). Within a day a label is `14:30`, at the first of a new day
    `06 Jan`; from days on it is the date, from months on `Feb 2026`.
    """
    found, step = _round_firsts(times, most)
    if step == 0:
        return found.tolist(), [_written(times[at], "%b %Y") for at in found], [False] * len(found)
    if step >= _DAY:
        return found.tolist(), [_written(times[at], "%d %b") for at in found], [False] * len(found)
    fresh = np.diff(times[found] // _DAY, prepend=times[0] // _DAY) > 0
    names = [_written(times[at], "%d %b" if day else "%H:%M") for at, day in zip(found, fresh, strict=True)]
    return found.tolist(), names, fresh.tolist()


def _round_firsts(times: Times, most: int) -> tuple[Times, int]:
    """Elements that begin a new span of the shortest step with at most `most` of them, and the step; 0 for months."""
    shortest = int(np.median(np.diff(times))) if len(times) > 1 else 0
    for step in STEPS:
        found = np.flatnonzero(np.diff(times // step) > 0) + 1
        if step >= shortest and 0 < found.size <= most:
            return found, step
    months = times.astype("datetime64[ms]").astype("datetime64[M]").astype(np.int64)
    for every in _MONTHS:
        found = np.flatnonzero(np.diff(months // every) > 0) + 1
        if 0 < found.size <= most:
            return found, 0
    return np.zeros(1, np.int64), _DAY


def _nice_step(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in _NICE if factor * power >= least * (1 - 1e-9))


def _decimals(step: float) -> int:
    power = math.floor(math.log10(step) + 1e-9)
    digits = max(0, -power)
    return digits if math.isclose(round(step, digits), step, rel_tol=1e-9) else digits + 1


def _written(moment: np.int64, form: str) -> str:
    return datetime.fromtimestamp(int(moment) / 1000, UTC).strftime(form)
