"""Market structure: breaks of structure (BOS) and changes of character (CHoCH)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from core.bars import Bars, Floats
from core.patterns.events import EVENT, STATUS, Event, EventLog, Events, Kind
from core.patterns.geometry import in_atr
from core.patterns.swings import Flags

Positions = NDArray[np.int64]


@dataclass(frozen=True)
class Breaks:
    """Breaks in order: the bar that closed beyond, the swing it broke, +1 or -1, and whether it turned the trend."""

    bar: Positions
    swing: Positions
    direction: Positions
    choch: Flags


@njit(cache=True)
def _scan_breaks(
    high: Floats, low: Floats, close: Floats, is_high: Flags, is_low: Flags, length: int
) -> tuple[Positions, Positions, Positions, Flags]:
    n = len(close)
    bar = np.empty(2 * n, dtype=np.int64)
    swing = np.empty(2 * n, dtype=np.int64)
    direction = np.empty(2 * n, dtype=np.int64)
    choch = np.empty(2 * n, dtype=np.bool_)
    count = 0
    trend = 0
    last_high = last_low = -1  # -1: none known, or consumed by a break
    for t in range(n):
        if t >= length and is_high[t - length]:
            last_high = t - length
        if t >= length and is_low[t - length]:
            last_low = t - length
        if last_high >= 0 and close[t] > high[last_high]:
            bar[count], swing[count], direction[count], choch[count] = t, last_high, 1, trend < 0
            count += 1
            trend, last_high = 1, -1
        if last_low >= 0 and close[t] < low[last_low]:
            bar[count], swing[count], direction[count], choch[count] = t, last_low, -1, trend > 0
            count += 1
            trend, last_low = -1, -1
    return bar[:count].copy(), swing[:count].copy(), direction[:count].copy(), choch[:count].copy()


def find_breaks(bars: Bars, is_high: Flags, is_low: Flags, length: int) -> Breaks:
    """Every first close beyond the last swing known by then.

    A break against the trend is a CHoCH, any other a BOS; either sets the trend and consumes its level.
    """
    return Breaks(*_scan_breaks(bars.high, bars.low, bars.close, is_high, is_low, length))


def break_events(bars: Bars, breaks: Breaks, atr: Floats) -> tuple[Events, Events]:
    """Events BOS and CHOCH, from the broken swing to the breaking bar; a close one ATR beyond has full score."""
    up = breaks.direction > 0
    level = np.where(up, bars.high[breaks.swing], bars.low[breaks.swing])
    close = bars.close[breaks.bar]
    events = np.zeros(len(breaks.bar), EVENT)
    events["kind"] = np.where(breaks.choch, Kind.CHOCH, Kind.BOS)
    events["direction"] = breaks.direction
    events["start"], events["end"] = bars.time[breaks.swing], bars.time[breaks.bar]
    events["price_low"], events["price_high"] = np.minimum(level, close), np.maximum(level, close)
    events["level"] = level
    events["known_at"] = bars.close_time[breaks.bar]
    events["score"] = in_atr(np.abs(close - level), atr[breaks.bar], 1.0)
    return events, np.empty(0, STATUS)


def last_break(log: EventLog) -> Event | None:
    """The newest BOS or CHoCH (a one-row view of the log), None before the first. Its direction is the trend."""
    found = log.of(Kind.BOS, Kind.CHOCH)
    return log.events[found[-1]] if len(found) else None
