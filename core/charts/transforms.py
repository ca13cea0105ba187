"""Heikin Ashi, Renko and Point & Figure: bars turned into other elements, each from what is past and no more.

Bricks and boxes are counted on a grid in whole steps of `size` from price 0. A price within a billionth of a step of a
grid line lies on it: 1.1003 is the 11,003rd line of 0.0001, whatever the binary fractions say.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.bars import Bars, Floats, Times
from core.charts.transforms_loops import averaged_opens, bricks, columns
from core.errors import ParameterError

ATR_PERIOD: Final = 14
REVERSAL: Final = 3
_MOST_STEPS: Final = 1e12
_MOST_BRICKS: Final = 2_000_000
_DECIMALS: Final = 10


@dataclass(frozen=True)
class Elements:
    """What is drawn, shape (m,) each. `first` and `last` are the indices of the source bars an element is made of."""

    first: Times
    last: Times
    open: Floats
    high: Floats
    low: Floats
    close: Floats


def heikin_ashi(bars: Bars) -> Elements:
    """One averaged candle a bar.

    The close is the mean of the bar's four prices, the open the mean of the open and close of the Heikin Ashi candle
    before; the first opens at the mean of its bar's open and close. High and low take in the candle's own body.
    """
    at = np.arange(len(bars), dtype=np.int64)
    close = (bars.open + bars.high + bars.low + bars.close) / 4
    opened = averaged_opens(bars.open, bars.close, close)
    high = np.maximum(bars.high, np.maximum(opened, close))
    low = np.minimum(bars.low, np.minimum(opened, close))
    return Elements(at, at, opened, high, low, close)


def renko(bars: Bars, size: float | None = None, tick: float | None = None) -> Elements:
    """Bricks of `size` from closes; none is ever changed or taken back.

    The first brick is one step away from the grid line nearest to the first close. A brick in the same direction needs
    a close one whole step beyond the last brick, one in the other direction a close two steps back: it begins where the
    last brick began. A close that leaps over several steps makes several bricks, all of them known at that bar's close.
    A brick's first bar is the one after the bar that finished the brick before (or that bar, within a leap). The move
    since the last brick is no brick yet and not among them, so a quiet window may have none.

    Args:
        bars: the bars, in price units.
        size: brick size in price units; `default_size(bars, tick)` if None.
        tick: see `default_size`.

    Raises:
        ParameterError: the size is not a positive number, or far too small for these prices.
    """
    size = check_size(bars, default_size(bars, tick) if size is None else size)
    floors, ceilings = _steps(bars.close, size)
    anchor = round(bars.close[0] / size) if len(bars) else 0
    first, last, begin, end = bricks(floors, ceilings, anchor, _room(floors, size))
    opened, close = begin * size, end * size
    return Elements(first, last, opened, np.maximum(opened, close), np.minimum(opened, close), close)


def point_figure(
    bars: Bars, size: float | None = None, reversal: int | None = None, tick: float | None = None
) -> Elements:
    """Columns of boxes by the high-low method; a rising column is one of X, a falling one of O.

    Box k is the row around the price k x `size`, half a box up and down. A rising column takes every box whose price
    the high reached (floor), a falling one every box whose price the low reached (ceiling). A bar that extends the
    column does only that; otherwise a move of `reversal` boxes against it begins the next column, one box back from the
    extreme. Each reversal begins a column of its own, with a reversal of one box too. The first column begins one box
    from the box nearest to the first open, on the side that is reached first (upwards, if one bar reaches both).

    A column opens at the outer edge of its first box and closes at that of its last. Its first bar is the one that
    began it, its last the latest one that added a box. The last column may still grow: over a longer history it has the
    same first bar and open, and every column before it is the same.

    Raises:
        ParameterError: size or reversal are not positive, or the size is far too small for these prices.
    """
    size = check_size(bars, default_size(bars, tick) if size is None else size)
    reversal = REVERSAL if reversal is None else reversal
    if reversal < 1 or reversal != int(reversal):
        raise ParameterError(f"a reversal of {reversal} boxes is none: take a whole number from 1.", reversal)
    floors, _ = _steps(bars.high, size)
    _, ceilings = _steps(bars.low, size)
    anchor = round(bars.open[0] / size) if len(bars) else 0
    first, last, begin, end, direction = columns(floors, ceilings, anchor, int(reversal))
    opened, close = (begin - direction / 2) * size, (end + direction / 2) * size
    return Elements(first, last, opened, np.maximum(opened, close), np.minimum(opened, close), close)


def default_size(bars: Bars, tick: float | None = None) -> float:
    """Brick or box size: the ATR(14) of the first window of bars, as it stands when they begin, rounded to the tick.

    That is the mean true range of the second to the fifteenth bar; of those there are, in a shorter window, and the
    first bar's range if it is alone. At least one tick. Without `tick` the price step is read from the decimals of
    these first bars (at most 10).
    """
    head = bars[: ATR_PERIOD + 1]
    if not len(head):
        raise ParameterError("there are no bars to take a brick or box size from: fetch or import some first.")
    before = head.close[:-1]
    ranges = np.maximum(head.high[1:], before) - np.minimum(head.low[1:], before)
    average = float(ranges.mean()) if ranges.size else float(head.high[0] - head.low[0])
    if tick is not None and not (math.isfinite(tick) and tick > 0):
        raise ParameterError(f"a tick of {tick} is none: it has to be a positive price step.", tick)
    if tick is not None:
        return max(round(average / tick), 1) * tick
    decimals = _decimals(np.concatenate([head.open, head.high, head.low, head.close]))
    return float(max(round(average, decimals), 10.0**-decimals))


def check_size(bars: Bars, size: float) -> float:
    """The size, if it is positive and the grid of these prices can be counted with it."""
    if not (math.isfinite(size) and size > 0):
        raise ParameterError(f"a brick or box size of {size} is none: take a positive price step.", size)
    if len(bars) and bars.high.max() / size > _MOST_STEPS:
        raise ParameterError(f"a brick or box size of {size:g} is far too small for these prices: take more.", size)
    return float(size)


def _decimals(prices: Floats) -> int:
    for decimals in range(_DECIMALS):
        if np.allclose(np.round(prices, decimals), prices, rtol=1e-12, atol=0):
            return decimals
    return _DECIMALS


def _steps(prices: Floats, size: float) -> tuple[Times, Times]:
    """Grid lines at or below, and at or above, each price."""
    exact = prices / size
    nearest = np.rint(exact)
    close_by = np.abs(exact - nearest) <= 1e-9 + 1e-15 * np.abs(exact)
    floors = np.where(close_by, nearest, np.floor(exact)).astype(np.int64)
    return floors, np.where(close_by, nearest, np.ceil(exact)).astype(np.int64)


def _room(floors: Times, size: float) -> int:
    """Upper limit of the number of bricks: the whole way the price went."""
    room = int(np.abs(np.diff(floors)).sum()) + len(floors) + 2
    if room > _MOST_BRICKS:
        raise ParameterError(f"bricks of {size:g} would be more than {_MOST_BRICKS:,}: take a greater size.", size)
    return room
