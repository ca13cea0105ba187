"""Patterns over the candles: zones as boxes, levels as lines, candlesticks as markers. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from core.bars import Bars
from core.charts import theme
from core.charts.choice import most_telling
from dashboard.charts.candles import HIDDEN_LINE, Axis, Series, candles, options, price_format, volume
from dashboard.charts.overlays import box, level
from dashboard.components.frames import records

Event = Mapping[str, Any]
Marker = dict[str, Any]

OVERLAYS = 90
"""More boxes and lines than this make the chart slow."""
# A letter of a label covers this share of the chart's width, a line of text this share of its height.
_LETTER, _LINE = 0.0095, 0.05
# Pixels a bar, so that all bars fit beside the table on a desk's screen.
_LEAST_SPACING = 1.9

_SHORT = {
    "order_block": "OB",
    "fair_value_gap": "FVG",
    "liquidity_pool": "liquidity",
    "previous_day_high": "PDH",
    "previous_day_low": "PDL",
    "previous_week_high": "PWH",
    "previous_week_low": "PWL",
    "session_tokyo": "Tokyo",
    "session_london": "London",
    "session_new_york": "New York",
    "level_break": "break",
    "level_retest": "retest",
    "trend_sideways": "sideways",
}
_ENDED = frozenset(("filled", "invalidated", "swept", "broken", "retested"))


def payload(
    bars: Bars,
    events: Sequence[Event],
    *,
    tick_size: float,
    height: int,
    watermark: str = "",
    marked: Event | None = None,
) -> list[dict[str, Any]]:
    """The argument of `renderLightweightCharts`. Boxes come first, so that candles are drawn over them.

    `events` are rows of `pattern_events.events_in`, the most telling first; `marked` is the one to point out.
    """
    canvas = Canvas(bars)
    if marked is not None:
        canvas.mark(marked)
    for event in events:
        canvas.draw(event)
    for drawn in canvas.series:
        # The axis writes prices in the format of the first series it meets.
        drawn["options"]["priceFormat"] = price_format(tick_size)
    series = [*reversed(canvas.series), *volume(bars, canvas.axis)]
    series.append(candles(bars, canvas.axis, tick_size, canvas.markers))
    look = options(height, watermark)
    look["timeScale"]["minBarSpacing"] = _LEAST_SPACING
    return [{"chart": look, "series": series}]


def selection(events: pd.DataFrame, bars: Bars, overlays: int = OVERLAYS) -> list[Event]:
    """The events to draw over `bars`, by the rule of `core.charts.choice.most_telling`; at most `overlays` boxes."""
    if events.empty or not len(bars):
        return []
    columns = {name: events[name] for name in ("known_at", "level", "score", "direction")}
    chosen = most_telling(events["kind"].to_numpy(dtype=str), columns, bars, overlays)
    return [*records(events.iloc[chosen])]


class Canvas:
    """Collects series and markers over one window of bars, and keeps labels from covering each other."""

    def __init__(self, bars: Bars) -> None:
        self.bars = bars
        self.axis = Axis.of(bars)
        self.series: list[Series] = []
        self.markers: list[Marker] = []
        self._labels: list[tuple[int, float, int]] = []
        self._height = float(bars.high.max() - bars.low.min()) or 1.0

    def draw(self, event: Event) -> None:
        """Draw one event by its kind."""
        _draw_of(event)(self, event)

    def mark(self, event: Event) -> None:
        """Point out one event: its range framed, its level on the axis, its name where it became known."""
        known = _known_bar(self, event)
        self.series.append(level(self.axis.snap(known), event["level"], theme.ACCENT, "level"))
        frame = box(self._span(event["start"], known), event["price_low"], event["price_high"], theme.ACCENT, 0.16)
        self.series.append(frame)
        self._labels.append((self._place(known), float(event["price_high"]), len(event["title"])))
        up = event["direction"] > 0
        arrow = {"shape": "arrowUp" if up else "arrowDown", "position": "belowBar" if up else "aboveBar", "size": 1.6}
        self.markers.append({"time": self.axis.snap(known), "color": theme.ACCENT, "text": event["title"]} | arrow)

    def zone(self, event: Event, start: int, end: int, colour: str, opacity: float, label: bool = True) -> None:
        """A box over the event's price range."""
        span = self._span(start, end)
        drawn = box(span, event["price_low"], event["price_high"], colour, opacity)
        if label and self._free(start, event["price_high"], event):
            drawn["markers"] = [_text(span[0], "aboveBar", colour, _name(event))]
        self.series.append(drawn)

    def line(self, event: Event, start: int, end: int, colour: str, style: int) -> None:
        """A line at the event's level, with its name at the end."""
        span = self._span(start, end)
        options = {"color": colour, "lineWidth": 1, "lineStyle": style, **HIDDEN_LINE}
        drawn: Series = {"type": "Line", "data": [{"time": time, "value": float(event["level"])} for time in span]}
        drawn["options"] = options
        if self._free(end, event["level"], event):
            side = "aboveBar" if event["direction"] > 0 else "belowBar"
            drawn["markers"] = [_text(span[1], side, colour, _name(event))]
        self.series.append(drawn)

    def point(self, event: Event, moment: int, shape: dict[str, Any], named: bool = True) -> None:
        """A marker on the candle that runs at `moment`, named where there is room."""
        place = self._place(moment)
        colour = theme.UP if event["direction"] > 0 else theme.DOWN
        price = float(self.bars.high[place] if event["direction"] < 0 else self.bars.low[place])
        marker = {"time": self.axis.snap(moment), "color": colour} | shape
        if named and self._free(moment, price, event):
            marker["text"] = _name(event)
        self.markers.append(marker)

    def end_of(self, event: Event) -> int:
        """When the event was over (UTC ms), else the right edge."""
        return int(event["over"]) if event["status"] in _ENDED else int(self.bars.time[-1])

    def _span(self, start: int, end: int) -> tuple[int, int]:
        return self.axis.span(int(start), max(int(start), int(end)))

    def _place(self, moment: int) -> int:
        return min(self.axis.times.index(self.axis.snap(int(moment))), self.axis.bars - 1)

    def _free(self, moment: int, price: float, event: Event) -> bool:
        """Whether the event's label has room here; if so the place is taken."""
        place, letters, letter = self._place(moment), len(_name(event)), _LETTER * len(self.axis.times)
        for at, other, taken in self._labels:
            if abs(place - at) < (letters + taken) / 2 * letter and abs(price - other) < self._height * _LINE:
                return False
        self._labels.append((place, float(price), letters))
        return True


def _zone(canvas: Canvas, event: Event) -> None:
    over = event["status"] in _ENDED
    colour = theme.BULLISH_ZONE if event["direction"] > 0 else theme.BEARISH_ZONE
    canvas.zone(event, event["start"], canvas.end_of(event), colour, 0.08 if over else 0.22, label=not over)


def _shape(canvas: Canvas, event: Event) -> None:
    canvas.zone(event, event["start"], event["known_at"], theme.STRUCTURE, 0.05)


def _session(canvas: Canvas, event: Event) -> None:
    canvas.zone(event, event["start"], event["end"], theme.ENTRY, 0.04)


def _half(canvas: Canvas, event: Event) -> None:
    colour = theme.UP if event["direction"] > 0 else theme.DOWN
    canvas.zone(event, event["start"], int(canvas.bars.time[-1]), colour, 0.05)


def _break(canvas: Canvas, event: Event) -> None:
    canvas.line(event, event["start"], event["end"], theme.STRUCTURE, 2)


def _level(canvas: Canvas, event: Event) -> None:
    canvas.line(event, event["start"], canvas.end_of(event), theme.ENTRY, 0)


def _previous(canvas: Canvas, event: Event) -> None:
    canvas.line(event, event["known_at"], canvas.end_of(event), theme.ACCENT, 2)


def _pool(canvas: Canvas, event: Event) -> None:
    canvas.line(event, event["start"], canvas.end_of(event), theme.LIQUIDITY, 1)


def _swing(canvas: Canvas, event: Event) -> None:
    side = "belowBar" if event["direction"] > 0 else "aboveBar"
    dot = _text(0, side, theme.MUTED, "\u2022")
    canvas.point(event, event["start"], {name: dot[name] for name in dot if name != "time"}, False)


def _mark(canvas: Canvas, event: Event) -> None:
    up = event["direction"] > 0
    shape = {"shape": "arrowUp" if up else "arrowDown", "position": "belowBar" if up else "aboveBar", "size": 0.7}
    canvas.point(event, _known_bar(canvas, event), shape)


_DRAW: dict[str, Callable[[Canvas, Event], None]] = {
    "order_block": _zone,
    "fair_value_gap": _zone,
    "premium": _half,
    "discount": _half,
    "bos": _break,
    "choch": _break,
    "reversal": _break,
    "level": _level,
    "liquidity_pool": _pool,
    "swing_high": _swing,
    "swing_low": _swing,
}
_BY_START: tuple[tuple[str, Callable[[Canvas, Event], None]], ...] = (
    ("session_", _session),
    ("previous_", _previous),
    ("level_", _mark),
    ("trend_", _mark),
    ("cdl_", _mark),
    ("sweep", _mark),
)


def _draw_of(event: Event) -> Callable[[Canvas, Event], None]:
    kind = str(event["kind"])
    by_start = next((draw for start, draw in _BY_START if kind.startswith(start)), _shape)
    return _DRAW.get(kind, by_start)


def _known_bar(canvas: Canvas, event: Event) -> int:
    """Open time of the bar at whose close the event was known."""
    return int(event["known_at"]) - canvas.bars.timeframe.ms


def _name(event: Event) -> str:
    return _SHORT.get(str(event["kind"]), str(event["title"]))


def _text(time: int, position: str, colour: str, text: str) -> Marker:
    """Text at a bar: a marker of size nothing."""
    return {"time": time, "position": position, "color": colour, "shape": "circle", "size": 0, "text": text}
