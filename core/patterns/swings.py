"""Swing highs and lows, and the dealing range between the last two."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from core.bars import Bars, Floats
from core.patterns.events import EVENT, STATUS, EventLog, Events, Kind
from core.patterns.geometry import in_atr

Flags = NDArray[np.bool_]

# A swing that stands out by this many ATR from the far side of its window has full score.
FULL_SCORE_ATR = 4.0


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


def swing_events(bars: Bars, is_high: Flags, is_low: Flags, atr: Floats, length: int) -> tuple[Events, Events]:
    """Events SWING_HIGH (direction -1: supply) and SWING_LOW (direction +1: demand); they have no status rows."""
    tops, bottoms = np.flatnonzero(is_high), np.flatnonzero(is_low)
    at = np.concatenate([tops, bottoms])
    known = at + length
    top = np.arange(len(at)) < len(tops)
    window = np.arange(-length, length + 1)
    around = at[:, None] + window[None, :]
    depth = np.where(top, bars.high[at] - bars.low[around].min(axis=1), bars.high[around].max(axis=1) - bars.low[at])
    events = np.zeros(len(at), EVENT)
    events["kind"] = np.where(top, Kind.SWING_HIGH, Kind.SWING_LOW)
    events["direction"] = np.where(top, -1, 1)
    events["start"] = events["end"] = bars.time[at]
    events["price_low"], events["price_high"] = bars.low[at], bars.high[at]
    events["level"] = np.where(top, bars.high[at], bars.low[at])
    events["known_at"] = bars.close_time[known]
    events["score"] = in_atr(depth, atr[known], FULL_SCORE_ATR)
    return events, np.empty(0, STATUS)


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
