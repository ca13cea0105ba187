"""The candle chart's payload: plain lists and dicts for streamlit-lightweight-charts, built from bars. Pure functions.

The component has no error channel: a NaN, a numpy integer or an unknown series type blanks the chart in silence, so
everything that goes in is made of Python floats and ints here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.bars import Bars
from core.charts import theme
from dashboard.components.formats import decimals

Series = dict[str, Any]

ROOM = 14
"""Empty bars on the right, where the position tool extends."""

HIDDEN_LINE = {"lastValueVisible": False, "priceLineVisible": False, "crosshairMarkerVisible": False}


@dataclass(frozen=True)
class Axis:
    """The chart's times in epoch seconds: one per bar, then `ROOM` more of the same step."""

    times: list[int]
    bars: int

    @classmethod
    def of(cls, bars: Bars) -> Axis:
        known: list[int] = (bars.time // 1000).tolist()
        step = bars.timeframe.ms // 1000
        return cls(known + [known[-1] + step * (ahead + 1) for ahead in range(ROOM)], len(known))

    def snap(self, moment: int) -> int:
        """The bar (seconds) that is running at `moment` (UTC ms), held inside the chart."""
        place = int(np.searchsorted(self.times, moment // 1000, side="right")) - 1
        return self.times[min(max(place, 0), len(self.times) - 1)]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Two different times of the chart that cover `start`..`end` (UTC ms)."""
        left, right = self.snap(start), self.snap(end)
        place = self.times.index(left)
        if right > left:
            return left, right
        return (left, self.times[place + 1]) if place + 1 < len(self.times) else (self.times[place - 1], left)


def price_format(tick_size: float) -> dict[str, Any]:
    return {"type": "price", "precision": decimals(tick_size), "minMove": tick_size}


def candles(bars: Bars, axis: Axis, tick_size: float, markers: list[dict[str, Any]]) -> Series:
    """The candle series with its markers (sorted here: the chart does not) and the room on the right."""
    columns = (column.tolist() for column in (bars.open, bars.high, bars.low, bars.close))
    data: list[dict[str, float]] = [
        {"time": time, "open": first, "high": high, "low": low, "close": last}
        for time, first, high, low, last in zip(axis.times[: axis.bars], *columns, strict=True)
    ]
    data += [{"time": time} for time in axis.times[axis.bars :]]
    return {
        "type": "Candlestick",
        "data": data,
        "options": {
            "upColor": theme.UP,
            "downColor": theme.DOWN,
            "wickUpColor": theme.UP,
            "wickDownColor": theme.DOWN,
            "borderVisible": False,
            "priceLineColor": theme.MUTED,
            "priceLineStyle": 1,
            "priceFormat": price_format(tick_size),
        },
        "markers": sorted(markers, key=lambda marker: marker["time"]),
    }


def volume(bars: Bars, axis: Axis) -> list[Series]:
    """Volume bars at the foot of the chart; nothing where the market reports none."""
    if not bars.volume.any():
        return []
    shades = np.where(bars.close >= bars.open, theme.fade(theme.UP, 0.28), theme.fade(theme.DOWN, 0.28)).tolist()
    data = [
        {"time": time, "value": traded, "color": shade}
        for time, traded, shade in zip(axis.times[: axis.bars], bars.volume.tolist(), shades, strict=True)
    ]
    options = {"priceFormat": {"type": "volume"}, "priceScaleId": "", **HIDDEN_LINE}
    return [
        {
            "type": "Histogram",
            "data": data,
            "options": options,
            "priceScale": {"scaleMargins": {"top": 0.84, "bottom": 0}},
        }
    ]


def options(height: int, watermark: str) -> dict[str, Any]:
    """Look of the chart; `watermark` states in the picture itself what is not a live market."""
    return {
        "height": height,
        "layout": {
            "background": {"type": "solid", "color": theme.BACKGROUND},
            "textColor": theme.MUTED,
            "fontFamily": theme.FONT,
            "fontSize": 12,
        },
        "grid": {"vertLines": {"color": theme.GRID}, "horzLines": {"color": theme.GRID}},
        "rightPriceScale": {"borderColor": theme.BORDER, "scaleMargins": {"top": 0.08, "bottom": 0.2}},
        "timeScale": {"borderColor": theme.BORDER, "timeVisible": True, "secondsVisible": False, "minBarSpacing": 2.5},
        "crosshair": {"mode": 0},
        "handleScale": {"axisPressedMouseMove": True},
        "watermark": {
            "visible": bool(watermark),
            "text": watermark,
            "fontSize": 28,
            "horzAlign": "center",
            "vertAlign": "center",
            "color": theme.fade(theme.WARNING, 0.09),
        },
    }
