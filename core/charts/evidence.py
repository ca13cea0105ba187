"""Events as plotly shapes and labels: zones, structure breaks, sweeps and liquidity, levels, shapes and candles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from core.charts import theme
from core.charts.labels import Label
from core.charts.palette import Palette
from core.charts.panels import Panels
from core.charts.series import ChartSeries, positions
from core.patterns.events import Kind
from core.patterns.naming import title

NAMES: Final = {
    "order_block": "Order block",
    "fair_value_gap": "Fair value gap",
    "bos": "BOS",
    "choch": "CHoCH",
    "liquidity_pool": "Liquidity",
    "sweep": "Sweep",
    "swing_high": "Swing high",
    "swing_low": "Swing low",
}
ZONES: Final = ("order_block", "fair_value_gap")
LIQUIDITY: Final = ("liquidity_pool", "sweep", "swing_high", "swing_low")
_LASTING: Final = ("liquidity_pool", "swing_high", "swing_low", "level")
_LINES: Final = (*LIQUIDITY, "bos", "choch", "level", "level_break", "level_retest")
_LINE_PREFIXES: Final = ("previous_",)

Event = Mapping[str, Any]


def visible(events: Sequence[Event], panels: Panels) -> list[Event]:
    """Those that reach into the prices shown."""
    return [event for event in events if _visible(event, panels)]


def shapes(events: Sequence[Event], series: ChartSeries, panels: Panels, palette: Palette) -> list[dict[str, Any]]:
    """Rectangles for zones and shapes, lines for levels; what lies outside the window is left out."""
    drawn = []
    for event in visible(events, panels):
        left, right = _span(event, series, panels)
        draw = _level if _is_line(event) else _zone
        drawn.append(draw(event, (left, right), panels, palette))
    return drawn


def labels(events: Sequence[Event], series: ChartSeries, panels: Panels, palette: Palette) -> list[Label]:
    """The name and timeframe of each event that `shapes` draws."""
    drawn = []
    for event in visible(events, panels):
        left, right = _span(event, series, panels)
        text, colour = f"{_name(str(event['kind']))} {event['timeframe']}".rstrip(), _colour(event, palette)
        if _is_line(event):
            drawn.append(Label(text, (left + right) / 2, event["level"], event["direction"] > 0, colour, centred=True))
        else:
            top = min(event["price_high"], panels.high)
            drawn.append(Label(text, left, top, top < panels.high, colour))
    return drawn


def _name(kind: str) -> str:
    return NAMES.get(kind) or (title(Kind[kind.upper()]) if kind.upper() in Kind.__members__ else kind)


def _is_line(event: Event) -> bool:
    return event["kind"] in _LINES or str(event["kind"]).startswith(_LINE_PREFIXES)


def _visible(event: Event, panels: Panels) -> bool:
    if _is_line(event):
        return bool(panels.low <= event["level"] <= panels.high)
    return bool(event["price_low"] <= panels.high and event["price_high"] >= panels.low)


def _span(event: Event, series: ChartSeries, panels: Panels) -> tuple[float, float]:
    """From the element an event begins at to the one that ends it, within the window.

    Zones last to the last element, or to `until` (UTC ms) where something ended them; liquidity runs on to the right.
    """
    kind, until = event["kind"], event.get("until")
    start, end = positions(series, np.array([event["start"], until or event["end"]], dtype=np.int64))
    left, right = max(float(start), panels.left), float(end)
    if until is None and kind in ZONES:
        right = panels.now
    elif until is None and kind in _LASTING:
        right = panels.right
    elif not _is_line(event) and kind not in ZONES:
        left, right = left - 0.5, right + 0.5
    # What happened before the window still stands on its left edge, long enough to be read.
    least = panels.left + (panels.now - panels.left) * 0.08 if _is_line(event) else left
    return left, min(max(right, least), panels.right)


def _zone(event: Event, span: tuple[float, float], panels: Panels, palette: Palette) -> dict[str, Any]:
    colour = _colour(event, palette)
    strong = event["kind"] in ZONES
    return {
        "type": "rect",
        "x0": span[0],
        "x1": span[1],
        "y0": max(event["price_low"], panels.low),
        "y1": min(event["price_high"], panels.high),
        "fillcolor": theme.fade(colour, 0.20 if strong else 0.07),
        "line": {"color": theme.fade(colour, 0.75 if strong else 0.5), "width": 1},
        "layer": "below",
    }


def _level(event: Event, span: tuple[float, float], panels: Panels, palette: Palette) -> dict[str, Any]:
    dash = "dot" if event["kind"] in LIQUIDITY else "solid"
    return {
        "type": "line",
        "x0": span[0],
        "x1": span[1],
        "y0": event["level"],
        "y1": event["level"],
        "line": {"color": _colour(event, palette), "width": 1.2, "dash": dash},
    }


def _colour(event: Event, palette: Palette) -> str:
    kind, direction = event["kind"], event["direction"]
    if kind in LIQUIDITY or kind == "level" or str(kind).startswith(_LINE_PREFIXES):
        return palette.liquidity
    if kind in _LINES:
        return palette.structure
    return palette.bullish_zone if direction > 0 else palette.bearish_zone if direction < 0 else palette.structure
