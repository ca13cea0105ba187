"""Bull and bear flags: a pole, then a channel against it."""

from __future__ import annotations

import numpy as np
from numba import njit

from core.bars import Floats
from core.patterns.events import Kind
from core.patterns.shape_rows import FAR, measure, shape_space
from core.patterns.swings import Flags
from core.patterns.tables import Positions, nearness, share, write

POLE_BARS = 10  # at most, from the pole's foot to its tip
POLE_ATR = 3.0  # at least, in the ATR of the foot, which the pole itself has not widened yet
RETRACEMENT = 0.5  # of the pole that the channel may give back
SHORTEST, LONGEST = 5, 20  # bars of the channel
FULL_SCORE_ATR = 6.0  # a pole of this many ATR has full score for size

BULL, BEAR = int(Kind.BULL_FLAG), int(Kind.BEAR_FLAG)


@njit(cache=True)
def _foot(tip: int, outer: Floats, inner: Floats) -> int:
    """The bar with the lowest low of the ten before the tip, the last on ties; -1 where a bar since was higher."""
    foot = tip - 1
    for t in range(tip - 1, max(tip - POLE_BARS, 0) - 1, -1):
        if inner[t] < inner[foot]:
            foot = t
    for t in range(foot, tip):
        if outer[t] > outer[tip]:
            return -1
    return foot


@njit(cache=True)
def _channel(tip: int, t: int, outer: Floats, close: Floats, turn: int) -> tuple[float, float]:
    """Slope of the least-squares line through the closes after the tip and before bar t, and its value at t when it is
    moved up to the highest high above it.
    """  # fmt: skip
    count = t - tip - 1
    middle = (count + 1) / 2
    mean = 0.0
    for j in range(1, count + 1):
        mean += close[tip + j] * turn
    mean /= count
    slope = 0.0
    for j in range(1, count + 1):
        slope += (j - middle) * (close[tip + j] * turn - mean)
    slope /= count * (count * count - 1) / 12
    offset = -np.inf
    for j in range(1, count + 1):
        offset = max(offset, outer[tip + j] - mean - slope * (j - middle))
    return slope, mean + slope * (t - tip - middle) + offset


@njit(cache=True)
def _confirm(
    tip: int, floor: float, outer: Floats, inner: Floats, close: Floats, turn: int
) -> tuple[int, float, float]:
    """The first close above a channel that falls: (bar, the channel's upper line there, the channel's lowest low).

    Bar -1 where price first gives back more than `floor`, trades above the tip, or takes too long.
    """
    deepest = np.inf
    for t in range(tip + 1, min(tip + LONGEST + 2, len(close))):
        deepest = min(deepest, inner[t])
        if deepest < floor:
            return -1, 0.0, 0.0
        if t - tip > SHORTEST:
            slope, upper = _channel(tip, t, outer, close, turn)
            if slope < 0 and close[t] * turn > upper:
                return t, upper, deepest
        if outer[t] > outer[tip]:
            return -1, 0.0, 0.0
    return -1, 0.0, 0.0


@njit(cache=True)
def flag_shapes(
    high: Floats, low: Floats, close: Floats, atr: Floats, is_high: Flags, is_low: Flags, length: int
) -> tuple[Positions, Floats]:
    """Confirmed flags (tables of `shape_rows`), in the order of the tips of their poles.

    The far boundary of a flag is the deepest price its channel may give back to.
    """
    place, price = shape_space(len(high))
    turned_high, turned_low = -high, -low
    count = 0
    for turn in (1, -1):
        outer, inner, flags = (high, low, is_high) if turn > 0 else (turned_low, turned_high, is_low)
        for tip in range(1, len(high) - length):
            foot = _foot(tip, outer, inner) if flags[tip] else -1
            if foot < 0:
                continue
            pole = outer[tip] - inner[foot]
            if not (atr[foot] > 0 and pole >= POLE_ATR * atr[foot]):
                continue
            floor = outer[tip] - RETRACEMENT * pole
            end, level, deepest = _confirm(tip, floor, outer, inner, close, turn)
            if end < 0:
                continue
            kept = nearness(outer[tip] - deepest, RETRACEMENT * pole)
            score = (kept + share(pole, FULL_SCORE_ATR * atr[foot])) / 2
            lowest, highest = (inner[foot], outer[tip]) if turn > 0 else (-outer[tip], -inner[foot])
            seen, kind = max(end, tip + length), BULL if turn > 0 else BEAR
            write(place[count], price[count], kind, turn, foot, end, seen, lowest, highest, level * turn, score)
            measure(place[count], price[count])
            price[count, FAR] = floor * turn
            count += 1
    return place[:count], price[:count]
