"""The entries that an image offers at its last close, on the patterns that it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from core.charts.geometry import Plot
from core.charts.series import ChartSeries
from core.dataset.labels import Found
from core.signals.entry_points import EntryPoint, entry_point
from core.strategies.base import View
from core.timeframe import Timeframe

MOST: Final = 10
"""Entries kept of a window, the surest ones."""

SIDES: Final = {1: "up", -1: "down", 0: "none"}


@dataclass(frozen=True)
class Offer:
    """An entry on the pattern number `place` of a window."""

    place: int
    point: EntryPoint


@dataclass(frozen=True)
class PlacedEntry:
    """An offer on an image, as shares of its width and height from the upper left corner.

    What lies off the price axis has a share beyond 0..1.
    """

    offer: Offer
    x: float
    y_entry: float
    y_stop: float
    y_target: float


def offers(
    found: Sequence[Found], views: Mapping[Timeframe, View], timeframe: Timeframe, tick_size: float
) -> list[Offer]:
    """What the patterns offer at the last close of `timeframe`, the surest first.

    `views` hold every timeframe as known at that close; `found` are events of that timeframe's log.
    """
    offered = [(place, entry_point(views, timeframe, one.event, tick_size)) for place, one in enumerate(found)]
    points = [Offer(place, point) for place, point in offered if isinstance(point, EntryPoint)]
    return sorted(points, key=lambda one: (-one.point.confidence, -one.point.known_at, one.place))[:MOST]


def placed(offered: Sequence[Offer], series: ChartSeries, plot: Plot) -> list[PlacedEntry]:
    """Where they lie: at the last element, at the heights of their prices."""
    x = plot.x(len(series) - 1) / plot.width

    def y(price: float) -> float:
        return plot.y(price) / plot.height

    return [PlacedEntry(one, x, y(one.point.entry), y(one.point.stop), y(one.point.target)) for one in offered]
