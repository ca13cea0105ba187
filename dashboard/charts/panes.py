"""Indicators on a chart: lines over the candles, and panes below them with an axis label for what is in them.

All panes belong to one chart with one time axis, each with a price scale of its own, so that a bar stands in the same
place in every pane and the crosshair goes through all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, log10
from typing import Any, Final

import numpy as np

from core.bars import Floats, Times
from core.charts import theme
from dashboard.charts.candles import HIDDEN_LINE, Series

# Shares of a pane's height: what lies between two panes, half a label of the axis, and what the pane's name takes.
_GAP, _INNER, _HEAD = 0.08, 0.13, 0.12
_ONE_COLOUR = frozenset(("BBANDS", "KC", "DONCHIAN", "ACCBANDS", "ABERRATION", "HWC"))
_BARS = frozenset(("macdhist", "vwmacdh", "trixh", "sqz", "sqzpro"))
_DOTTED = frozenset(("SAR", "SAREXT"))
_LEVELS: Final[dict[str, tuple[float, ...]]] = {
    "RSI": (30, 70), "RSX": (30, 70), "LRSI": (30, 70), "IMI": (30, 70), "MFI": (20, 80), "STOCH": (20, 80),
    "STOCHF": (20, 80), "STOCHRSI": (20, 80), "KDJ": (20, 80), "WILLR": (-80, -20), "CCI": (-100, 100), "ADX": (25,),
    "CMO": (-50, 50), "ULTOSC": (30, 70), "STC": (25, 75),
}  # fmt: skip
_MANY: Final = 100_000
_DIGITS: Final = 3
_MOST_DECIMALS: Final = 8


Ends = tuple[int, int, int]
"""First time of an axis, the one about which a pane's name stands, and the last."""


@dataclass(frozen=True)
class Shown:
    """An indicator computed over the elements of a chart: its columns, shape (m,) each, NaN where there is none.

    `on_price` says that the columns are prices and belong over the candles.
    """

    name: str
    label: str
    columns: dict[str, Floats]
    on_price: bool


@dataclass(frozen=True)
class Line:
    """One drawn column: its name in the legend, its colour and its last value (None while it is not defined)."""

    label: str
    colour: str
    value: float | None


def lines_of(shown: list[Shown]) -> list[list[Line]]:
    """The columns of every indicator with their colours, in the order in which they are drawn."""
    found, used = [], 0
    for one in shown:
        same = one.name in _ONE_COLOUR
        lines = []
        for place, (name, values) in enumerate(one.columns.items()):
            colour = theme.SERIES[(used + (0 if same else place)) % len(theme.SERIES)]
            label = one.label if len(one.columns) == 1 else f"{one.label} {name}" if place == 0 else name
            last = float(values[-1]) if len(values) and np.isfinite(values[-1]) else None
            lines.append(Line(label, colour, last))
        used += 1 if same else len(lines)
        found.append(lines)
    return found


def over_price(one: Shown, lines: list[Line], times: list[int], price_format: dict[str, Any]) -> list[Series]:
    """The lines of an indicator over the candles."""
    width = 1 if one.name in _ONE_COLOUR else 2
    style = 1 if one.name in _DOTTED else 0
    return [
        {
            "type": "Line",
            "data": _points(values, times, price_format["precision"] + 1),
            "options": {
                "color": line.colour,
                "lineWidth": width,
                "lineStyle": style,
                "priceFormat": price_format,
                **HIDDEN_LINE,
            },
        }
        for line, values in zip(lines, one.columns.values(), strict=True)
    ]


def pane(
    one: Shown, lines: list[Line], times: list[int], place: int, extent: tuple[float, float], ends: Ends
) -> list[Series]:
    """A pane between top and bottom (`extent`, shares of the chart's height): ground, name, levels and columns."""
    top, bottom = extent
    scale = f"pane{place}"
    form = _format(one)
    gap, inner = _GAP * (bottom - top), _INNER * (bottom - top)
    margins = {"scaleMargins": {"top": top + gap + inner, "bottom": 1 - bottom + inner}}
    drawn = [
        *ground(f"ground{place}", top + gap, bottom, ends),
        _name(f"name{place}", (top + gap, bottom), ends, one.label),
    ]
    drawn += [level(ends, price, scale, form) for price in _LEVELS.get(one.name, ())]
    for line, (name, values) in zip(lines, one.columns.items(), strict=True):
        points = _points(values, times, form.get("precision", 0) + 2)
        options = {"priceScaleId": scale, "priceFormat": form, **HIDDEN_LINE, "lastValueVisible": True}
        if name in _BARS:
            drawn.insert(3, {"type": "Histogram", "data": _toned(points), "options": options})
        else:
            options |= {"color": line.colour, "lineWidth": 2}
            drawn.append({"type": "Line", "data": points, "options": options})
    for series in drawn:
        if series["options"]["priceScaleId"] == scale:
            series["priceScale"] = margins
    return drawn


def at_sources(columns: dict[str, Floats], source: Times) -> dict[str, Floats]:
    """Columns over all bars as columns over a chart's elements: each with the value known when it was made."""
    return {name: values[source] for name, values in columns.items()}


def ground(scale: str, top: float, bottom: float, ends: Ends) -> list[Series]:
    """A plain field that keeps the price's grid out of the pane: a filled line at 1 on a scale from 0 to 1."""
    shared = {"priceScaleId": scale, **HIDDEN_LINE}
    fill = {f"{side}FillColor{end}": theme.PANEL for side in ("top", "bottom") for end in (1, 2)}
    edge = {"topLineColor": theme.BORDER, "bottomLineColor": theme.BORDER, "lineWidth": 1}
    margins = {"scaleMargins": {"top": top, "bottom": max(0.0, 1 - bottom)}}
    field: Series = {
        "type": "Baseline",
        "data": [{"time": time, "value": 1.0} for time in (ends[0], ends[-1])],
        "options": {**shared, "baseValue": {"type": "price", "price": 0.0}, **fill, **edge},
        "priceScale": margins,
    }
    floor_line: Series = {
        "type": "Line",
        "data": [{"time": time, "value": 0.0} for time in ends],
        "options": {**shared, "color": theme.BORDER, "lineWidth": 1},
        "priceScale": margins,
    }
    return [field, floor_line]


def _name(scale: str, extent: tuple[float, float], ends: Ends, label: str) -> Series:
    """The pane's name in its upper left corner: text on a line that is not seen, on a scale of its own."""
    top, bottom = extent
    text = {"time": ends[1], "position": "inBar", "color": theme.MUTED, "shape": "circle", "size": 0, "text": label}
    return {
        "type": "Line",
        "data": [{"time": time, "value": 1.0} for time in ends],
        "options": {"priceScaleId": scale, **HIDDEN_LINE, "color": "rgba(0, 0, 0, 0)", "lineWidth": 1},
        "markers": [text],
        "priceScale": {"scaleMargins": {"top": top, "bottom": max(0.0, 1 - top - _HEAD * (bottom - top))}},
    }


def level(ends: Ends, price: float, scale: str, form: dict[str, Any]) -> Series:
    """A dotted line across the pane, with its value on the axis."""
    options = {
        **HIDDEN_LINE,
        "priceScaleId": scale,
        "priceFormat": form,
        "color": theme.BORDER,
        "lineWidth": 1,
        "lineStyle": 1,
        "lastValueVisible": True,
    }
    return {"type": "Line", "data": [{"time": time, "value": float(price)} for time in ends], "options": options}


def _points(values: Floats, times: list[int], places: int) -> list[dict[str, float]]:
    return [
        {"time": time, "value": round(value, places)}
        for time, value in zip(times, values.tolist(), strict=False)
        if value == value  # noqa: PLR0124  (NaN is the only one that differs from itself)
    ]


def _toned(points: list[dict[str, float]]) -> list[dict[str, Any]]:
    up, down = theme.fade(theme.UP, 0.55), theme.fade(theme.DOWN, 0.55)
    return [{**point, "color": up if point["value"] >= 0 else down} for point in points]


def _format(one: Shown) -> dict[str, Any]:
    """As many decimals as four digits need; thousands and millions by their letters."""
    finite = np.concatenate([values[np.isfinite(values)] for values in one.columns.values()])
    largest = float(np.abs(finite).max()) if len(finite) else 1.0
    if largest >= _MANY:
        return {"type": "volume"}
    places = _DIGITS - floor(log10(largest)) if largest > 0 else 2
    precision = min(max(places, 1), _MOST_DECIMALS)
    return {"type": "price", "precision": precision, "minMove": 10.0**-precision}
