"""The loops behind `core.charts.transforms`, compiled; every price in them is a whole number of grid steps."""

from __future__ import annotations

import numpy as np
from numba import njit

from core.bars import Floats, Times


@njit(cache=True)
def averaged_opens(opened: Floats, closed: Floats, averages: Floats) -> Floats:
    """Opens of Heikin Ashi candles with closes `averages`; shape (n,)."""
    result = np.empty(opened.size)
    if opened.size:
        result[0] = (opened[0] + closed[0]) / 2
    for i in range(1, opened.size):
        result[i] = (result[i - 1] + averages[i - 1]) / 2
    return result


@njit(cache=True)
def bricks(floors: Times, ceilings: Times, anchor: int, room: int) -> tuple[Times, Times, Times, Times]:
    """First and last bar, opening and closing line of every Renko brick, of which there are at most `room`.

    `floors` and `ceilings` are the grid lines at or below and at or above each close.
    """
    first, last = np.empty(room, np.int64), np.empty(room, np.int64)
    begin, end = np.empty(room, np.int64), np.empty(room, np.int64)
    count, low, high, since = 0, anchor, anchor, 0
    for i in range(floors.size):
        while floors[i] > high or ceilings[i] < low:
            up = floors[i] > high
            begin[count], end[count] = (high, high + 1) if up else (low, low - 1)
            low, high = (high, high + 1) if up else (low - 1, low)
            first[count], last[count] = min(since, i), i
            since = i + 1
            count += 1
    return first[:count], last[:count], begin[:count], end[:count]


@njit(cache=True)
def columns(highs: Times, lows: Times, anchor: int, reversal: int) -> tuple[Times, Times, Times, Times, Times]:
    """First and last bar, first and last box and direction (1, -1) of every Point & Figure column.

    `highs` is the highest box each bar's high reached, `lows` the lowest its low reached.
    """
    first, last = np.empty(highs.size, np.int64), np.empty(highs.size, np.int64)
    begin, end, direction = (
        np.empty(highs.size, np.int64),
        np.empty(highs.size, np.int64),
        np.empty(highs.size, np.int64),
    )
    count, way, extreme = 0, 0, anchor
    for i in range(highs.size):
        back = 1 if way == 0 else reversal
        turn = 0
        if (way == 1 and highs[i] > extreme) or (way == -1 and lows[i] < extreme):
            extreme = highs[i] if way == 1 else lows[i]
            end[count - 1], last[count - 1] = extreme, i
        elif way != 1 and highs[i] >= extreme + back:
            turn = 1
        elif way != -1 and lows[i] <= extreme - back:
            turn = -1
        if turn != 0:
            way = turn
            begin[count] = extreme + turn
            extreme = highs[i] if turn == 1 else lows[i]
            end[count], direction[count] = extreme, turn
            first[count], last[count] = i, i
            count += 1
    return first[:count], last[:count], begin[:count], end[:count], direction[:count]
