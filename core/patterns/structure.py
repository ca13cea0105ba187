"""Market structure: breaks of structure (BOS) and changes of character (CHoCH)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from core.bars import Bars, Floats
from core.patterns.events import Event, EventLog, Kind
from core.patterns.swings import Flags
from core.patterns.tables import NO_STATUSES, Part, Positions, share, space, write

BOS, CHOCH, REVERSAL = int(Kind.BOS), int(Kind.CHOCH), int(Kind.REVERSAL)


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


@njit(cache=True)
def _rows(
    high: Floats,
    low: Floats,
    close: Floats,
    bar: Positions,
    swing: Positions,
    direction: Positions,
    choch: Flags,
    atr: Floats,
    on: int,
    turned: int,
) -> tuple[Positions, Floats]:
    """The breaks that go on with the trend as kind `on` (0: left out), those that turn it as kind `turned`."""
    place, price = space(len(bar), 0)
    count = 0
    for k in range(len(bar)):
        kind, t = turned if choch[k] else on, bar[k]
        if kind == 0:
            continue
        level = high[swing[k]] if direction[k] > 0 else low[swing[k]]
        bottom, top = min(level, close[t]), max(level, close[t])
        score = share(top - bottom, atr[t])
        write(place[count], price[count], kind, direction[k], swing[k], t, t, bottom, top, level, score)
        count += 1
    return place[:count], price[:count]


def _events(bars: Bars, breaks: Breaks, atr: Floats, on: int, turned: int) -> Part:
    columns = (bars.high, bars.low, bars.close, breaks.bar, breaks.swing, breaks.direction, breaks.choch, atr)
    return *_rows(*columns, on, turned), NO_STATUSES


def break_events(bars: Bars, breaks: Breaks, atr: Floats) -> Part:
    """BOS and CHOCH, from the broken swing to the breaking bar; a close one ATR beyond has full score."""
    return _events(bars, breaks, atr, BOS, CHOCH)


def reversal_events(bars: Bars, breaks: Breaks, atr: Floats) -> Part:
    """REVERSAL: the changes of character, under the name a trend trader looks for."""
    return _events(bars, breaks, atr, 0, REVERSAL)


def last_break(log: EventLog) -> Event | None:
    """The newest BOS or CHoCH (a one-row view of the log), None before the first. Its direction is the trend."""
    found = log.of(Kind.BOS, Kind.CHOCH)
    return log.events[found[-1]] if len(found) else None
