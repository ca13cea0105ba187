"""What is drawn over the candles: the position tool, pattern zones, structure lines and markers. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from core.bars import Bars
from core.charts import theme
from dashboard.charts.candles import HIDDEN_LINE, Axis, Series, candles, options, price_format, volume
from dashboard.components.formats import words

Marker = dict[str, Any]
Evidence = Mapping[str, Any]

SHORT = {
    "order_block": "OB",
    "fair_value_gap": "FVG",
    "bos": "BOS",
    "choch": "CHoCH",
    "liquidity_pool": "liquidity",
    "sweep": "sweep",
    "swing_high": "SH",
    "swing_low": "SL",
}
BOXES = 60
"""More overlays than this make the chart slow: the newest are kept."""


@dataclass(frozen=True)
class Target:
    """A place to take profit: its name, its price, and what it pays in multiples of the risk (None without a stop)."""

    name: str
    price: float
    r: float | None


@dataclass(frozen=True)
class Position:
    """What the position tool shows from `start` to `end` (UTC ms; None: to the right edge); a stop or target that
    nobody set is None.
    """

    direction: int
    entry: float
    stop: float | None
    target: float | None
    targets: Sequence[Target]
    start: int
    end: int | None = None


@dataclass(frozen=True)
class Fill:
    """A moment at which something was bought or sold."""

    moment: int
    direction: int
    label: str


def payload(
    bars: Bars,
    *,
    tick_size: float,
    height: int,
    watermark: str = "",
    evidence: Sequence[Evidence] = (),
    as_of: int | None = None,
    position: Position | None = None,
    fills: Sequence[Fill] = (),
) -> list[dict[str, Any]]:
    """The argument of `renderLightweightCharts`. Boxes come first, so that candles are drawn over them.

    `evidence` is a signal's list of zones and events; zones end at `as_of` (UTC ms), where the position begins.
    """
    axis = Axis.of(bars)
    known = as_of if as_of is not None else bars.as_of
    series: list[Series] = []
    markers: list[Marker] = []
    for item in [one for one in evidence if _within(axis, one)][-BOXES:]:
        draw = _DRAW.get(str(item.get("kind")), _zone)
        series += draw(axis, item, known, markers)
    if position is not None:
        series += position_tool(axis, position)
    markers += [_fill(axis, fill) for fill in fills]
    for drawn in series:
        # The axis writes prices in the format of the first series it meets.
        drawn["options"]["priceFormat"] = price_format(tick_size)
    series += volume(bars, axis)
    series.append(candles(bars, axis, tick_size, markers))
    return [{"chart": options(height, watermark), "series": series}]


def position_tool(axis: Axis, position: Position) -> list[Series]:
    """Risk and reward boxes from entry to stop and target, and a labelled line at each level."""
    end = position.end if position.end is not None else axis.times[-1] * 1000
    span = axis.span(position.start, end)
    drawn = plan_boxes(span, position.entry, position.stop, position.target, (0.16, 0.14))
    drawn.append(level(span[0], position.entry, theme.ENTRY, "entry"))
    if position.stop is not None:
        drawn.append(level(span[0], position.stop, theme.STOP, "stop"))
    drawn += [level(span[0], one.price, theme.TARGET, one.name) for one in position.targets if isfinite(one.price)]
    return drawn


def plan_boxes(
    span: tuple[int, int], entry: float, stop: float | None, target: float | None, opacities: tuple[float, float]
) -> list[Series]:
    """The box of the risk and that of the reward, as far as there are a stop and a target."""
    sides = ((stop, theme.STOP), (target, theme.TARGET))
    return [
        box(span, entry, far, colour, opacity)
        for (far, colour), opacity in zip(sides, opacities, strict=True)
        if far is not None
    ]


def box(span: tuple[int, int], one: float, other: float, colour: str, opacity: float) -> Series:
    """A filled rectangle between two prices: a baseline series of two points on its upper edge."""
    top, bottom = max(one, other), min(one, other)
    fill, edge = theme.fade(colour, opacity), theme.fade(colour, 0.55)
    return {
        "type": "Baseline",
        "data": [{"time": time, "value": float(top)} for time in span],
        "options": {
            "baseValue": {"type": "price", "price": float(bottom)},
            "topFillColor1": fill,
            "topFillColor2": fill,
            "bottomFillColor1": fill,
            "bottomFillColor2": fill,
            "topLineColor": edge,
            "bottomLineColor": edge,
            "lineWidth": 1,
            **HIDDEN_LINE,
        },
    }


def level(time: int, price: float, colour: str, title: str) -> Series:
    """A labelled line over the full width: a line series of one point, of which only the price line is seen."""
    shown = {**HIDDEN_LINE, "priceLineVisible": True, "lastValueVisible": True}
    return {
        "type": "Line",
        "data": [{"time": time, "value": float(price)}],
        "options": {**shown, "color": colour, "lineVisible": False, "priceLineStyle": 2, "title": title},
    }


def _zone(axis: Axis, item: Evidence, known: int, _: list[Marker]) -> list[Series]:
    low, high = _finite(item.get("price_low")), _finite(item.get("price_high"))
    if low is None or high is None:
        return []
    colour = theme.BULLISH_ZONE if item.get("direction", 1) > 0 else theme.BEARISH_ZONE
    span = axis.span(_start(item), max(known, _start(item)))
    drawn = box(span, low, high, colour, 0.3 if item.get("role") == "entry zone" else 0.17)
    drawn["markers"] = [_label(span[0], "aboveBar", colour, _name(item))]
    return [drawn]


def _break(axis: Axis, item: Evidence, _: int, __: list[Marker]) -> list[Series]:
    """A structure break: the broken level from its swing to the breaking bar."""
    return _segment(axis, item, int(item.get("end") or _start(item)), theme.STRUCTURE, 2)


def _pool(axis: Axis, item: Evidence, known: int, _: list[Marker]) -> list[Series]:
    return _segment(axis, item, max(known, _start(item)), theme.LIQUIDITY, 1)


def _segment(axis: Axis, item: Evidence, end: int, colour: str, style: int) -> list[Series]:
    price = _finite(item.get("level"))
    if price is None:
        return []
    span = axis.span(_start(item), end)
    side = "aboveBar" if item.get("direction", 1) > 0 else "belowBar"
    return [
        {
            "type": "Line",
            "data": [{"time": time, "value": price} for time in span],
            "options": {"color": colour, "lineWidth": 1, "lineStyle": style, **HIDDEN_LINE},
            "markers": [_label(span[1], side, colour, _name(item))],
        }
    ]


def _swing(axis: Axis, item: Evidence, _: int, markers: list[Marker]) -> list[Series]:
    side = "aboveBar" if item.get("kind") == "swing_high" else "belowBar"
    markers.append(_label(axis.snap(_start(item)), side, theme.MUTED, _name(item)))
    return []


def _sweep(axis: Axis, item: Evidence, _: int, markers: list[Marker]) -> list[Series]:
    up = item.get("direction", 1) > 0
    marker = _label(axis.snap(int(item.get("end") or _start(item))), "", theme.LIQUIDITY, _name(item))
    markers.append(marker | _arrow(up))
    return []


_DRAW: dict[str, Callable[[Axis, Evidence, int, list[Marker]], list[Series]]] = {
    "bos": _break,
    "choch": _break,
    "liquidity_pool": _pool,
    "swing_high": _swing,
    "swing_low": _swing,
    "sweep": _sweep,
}


def _fill(axis: Axis, fill: Fill) -> Marker:
    colour = theme.UP if fill.direction > 0 else theme.DOWN
    return _label(axis.snap(fill.moment), "", colour, fill.label) | _arrow(fill.direction > 0)


def _arrow(up: bool) -> Marker:
    return {"shape": "arrowUp" if up else "arrowDown", "position": "belowBar" if up else "aboveBar", "size": 1}


def _label(time: int, position: str, colour: str, text: str) -> Marker:
    """Text at a bar: a marker of size nothing."""
    return {"time": time, "position": position, "color": colour, "shape": "circle", "size": 0, "text": text}


def _name(item: Evidence) -> str:
    kind = str(item.get("kind", ""))
    return " ".join(str(part) for part in (item.get("timeframe"), SHORT.get(kind, words(kind))) if part)


def _start(item: Evidence) -> int:
    return int(item.get("start") or item.get("known_at") or 0)


def _within(axis: Axis, item: Evidence) -> bool:
    """Whether the chart reaches back to it. A zone lasts until the signal; all else is over at its end."""
    lasts = item.get("kind") == "liquidity_pool" or str(item.get("kind")) not in _DRAW
    return lasts or int(item.get("end") or _start(item)) // 1000 >= axis.times[0]


def _finite(value: object) -> float | None:
    """The number, if it is one and has an end."""
    return float(value) if isinstance(value, int | float) and isfinite(value) else None
