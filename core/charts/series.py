"""A chart's elements, whatever its type: candles, bricks and columns with the time they stand for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from core.bars import Bars, Floats, Times, validate
from core.charts.transforms import Elements, default_size, heikin_ashi, point_figure, renko
from core.errors import ParameterError

CHART_TYPES: Final = ("candlestick", "line", "heikin_ashi", "renko", "point_figure")
BY_TIME: Final = ("candlestick", "line", "heikin_ashi")
"""The types with one element a bar."""


@dataclass(frozen=True)
class ChartSeries:
    """What a chart of `type` draws from left to right; one element a candle, brick or column, shape (m,) each.

    `start` is the open time of an element's first source bar and `end` the close time of its last one, the moment at
    which it was known (UTC ms). Both never fall; several bricks may share them. Prices are raw. `size` is the brick or
    box size in price units, None for the other types. The last Point & Figure column may still grow.
    """

    type: str
    start: Times
    end: Times
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    size: float | None = None

    def __len__(self) -> int:
        return len(self.start)


def chart_series(
    bars: Bars, chart_type: str, *, size: float | None = None, reversal: int | None = None, tick: float | None = None
) -> ChartSeries:
    """The elements of `bars` as `chart_type`.

    `size` is the Renko brick or Point & Figure box size (default: ATR(14) of the first window, rounded to `tick`),
    `reversal` the boxes that turn a Point & Figure column (default 3); the other types use neither. A quiet window may
    have no brick or column at all: then the series is empty.

    Raises:
        ParameterError: unknown type, no bars, or a size or reversal out of range.
        BarsError: the bars break their contract, a price that is not a number for one.
    """
    if chart_type not in CHART_TYPES:
        raise ParameterError(f"'{chart_type}' is no chart type: use one of {', '.join(CHART_TYPES)}.", chart_type)
    if not len(validate(bars)):
        raise ParameterError("there are no bars to draw: fetch or import some first.")
    if chart_type in BY_TIME:
        return _by_time(bars, chart_type)
    size = default_size(bars, tick) if size is None else size
    found = renko(bars, size) if chart_type == "renko" else point_figure(bars, size, reversal)
    return _timed(bars, chart_type, found, float(size))


def positions(series: ChartSeries, times: ArrayLike) -> Floats:
    """Where moments (UTC ms) lie on the axis on which element i stands at i; shape of `times`.

    A moment belongs to the last element that had begun by then. Everything before the first element lies at -1. After
    the last one the axis of candles, lines and Heikin Ashi runs on at the bar's length; bricks and columns have no
    length in time, so whatever comes after the last lies on it.
    """
    moments = np.asarray(times, dtype=np.int64)
    found = np.searchsorted(series.start, moments, side="right") - 1
    if series.type in BY_TIME and len(series):
        length = series.end[-1] - series.start[-1]
        found = np.where(found == len(series) - 1, found + (moments - series.start[-1]) // length, found)
    return np.asarray(found, dtype=np.float64)


def span(series: ChartSeries, start: int, end: int) -> tuple[float, float]:
    """Left and right edge (positions) of the elements that moments `start` to `end` (UTC ms, both within) touch.

    A brick is under way from the brick before it, a Point & Figure column stands until the next begins. What begins
    before the first element begins at its left edge, -0.5; what lies wholly before it has no width.
    """
    right = float(positions(series, end)) + 0.5
    left = float(positions(series, start)) - 0.5
    if series.type == "renko":  # several bricks may be made at one moment: from the first of them
        left = min(float(np.searchsorted(series.end, start, side="right")), len(series) - 1) - 0.5
    return min(max(left, -0.5), right), right


def moments(series: ChartSeries, left: float, right: float) -> tuple[int, int]:
    """Inverse of `span`: open time of the first and close time of the last element between two edges (UTC ms).

    Edges are rounded to the nearest between two elements, and to those that exist.
    """
    first = min(max(round(left + 0.5), 0), len(series) - 1)
    last = min(max(round(right - 0.5), first), len(series) - 1)
    return int(series.start[first]), int(series.end[last])


def _by_time(bars: Bars, chart_type: str) -> ChartSeries:
    if chart_type == "heikin_ashi":
        return _timed(bars, chart_type, heikin_ashi(bars), None)
    return ChartSeries(chart_type, bars.time, bars.close_time, bars.open, bars.high, bars.low, bars.close)


def _timed(bars: Bars, chart_type: str, found: Elements, size: float | None) -> ChartSeries:
    prices = (found.open, found.high, found.low, found.close)
    return ChartSeries(chart_type, bars.time[found.first], bars.close_time[found.last], *prices, size)
