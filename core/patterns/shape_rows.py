"""What the detectors of classic shapes share: how a shape is written down, told once, and followed to its end.

A shape's last bar is the one that confirmed it by closing beyond its level.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from core.bars import Floats
from core.patterns.events import Status
from core.patterns.tables import (
    DIRECTION,
    HIGH,
    KIND,
    KNOWN,
    LAST,
    LEVEL,
    LOW,
    MORE,
    Positions,
    mark,
    space,
    status_space,
)

# A shape's own columns of prices behind those of `tables`.
FAR, TARGET = MORE, MORE + 1
REACHED, FAILED = int(Status.TARGET), int(Status.INVALIDATED)

# The tolerance w of Lo, Mamaysky and Wang's comparisons, as a share of the shape's height.
TOLERANCE = 0.15


@njit(cache=True)
def shape_space(most: int) -> tuple[Positions, Floats]:
    """Room for that many shapes."""
    place, price = space(most, 2)
    return place, price


@njit(cache=True)
def measure(place: Positions, price: Floats) -> None:
    """Add to a written shape its target and its far boundary.

    The measured move is the height of the shape, from the level broken; the far boundary is the shape's other extreme.
    """
    low, high, direction = price[LOW], price[HIGH], place[DIRECTION]
    price[FAR] = low if direction > 0 else high
    price[TARGET] = price[LEVEL] + direction * (high - low)


@njit(cache=True)
def line_at(x1: int, y1: float, x2: int, y2: float, x: int) -> float:
    """The price at bar x of the line through two points."""
    return y1 + (y2 - y1) * ((x - x1) / (x2 - x1))


@njit(cache=True)
def _end(place: Positions, price: Floats, high: Floats, low: Floats) -> tuple[int, bool]:
    """The first bar after the confirmation at which a shape is over, -1 for none, and whether by its target.

    A bar that reaches both the target and the far boundary counts against the shape.
    """
    up = place[DIRECTION] > 0
    for t in range(place[LAST] + 1, len(high)):
        if low[t] < price[FAR] if up else high[t] > price[FAR]:
            return t, False
        if high[t] >= price[TARGET] if up else low[t] <= price[TARGET]:
            return t, True
    return -1, False


@njit(cache=True)
def settle(place: Positions, price: Floats, high: Floats, low: Floats) -> tuple[Positions, Floats, Positions]:
    """The shapes that are told, and what became of them: TARGET or INVALIDATED (tables of `tables`).

    Left out are shapes that are over by the time they are known, and all but one of those of a kind that the same bar
    confirms in the same direction: the one known first is told, of several known together the last in the table.
    """
    count = len(place)
    told = np.zeros(count, np.bool_)
    end, good = np.full(count, -1, np.int64), np.zeros(count, np.bool_)
    for k in range(count):
        end[k], good[k] = _end(place[k], price[k], high, low)
        if 0 <= end[k] <= place[k, KNOWN]:
            continue
        told[k] = True
        for j in range(k):
            same = place[j, KIND] == place[k, KIND] and place[j, LAST] == place[k, LAST]
            if told[j] and same and place[j, DIRECTION] == place[k, DIRECTION]:
                earlier = place[j, KNOWN] < place[k, KNOWN]
                told[j], told[k] = earlier, not earlier
                break
    rows, prices = space(count, 0)
    statuses = status_space(count)
    kept = marks = 0
    for k in range(count):
        if told[k]:
            for column in range(KNOWN + 1):
                rows[kept, column] = place[k, column]
            for column in range(MORE):
                prices[kept, column] = price[k, column]
            marks = mark(statuses, marks, kept, REACHED if good[k] else FAILED, end[k])
            kept += 1
    return rows[:kept], prices[:kept], statuses[:marks]
