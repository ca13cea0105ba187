"""What detectors write: found patterns and what became of them, as plain tables of bars and prices.

Compiled detectors fill them without a Python object per pattern; `core.patterns.log` turns the tables of all detectors
into one log.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from core.bars import Floats

Positions = NDArray[np.int64]
"""Bars, or positions in a table, counted from 0."""

# Columns of the table of whole numbers; first, last and known are bars.
KIND, DIRECTION, FIRST, LAST, KNOWN = range(5)
# Columns of the table of prices; a detector may add its own behind them.
LOW, HIGH, LEVEL, SCORE, MORE = range(5)
# Columns of the table of statuses: the pattern (its row), the status, the bar at which it came.
ROW, WHAT, BAR = range(3)

Part = tuple[Positions, Floats, Positions]
"""A detector's patterns: whole numbers (k, 5), prices (k, 4), and statuses (m, 3) that point into them."""

NO_STATUSES: Positions = np.empty((0, BAR + 1), np.int64)
"""Of detectors whose patterns have none."""
NOTHING: Part = (np.empty((0, KNOWN + 1), np.int64), np.empty((0, MORE)), NO_STATUSES)
"""No patterns at all."""


@njit(cache=True)
def space(most: int, more: int) -> tuple[Positions, Floats]:
    """Room for that many patterns, with `more` columns of prices of the detector's own."""
    return np.empty((most, KNOWN + 1), np.int64), np.empty((most, MORE + more), np.float64)


@njit(cache=True)
def status_space(most: int) -> Positions:
    """Room for that many statuses."""
    return np.empty((most, BAR + 1), np.int64)


@njit(cache=True)
def write(
    place: Positions,
    price: Floats,
    kind: int,
    direction: int,
    first: int,
    last: int,
    known: int,
    low: float,
    high: float,
    level: float,
    score: float,
) -> None:
    """Fill one pattern's two rows."""
    place[KIND], place[DIRECTION], place[FIRST], place[LAST], place[KNOWN] = kind, direction, first, last, known
    price[LOW], price[HIGH], price[LEVEL], price[SCORE] = low, high, level, score


@njit(cache=True)
def mark(statuses: Positions, count: int, row: int, status: int, bar: int) -> int:
    """Note a status of pattern `row` behind the `count` there are, unless it has not come (bar -1); the new count."""
    if bar < 0:
        return count
    statuses[count, ROW], statuses[count, WHAT], statuses[count, BAR] = row, status, bar
    return count + 1


@njit(cache=True)
def share(distance: float, full: float) -> float:
    """Score 0..1 of a distance that should be large: `full` or more is 1; 0 where `full` is not known or zero."""
    return min(distance / full, 1.0) if full > 0 else 0.0


@njit(cache=True)
def nearness(distance: float, full: float) -> float:
    """Score 0..1 of a distance that should be zero: `full` or more is 0."""
    return max(1.0 - abs(distance) / full, 0.0)
