"""A time axis without holes: bars stand side by side, wherever the market was closed between them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import numpy as np

from core.bars import Bars, Floats, Times

_DAY: Final = 86_400_000
_APART: Final = 0.6
"""Labels stand at least this share of an even spacing apart: the hours of a Sunday evening have no room for a day."""
_MINUTES = (5, 15, 30, 60, 120, 240, 480, 720, 1440, 2880, 10_080)
STEPS: Final = tuple(minutes * 60_000 for minutes in _MINUTES)


def positions(bars: Bars, times: Times) -> Floats:
    """Where moments (UTC ms) lie on the axis on which bar i stands at i; shape (n,).

    A moment within a bar gets that bar's position, one in a closed market the position of the bar before. Beyond the
    last bar the axis runs on at the bar's length; everything before the first bar lies at -1.
    """
    inside = np.searchsorted(bars.time, times, side="right") - 1
    beyond = (times - bars.time[-1]) // bars.timeframe.ms
    return np.where(inside < len(bars) - 1, inside, len(bars) - 1 + beyond).astype(np.float64)


def ticks(bars: Bars, most: int = 9) -> tuple[list[int], list[str]]:
    """Positions and labels of round moments, at most `most` of them: `14:30`, with the date where a new one begins."""
    step = next((step for step in STEPS if step >= bars.timeframe.ms and _firsts(bars.time, step).size <= most), None)
    if step is None:
        return _month_ticks(bars, most)
    found = _apart(_firsts(bars.time, step), len(bars), most)
    if step >= _DAY:
        return found.tolist(), [_label(bars.time[at], "%d %b") for at in found]
    new = np.diff(bars.time[found] // _DAY, prepend=-1) > 0
    names = [_label(bars.time[at], "%H:%M<br>%d %b" if day else "%H:%M") for at, day in zip(found, new, strict=True)]
    return found.tolist(), names


def _firsts(times: Times, step: int) -> Times:
    """Positions of the first bar of each span of `step` ms, the span that the chart begins in left out."""
    return np.flatnonzero(np.diff(times // step) > 0) + 1


def _apart(found: Times, count: int, most: int) -> Times:
    """Those of rising positions on an axis of `count` bars that leave room for the next one's label."""
    kept: list[int] = []
    for at in found[::-1].tolist():  # of two the later one stays: it begins the longer stretch
        if not kept or kept[-1] - at >= _APART * count / most:
            kept.append(at)
    return np.array(kept[::-1], dtype=np.int64)


def _month_ticks(bars: Bars, most: int) -> tuple[list[int], list[str]]:
    months = bars.time.astype("datetime64[ms]").astype("datetime64[M]").astype(np.int64)
    every = next(count for count in (1, 2, 3, 6, 12, 24, 60, 120, 1200) if _firsts(months, count).size <= most)
    found = _apart(_firsts(months, every), len(bars), most)
    return found.tolist(), [_label(bars.time[at], "%b %Y") for at in found]


def _label(moment: np.int64, form: str) -> str:
    return datetime.fromtimestamp(int(moment) / 1000, UTC).strftime(form)
