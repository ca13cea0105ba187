"""The scene of one image: the elements, and on demand what its labels say, drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from core.bars import Bars
from core.charts.geometry import Plot
from core.charts.raster.scene import Label as Words
from core.charts.raster.scene import Level, PositionTool, Scene, Zone
from core.charts.series import ChartSeries, span
from core.dataset.entries import Offer
from core.dataset.labels import Found
from core.patterns.naming import kind_named, title

MOST_DRAWN: Final = 12
"""Patterns drawn into an annotated image, the most pronounced ones."""

_TITLES: Final = {"heikin_ashi": "Heikin Ashi", "point_figure": "Point & Figure"}


def type_title(chart_type: str) -> str:
    """`heikin_ashi` as people write it."""
    return _TITLES.get(chart_type, chart_type.capitalize())


def plot_of(bars: Bars, series: ChartSeries, width: int, height: int, more: Sequence[float] = ()) -> Plot:
    """The plot of a window: whatever the chart type, its axis holds every price that the bars traded, and `more`."""
    return Plot.fit(series, width, height, include=(float(bars.low.min()), float(bars.high.max()), *more))


def prices_of(offers: Sequence[Offer]) -> tuple[float, ...]:
    """The prices of the entry that an annotated image shows."""
    return (offers[0].point.entry, offers[0].point.stop, offers[0].point.target) if offers else ()


def scene(heading: str, note: str, series: ChartSeries, plot: Plot) -> Scene:
    """The chart alone."""
    return Scene(series, plot, title=heading, note=note, annotated=False)


def annotated_scene(
    heading: str,
    note: str,
    series: ChartSeries,
    plot: Plot,
    found: Sequence[Found],
    offers: Sequence[Offer],
    last: float,
) -> Scene:
    """The same chart with its strongest patterns, support and resistance, the surest entry and the last price."""
    drawn = sorted(range(len(found)), key=lambda at: (-found[at].score, at))[:MOST_DRAWN]
    chosen = [found[at] for at in sorted(drawn)]
    lines = [one for one in chosen if one.kind == "level"]
    areas = [one for one in chosen if one.kind != "level"]
    return Scene(
        series,
        plot,
        zones=[_zone(series, one) for one in areas],
        levels=[*(_level(series, one) for one in lines), Level(last, "current")],
        position=_tool(series, offers[0]) if offers else None,
        labels=[_words(series, one) for one in chosen],
        title=heading,
        note=note,
        annotated=True,
    )


def _zone(series: ChartSeries, one: Found) -> Zone:
    left, right = span(series, one.start, one.end)
    return Zone(left, right, one.price_low, one.price_high, one.direction)


def _level(series: ChartSeries, one: Found) -> Level:
    role = "support" if one.direction > 0 else "resistance"
    return Level((one.price_low + one.price_high) / 2, role, span(series, one.start, one.end)[0])


def _words(series: ChartSeries, one: Found) -> Words:
    left, right = span(series, one.start, one.end)
    price = one.price_high if one.direction < 0 else one.price_low
    return Words((left + right) / 2, price, title(kind_named(one.kind)), one.direction, above=one.direction < 0)


def _tool(series: ChartSeries, offer: Offer) -> PositionTool:
    last = len(series) - 1
    point = offer.point
    return PositionTool(point.entry, point.stop, point.target, last + 0.5, last + 0.5 + max(2, len(series) // 25))
