"""The series itself: candles, a line, bricks, or columns of X and O."""

from __future__ import annotations

import numpy as np

from core.bars import Floats, Times
from core.charts.raster import kernels
from core.charts.raster.palette import INK
from core.charts.raster.sheet import Sheet
from core.charts.series import ChartSeries

_SMALLEST_FIGURE = 5.0  # pixels of a box in which an X can be told from an O


def draw_series(sheet: Sheet, series: ChartSeries) -> None:
    """The series in its own manner; what lies beyond the plot area is cut off."""
    xs = sheet.plot.x(np.arange(len(series), dtype=np.float64))
    if series.type == "line":
        half = 0.7 * max(1.0, sheet.scale)
        kernels.line(sheet.canvas, sheet.area, xs, _rows(sheet, series.close), half, INK["accent"])
    elif series.type == "point_figure":
        _figures(sheet, series, xs)
    else:
        body = brick_width(sheet.plot.slot) if series.type == "renko" else body_width(sheet.plot.slot)
        _candles(sheet, series, xs, body)


def body_width(slot: float) -> int:
    """Odd width of a candle's body, in pixels: about five sixths of what one element has, so that wicks are centred."""
    if 3.2 <= slot < 3.6:  # noqa: PLR2004
        return 3
    return _odd(slot * 0.84)


def brick_width(slot: float) -> int:
    """Width of a brick: bricks stand close together, with a gap of about a pixel where there is room for one."""
    return max(1, int(slot - 0.5))


def _odd(width: float) -> int:
    whole = max(1, int(width))
    return whole if whole % 2 else whole - 1


def _candles(sheet: Sheet, series: ChartSeries, xs: Floats, body: int) -> None:
    rows = np.stack([_rows(sheet, column) for column in (series.open, series.high, series.low, series.close)])
    wick = min(_odd(max(1.0, sheet.scale, min(body / 12, 3 * sheet.scale))), body)
    kernels.candles(sheet.canvas, sheet.area, xs, rows, _inks(series), body, wick)


def _inks(series: ChartSeries) -> Times:
    """Level 0 of each element's ink: rising, falling, or neither."""
    way = np.sign(series.close - series.open).astype(np.int64)
    return np.array([INK["muted"], INK["up"], INK["down"]], dtype=np.int64)[way]


def _figures(sheet: Sheet, series: ChartSeries, xs: Floats) -> None:
    assert series.size is not None
    box = series.size / sheet.plot.price_pixel
    if min(box, sheet.plot.slot) < _SMALLEST_FIGURE:
        _candles(sheet, series, xs, body_width(sheet.plot.slot))
        return
    counts = np.rint((series.high - series.low) / series.size).astype(np.int64)
    rising = (series.close > series.open).astype(np.int64)
    half = 0.35 + 0.035 * min(box, sheet.plot.slot)
    wide = min(sheet.plot.slot, 1.5 * box)
    tops = sheet.plot.y(series.high)
    kernels.figures(sheet.canvas, sheet.area, xs, tops, counts, rising, box, wide, half, INK["up"], INK["down"])


def _rows(sheet: Sheet, prices: Floats) -> Floats:
    """Pixel rows of prices, kept near the image."""
    return np.clip(sheet.plot.y(prices), -8.0, sheet.plot.height + 8.0)
