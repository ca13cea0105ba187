"""Found patterns as two tables, which compiled detectors can write, and the events they become."""

from __future__ import annotations

import numpy as np
from numba import njit

from core.bars import Bars, Floats
from core.patterns.events import EVENT, Events
from core.patterns.pivots import Positions

# Columns of the table of whole numbers; first, last and known are bars.
KIND, DIRECTION, FIRST, LAST, KNOWN = range(5)
# Columns of the table of prices; a detector may add its own behind them.
LOW, HIGH, LEVEL, SCORE, MORE = range(5)


@njit(cache=True)
def space(most: int, more: int) -> tuple[Positions, Floats]:
    """Room for that many patterns, with `more` columns of prices of the detector's own."""
    return np.empty((most, KNOWN + 1), np.int64), np.empty((most, MORE + more), np.float64)


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
def share(distance: float, full: float) -> float:
    """Score 0..1 of a distance that should be large: `full` or more is 1; 0 where `full` is not known or zero."""
    return min(distance / full, 1.0) if full > 0 else 0.0


@njit(cache=True)
def nearness(distance: float, full: float) -> float:
    """Score 0..1 of a distance that should be zero: `full` or more is 0."""
    return max(1.0 - abs(distance) / full, 0.0)


def table_events(bars: Bars, place: Positions, price: Floats) -> Events:
    """The rows of both tables as events."""
    events = np.empty(len(place), EVENT)
    kind, direction, first, last, known = place.T
    events["kind"], events["direction"] = kind, direction
    events["start"], events["end"] = bars.time[first], bars.time[last]
    events["known_at"] = bars.time[known] + bars.timeframe.ms
    events["price_low"], events["price_high"], events["level"], events["score"] = price.T[:MORE]
    return events
