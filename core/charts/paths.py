"""Elements of a chart as paths: one path a colour, which a browser draws faster than plotly's own candles."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.bars import Bars
from core.charts import theme
from core.charts.palette import Palette
from core.charts.panels import Panels
from core.charts.series import ChartSeries

_HALF: Final = 0.375
"""Half the width of a body, in elements."""
_WIDEST: Final = 26.0
"""Pixels of the widest body: a few candles do not become walls."""
_ROUND: Final = 0.5523
"""Where the handles of four curves that look like a circle stand."""
MOST_BOXES: Final = 4_000
"""Crosses and circles beyond this become columns: nobody could tell them apart."""

Shape = dict[str, Any]
Mask = NDArray[np.bool_]


def elements(series: ChartSeries, panels: Panels, palette: Palette) -> list[Shape]:
    """The elements of every type but the line, rising and falling ones in their colours."""
    rising = series.close >= series.open
    if series.type == "point_figure" and _boxes(series) <= MOST_BOXES:
        # Not much wider than high, however few columns there are.
        reach = min(0.36, 0.6 * (series.size or 1.0) / panels.up * panels.across)
        drawn = [(_crosses(series, rising, reach), palette.up), (_circles(series, ~rising, reach), palette.down)]
        return [_stroke(path, colour) for path, colour in drawn if path]
    wicks = series.type in ("candlestick", "heikin_ashi")
    half = min(_HALF, _WIDEST / 2 * panels.across) if wicks else 0.46
    drawn = [(_bodies(series, rising, half, wicks=wicks), palette.up)]
    drawn.append((_bodies(series, ~rising, half, wicks=wicks), palette.down))
    return [_filled(path, colour) for path, colour in drawn if path]


def volumes(bars: Bars, panels: Panels, palette: Palette, axis: str) -> list[Shape]:
    """Volume bars on the vertical axis `axis` (`y2`)."""
    rising = bars.close >= bars.open
    half = min(_HALF, _WIDEST / 2 * panels.across)
    drawn = []
    for mask, colour in ((rising, palette.up), (~rising, palette.down)):
        path = "".join(f"M{at - half},0H{at + half}V{bars.volume[at]:.10g}H{at - half}Z" for at in np.flatnonzero(mask))
        if path:
            drawn.append(_filled(path, theme.fade(colour, 0.45)) | {"yref": axis, "line": {"width": 0}})
    return drawn


def _bodies(series: ChartSeries, mask: Mask, half: float, *, wicks: bool) -> str:
    parts = []
    for at in np.flatnonzero(mask):
        low, high = sorted((float(series.open[at]), float(series.close[at])))
        if wicks:
            parts.append(f"M{at},{series.low[at]:.10g}V{low:.10g}M{at},{high:.10g}V{series.high[at]:.10g}")
        parts.append(f"M{at - half},{low:.10g}H{at + half}V{high:.10g}H{at - half}Z")
    return "".join(parts)


def _boxes(series: ChartSeries) -> float:
    return float(((series.high - series.low) / (series.size or 1.0)).sum())


def _centres(series: ChartSeries, mask: Mask) -> Iterable[tuple[int, float]]:
    size = series.size or 1.0
    for at in np.flatnonzero(mask):
        for box in range(round((series.high[at] - series.low[at]) / size)):
            yield int(at), float(series.low[at] + (box + 0.5) * size)


def _crosses(series: ChartSeries, mask: Mask, reach: float) -> str:
    rise = 0.36 * (series.size or 1.0)
    return "".join(
        f"M{at - reach},{price - rise:.10g}L{at + reach},{price + rise:.10g}"
        f"M{at - reach},{price + rise:.10g}L{at + reach},{price - rise:.10g}"
        for at, price in _centres(series, mask)
    )


def _circles(series: ChartSeries, mask: Mask, reach: float) -> str:
    return "".join(_circle(at, price, reach, 0.36 * (series.size or 1.0)) for at, price in _centres(series, mask))


def _circle(x: float, y: float, across: float, rise: float) -> str:
    dx, dy = across * _ROUND, rise * _ROUND
    left, right, low, high = x - across, x + across, f"{y - rise:.10g}", f"{y + rise:.10g}"
    below, above = f"{y - dy:.10g}", f"{y + dy:.10g}"
    middle = f"{y:.10g}"
    return (
        f"M{left},{middle}C{left},{above},{x - dx},{high},{x},{high}C{x + dx},{high},{right},{above},{right},{middle}"
        f"C{right},{below},{x + dx},{low},{x},{low}C{x - dx},{low},{left},{below},{left},{middle}Z"
    )


def _filled(path: str, colour: str) -> Shape:
    return {"type": "path", "path": path, "fillcolor": colour, "line": {"color": colour, "width": 1}}


def _stroke(path: str, colour: str) -> Shape:
    return {"type": "path", "path": path, "line": {"color": colour, "width": 1.3}}
