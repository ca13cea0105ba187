"""The events behind a signal as plotly shapes and labels: zones, structure breaks, sweeps and liquidity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from core.bars import Bars
from core.charts import theme
from core.charts.axis import positions

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


@dataclass(frozen=True)
class Frame:
    """The window of a chart: positions `left`..`right` of the axis, prices `low`..`high`."""

    left: float
    right: float
    low: float
    high: float


def shapes(bars: Bars, evidence: Sequence[Mapping[str, Any]], frame: Frame) -> list[dict[str, Any]]:
    """Rectangles for zones, lines for levels; what lies outside the frame is left out."""
    drawn = []
    for event in evidence:
        if not _visible(event, frame):
            continue
        left, right = _span(bars, event, frame)
        zone = event["kind"] in ZONES
        drawn.append(_zone(event, left, len(bars) - 0.5, frame) if zone else _level(event, left, right))
    return drawn


def labels(bars: Bars, evidence: Sequence[Mapping[str, Any]], frame: Frame) -> list[dict[str, Any]]:
    """The name and timeframe of each event that `shapes` draws, as plotly annotations."""
    drawn = []
    for event in evidence:
        if not _visible(event, frame):
            continue
        left, right = _span(bars, event, frame)
        if event["kind"] in ZONES:
            top = min(event["price_high"], frame.high)
            drawn.append(_label(event, left, top, above=top < frame.high, centred=False))
        else:
            drawn.append(_label(event, (left + right) / 2, event["level"], above=event["direction"] > 0, centred=True))
    return drawn


def _visible(event: Mapping[str, Any], frame: Frame) -> bool:
    if event["kind"] in ZONES:
        return bool(event["price_low"] <= frame.high and event["price_high"] >= frame.low)
    return bool(frame.low <= event["level"] <= frame.high)


def _span(bars: Bars, event: Mapping[str, Any], frame: Frame) -> tuple[float, float]:
    """From the bar an event begins at to the one that ends it, within the frame; liquidity runs on to the right."""
    start, end = positions(bars, np.array([event["start"], event["end"]], dtype=np.int64))
    right = frame.right if event["kind"] in ("liquidity_pool", "swing_high", "swing_low") else float(end)
    # What happened before the window still stands on its left edge, long enough to be read.
    least = frame.left + (frame.right - frame.left) * 0.08
    return max(float(start), frame.left), max(right, least)


def _zone(event: Mapping[str, Any], left: float, right: float, frame: Frame) -> dict[str, Any]:
    colour = theme.BULLISH_ZONE if event["direction"] > 0 else theme.BEARISH_ZONE
    return {
        "type": "rect",
        "x0": left,
        "x1": right,
        "y0": max(event["price_low"], frame.low),
        "y1": min(event["price_high"], frame.high),
        "fillcolor": theme.fade(colour, 0.20),
        "line": {"color": theme.fade(colour, 0.75), "width": 1},
        "layer": "below",
    }


def _level(event: Mapping[str, Any], left: float, right: float) -> dict[str, Any]:
    return {
        "type": "line",
        "x0": left,
        "x1": right,
        "y0": event["level"],
        "y1": event["level"],
        "line": {"color": _colour(event), "width": 1.2, "dash": "dot" if event["kind"] in LIQUIDITY else "solid"},
    }


def _label(event: Mapping[str, Any], x: float, y: float, *, above: bool, centred: bool) -> dict[str, Any]:
    return {
        "x": x,
        "y": y,
        "text": f"{NAMES.get(event['kind'], event['kind'])} {event['timeframe']}",
        "font": {"size": 11, "color": _colour(event)},
        "showarrow": False,
        "xanchor": "center" if centred else "left",
        "yanchor": "bottom" if above else "top",
        "bgcolor": theme.fade(theme.BACKGROUND, 0.6),
        "borderpad": 1,
    }


def _colour(event: Mapping[str, Any]) -> str:
    if event["kind"] in ZONES:
        return theme.BULLISH_ZONE if event["direction"] > 0 else theme.BEARISH_ZONE
    return theme.LIQUIDITY if event["kind"] in LIQUIDITY else theme.STRUCTURE
