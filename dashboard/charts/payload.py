"""One chart of the Charts page as the argument of the candle component: any type, with all that is drawn over it.

Pure functions. The same input gives the same bytes, so that a rerun leaves the person's zoom alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

from core.charts import theme
from core.charts.series import BY_TIME
from core.timeframe import Timeframe
from dashboard.charts import candles
from dashboard.charts.candles import Axis, Series, price_format
from dashboard.charts.elements import Drawn
from dashboard.charts.panes import Ends, Line, Shown, over_price, pane
from dashboard.charts.positions import position_series
from dashboard.patterns.drawing import Canvas, Event
from db.views.charts import PlanLine

BOXES: Final = 100
"""Boxes and lines on one page, all its charts together: more make it slow."""
ROOM: Final = 14
_BRICK_ROOM: Final = 4
_LEAST_SPACING: Final = 0.2
# Half a letter's share of a chart's width, on a narrow one.
_LETTER: Final = 0.006


@dataclass(frozen=True)
class Picture:
    """What one chart shows: `height` pixels of price, `pane_height` for each pane, up to `until` (UTC ms)."""

    drawn: Drawn
    type: str
    tick_size: float
    height: int
    pane_height: int
    until: int
    watermark: str = ""
    volume: bool = True
    shown: Sequence[Shown] = ()
    lines: Sequence[Sequence[Line]] = ()
    events: Sequence[Event] = ()
    plans: Sequence[PlanLine] = ()
    front: PlanLine | None = None


def payload(picture: Picture) -> list[dict[str, Any]]:
    """The argument of `renderLightweightCharts`. What is drawn first lies below what is drawn later."""
    bars = picture.drawn.bars
    canvas = Canvas(bars)
    canvas.axis = axis = axis_of(picture)
    for event in picture.events:
        canvas.draw(event)
    positions, arrows = position_series(axis, picture.plans, picture.front)
    form = price_format(picture.tick_size)
    series = [*reversed(canvas.series), *positions]
    for one in series:
        # The axis writes prices in the format of the first series it meets.
        one["options"]["priceFormat"] = form
    panes = [number for number, one in enumerate(picture.shown) if not one.on_price]
    height = picture.height + picture.pane_height * len(panes)
    foot = picture.height / height
    times = axis.times[: axis.bars]
    series += _volume(picture, axis, foot)
    for number, indicator in enumerate(picture.shown):
        if indicator.on_price:
            series += over_price(indicator, list(picture.lines[number]), times, form)
    series.append(_main(picture, axis, [*canvas.markers, *arrows]))
    for place, number in enumerate(panes):
        top, bottom = ((picture.height + picture.pane_height * (place + step)) / height for step in (0, 1))
        series += pane(
            picture.shown[number],
            list(picture.lines[number]),
            times,
            place,
            (top, bottom),
            _ends(axis, picture.shown[number].label),
        )
    return [{"chart": _look(picture, height, foot), "series": series}]


def axis_of(picture: Picture) -> Axis:
    """The chart's times: one an element, then empty ones up to `until`; bricks and columns have no length in time."""
    bars = picture.drawn.bars
    known: list[int] = (bars.time // 1000).tolist()
    step = bars.timeframe.ms // 1000
    ahead = max(1, -(-(picture.until // 1000 - known[-1] - step) // step)) if picture.type in BY_TIME else _BRICK_ROOM
    return Axis(known + [known[-1] + step * (count + 1) for count in range(ahead)], len(known))


def right_edge(moment: int, lead: Timeframe) -> int:
    """Where charts end that are looked at at `moment` (UTC ms): with some room for what a plan still has before it."""
    return moment + ROOM * lead.ms


def _ends(axis: Axis, label: str) -> Ends:
    """First and last time of the axis, and the one about which a pane's name has room."""
    place = min(ceil(len(label) * _LETTER * len(axis.times)) + 1, len(axis.times) - 1)
    return axis.times[0], axis.times[place], axis.times[-1]


def _main(picture: Picture, axis: Axis, markers: list[dict[str, Any]]) -> Series:
    """Candles, bricks and columns, or a line through the closes; with the markers."""
    bars = picture.drawn.bars
    main = candles.candles(bars, axis, picture.tick_size, markers)
    if picture.type not in BY_TIME:
        # The edge of the last brick is no price that anybody paid: it does not stand on the axis like one.
        main["options"] |= {"lastValueVisible": False, "priceLineVisible": False}
    if picture.type != "line":
        return main
    points: list[dict[str, float]] = [
        {"time": time, "value": close} for time, close in zip(axis.times[: axis.bars], bars.close.tolist(), strict=True)
    ]
    points += [{"time": time} for time in axis.times[axis.bars :]]
    shared = {name: main["options"][name] for name in ("priceFormat", "priceLineColor", "priceLineStyle")}
    look = {"color": theme.ACCENT, "lineWidth": 2, **shared}
    return {"type": "Line", "data": points, "options": look, "markers": main["markers"]}


def _volume(picture: Picture, axis: Axis, foot: float) -> list[Series]:
    """Volume at the foot of the price part."""
    found = candles.volume(picture.drawn.bars, axis) if picture.volume else []
    for one in found:
        one["priceScale"] = {"scaleMargins": {"top": 0.86 * foot, "bottom": 1 - foot}}
    return found


def _look(picture: Picture, height: int, foot: float) -> dict[str, Any]:
    look = candles.options(height, picture.watermark)
    room = 0.16 if picture.volume and picture.drawn.bars.volume.any() else 0.04
    look["rightPriceScale"]["scaleMargins"] = {"top": 0.06 * foot, "bottom": 1 - foot + room * foot}
    look["timeScale"]["minBarSpacing"] = _LEAST_SPACING
    look["watermark"]["vertAlign"] = "top" if foot < 1 else "center"
    return look
