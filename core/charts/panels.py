"""How an exported chart divides its pixels: the price above, volume and indicator panes below, words around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from core.charts.scene import Scene
from core.charts.series import BY_TIME, ChartSeries, positions

AHEAD: Final = 0.2
"""Room to the right of the last element, where a trade would unfold, as a share of the elements shown."""
_BESIDE: Final = 0.03
_PANE, _VOLUME, _GAP = 0.17, 0.15, 0.035
_LEAST_PRICE: Final = 0.38
_LETTER: Final = 0.58
"""Width of a letter as a share of its size."""


@dataclass(frozen=True)
class Panels:
    """The geometry of a chart of `width` x `height` pixels.

    The window spans positions `left`..`right` and prices `low`..`high`; `now` is the right edge of the last element.
    `price`, `volume` and `panes` (the lowest first) are vertical shares (bottom, top) of the plot. `text` multiplies
    every type size.
    """

    width: int
    height: int
    text: float
    margin: dict[str, int]
    left: float
    right: float
    now: float
    low: float
    high: float
    price: tuple[float, float]
    volume: tuple[float, float] | None
    panes: dict[str, tuple[float, float]]

    @property
    def across(self) -> float:
        """Positions of one pixel."""
        return (self.right - self.left) / (self.width - self.margin["l"] - self.margin["r"])

    @property
    def price_height(self) -> float:
        """Pixels of the price panel."""
        plot = self.height - self.margin["t"] - self.margin["b"]
        return plot * (self.price[1] - self.price[0])

    @property
    def up(self) -> float:
        """Price of one pixel."""
        return (self.high - self.low) / self.price_height

    def size(self, points: float) -> float:
        """A type size of the 1280 x 720 chart at this one's."""
        return round(points * self.text, 1)

    def letters(self, text: str, points: float) -> float:
        """Pixels that a line of text takes, about."""
        return len(text) * self.size(points) * _LETTER


def panels(scene: Scene, series: ChartSeries, width: int, height: int) -> Panels:
    """Lay out the chart of `scene`, whose elements are `series`."""
    text = min(1.0, max(0.62, min(width / 1100, height / 640)))
    names = list(dict.fromkeys(curve.pane for curve in scene.curves if curve.pane))
    with_volume = scene.volume and scene.chart_type in BY_TIME and bool(scene.bars.volume.max() > 0)
    price, volume, panes = _shares(names, with_volume=with_volume)
    low, high = _prices(scene, series)
    tags = max(len(scene.price(high)), len(scene.price(low)))
    named = "Target " if any(tool.tagged for tool in scene.tools) else ""
    margin = {
        "l": round(16 * text),
        "r": round((len(named) + tags) * 12 * text * _LETTER) + 16,
        "t": round(72 * text),
        "b": round(54 * text) + 4,
    }
    now = len(series) - 0.5
    ahead = AHEAD if any(tool.end is None for tool in scene.tools) else _BESIDE
    moments = [tool.end for tool in scene.tools if tool.end is not None] + [fill.moment for fill in scene.fills]
    furthest = [place(series, moment) + 2.0 for moment in moments]
    right = max([now + max(1.0, ahead * len(series)), *furthest])
    return Panels(width, height, text, margin, -1.0, right, now, low, high, price, volume, panes)


def place(series: ChartSeries, moment: int) -> float:
    """The position of a moment (UTC ms); what happened long after the last element stands right after it."""
    found = float(positions(series, moment))
    return found if found <= len(series) * (1 + AHEAD) else float(len(series))


def _shares(
    names: list[str], *, with_volume: bool
) -> tuple[tuple[float, float], tuple[float, float] | None, dict[str, tuple[float, float]]]:
    """Price, volume and panes from the top down, as (bottom, top) of 0..1."""
    below = len(names) * (_PANE + _GAP) + (_VOLUME + _GAP if with_volume else 0.0)
    shrink = min(1.0, (1 - _LEAST_PRICE) / below) if below else 1.0
    bottom = 0.0
    panes: dict[str, tuple[float, float]] = {}
    for name in reversed(names):
        panes[name] = (bottom, bottom + _PANE * shrink)
        bottom += (_PANE + _GAP) * shrink
    volume = None
    if with_volume:
        volume = (bottom, bottom + _VOLUME * shrink)
        bottom += (_VOLUME + _GAP) * shrink
    return (bottom, 1.0), volume, panes


def _prices(scene: Scene, series: ChartSeries) -> tuple[float, float]:
    """The price axis: every element, plan and fill, and curves over the price as far as they keep near it."""
    low, high = [series.low.min()], [series.high.max()]
    for tool in scene.tools:
        low.append(min(price for _, price in tool.plan))
        high.append(max(price for _, price in tool.plan))
    low += [fill.price for fill in scene.fills]
    high += [fill.price for fill in scene.fills]
    bottom, top = float(min(low)), float(max(high))
    reach = 0.25 * (top - bottom)
    for curve in scene.curves:
        known = curve.values[np.isfinite(curve.values)]
        if not curve.pane and known.size:
            bottom, top = (
                min(bottom, max(float(known.min()), min(low) - reach)),
                max(top, min(float(known.max()), max(high) + reach)),
            )
    room = 0.05 * (top - bottom or abs(top) or 1.0)
    return bottom - room, top + room
