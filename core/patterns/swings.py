"""Swing highs and lows, and the dealing range between the last two."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from core.bars import Bars, Floats
from core.patterns.events import EventLog, Kind
from core.patterns.tables import NO_STATUSES, Part, Positions, share, space, write

Flags = NDArray[np.bool_]

# A swing that stands out by this many ATR from the far side of its window has full score.
FULL_SCORE_ATR = 4.0

SWING_HIGH, SWING_LOW = int(Kind.SWING_HIGH), int(Kind.SWING_LOW)


@njit(cache=True)
def swing_flags(high: Floats, low: Floats, length: int) -> tuple[Flags, Flags]:
    """Which bars are swing highs and which are swing lows; two arrays of shape (n,).

    Bar i is a swing high when `high[i]` is above every high of the `length` bars before it and not below any of the
    `length` bars after it; it is known at bar i + length. Bars without a whole window are never swings.
    """
    n = len(high)
    is_high = np.zeros(n, dtype=np.bool_)
    is_low = np.zeros(n, dtype=np.bool_)
    for i in range(length, n - length):
        top = bottom = True
        for j in range(1, length + 1):
            top = top and high[i] > high[i - j] and high[i] >= high[i + j]
            bottom = bottom and low[i] < low[i - j] and low[i] <= low[i + j]
        is_high[i] = top
        is_low[i] = bottom
    return is_high, is_low


@njit(cache=True)
def _rows(
    high: Floats, low: Floats, is_high: Flags, is_low: Flags, atr: Floats, length: int
) -> tuple[Positions, Floats]:
    place, price = space(int(np.sum(is_high)) + int(np.sum(is_low)), 0)
    count = 0
    for i in range(length, len(high) - length):
        if not is_high[i] and not is_low[i]:
            continue
        bottom, top = low[i], high[i]
        for j in range(i - length, i + length + 1):
            bottom, top = min(bottom, low[j]), max(top, high[j])
        known = i + length
        full = atr[known] * FULL_SCORE_ATR
        if is_high[i]:
            score = share(high[i] - bottom, full)
            write(place[count], price[count], SWING_HIGH, -1, i, i, known, low[i], high[i], high[i], score)
            count += 1
        if is_low[i]:
            score = share(top - low[i], full)
            write(place[count], price[count], SWING_LOW, 1, i, i, known, low[i], high[i], low[i], score)
            count += 1
    return place[:count], price[:count]


def swing_events(bars: Bars, is_high: Flags, is_low: Flags, atr: Floats, length: int) -> Part:
    """Patterns SWING_HIGH (direction -1: supply) and SWING_LOW (direction +1: demand); they have no statuses."""
    return *_rows(bars.high, bars.low, is_high, is_low, atr, length), NO_STATUSES


@dataclass(frozen=True)
class DealingRange:
    """The range between the last known swing high and low: discount below its middle, premium above."""

    low: float
    high: float

    @property
    def equilibrium(self) -> float:
        """The price halfway."""
        return (self.low + self.high) / 2


def dealing_range(log: EventLog) -> DealingRange | None:
    """The range a trader would draw from this log; None without a swing on both sides or with the two crossed."""
    events = log.events
    tops, bottoms = log.of(Kind.SWING_HIGH), log.of(Kind.SWING_LOW)
    if not len(tops) or not len(bottoms):
        return None
    high, low = float(events["level"][tops[-1]]), float(events["level"][bottoms[-1]])
    return DealingRange(low, high) if high > low else None
