"""Everything an image shows, as plain values: positions on the element axis (element i stands at i) and raw prices."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.charts.geometry import Plot
from core.charts.series import ChartSeries
from core.errors import ParameterError

ROLES = ("support", "resistance", "current", "neutral")
SHAPES = ("dot", "diamond", "up", "down")


@dataclass(frozen=True)
class Zone:
    """A range of prices from `left` to `right` (positions of its edges). `direction`: 1 bullish, -1 bearish, 0 not."""

    left: float
    right: float
    low: float
    high: float
    direction: int = 0
    text: str = ""


@dataclass(frozen=True)
class Level:
    """A dashed line at a price from `left` (None: the plot's edge) to the right edge.

    `role` is `support`, `resistance`, `current` (the last price, with a tag on the axis) or `neutral`.
    """

    price: float
    role: str = "neutral"
    left: float | None = None
    text: str = ""


@dataclass(frozen=True)
class PositionTool:
    """A planned or real trade: reward and risk as areas between `left` and `right`, three lines with their prices."""

    entry: float
    stop: float
    target: float
    left: float
    right: float


@dataclass(frozen=True)
class Marker:
    """A sign whose centroid lies at (position, price).

    `shape` is `up`, `down` (triangles), `dot` or `diamond`; `direction` decides its colour as in a zone.
    """

    position: float
    price: float
    shape: str = "dot"
    direction: int = 0


@dataclass(frozen=True)
class Label:
    """Words beside (position, price): above that price if `above`, else below. Left out where there is no room."""

    position: float
    price: float
    text: str
    direction: int = 0
    above: bool = True


@dataclass(frozen=True)
class Scene:
    """One image. With `annotated` False only series, grid and axes are drawn; the geometry is the same.

    The text of the axes is drawn where the plot leaves room for it. `title` stands above the plot, `note` to the right
    of it (a source, "SIMULATED"). `decimals` are those of the prices in tags; read from the price axis if None.
    """

    series: ChartSeries
    plot: Plot
    zones: Sequence[Zone] = ()
    levels: Sequence[Level] = ()
    position: PositionTool | None = None
    markers: Sequence[Marker] = ()
    labels: Sequence[Label] = ()
    title: str = ""
    note: str = ""
    annotated: bool = True
    grid: bool = True
    decimals: int | None = None


def check(scene: Scene) -> Scene:
    """Return the scene if all of it can be drawn.

    Raises:
        ParameterError: a position or price that is no finite number, or a role, shape or direction that there is not;
            `subject` is the thing that has it.
    """
    for level in scene.levels:
        if level.role not in ROLES:
            raise ParameterError(f"'{level.role}' is no role of a level: use {', '.join(ROLES)}.", level)
    for marker in scene.markers:
        if marker.shape not in SHAPES:
            raise ParameterError(f"'{marker.shape}' is no shape of a sign: use {', '.join(SHAPES)}.", marker)
    directed: tuple[Zone | Marker | Label, ...] = (*scene.zones, *scene.markers, *scene.labels)
    for thing in directed:
        if thing.direction not in (-1, 0, 1):
            raise ParameterError(f"a direction is 1, -1 or 0, not {thing.direction}.", thing)
    for drawn, numbers in _numbers(scene):
        if not all(map(math.isfinite, numbers)):
            raise ParameterError("a position or price to be drawn is not a finite number; correct or drop it.", drawn)
    return scene


def _numbers(scene: Scene) -> Iterator[tuple[object, tuple[float, ...]]]:
    for zone in scene.zones:
        yield zone, (zone.left, zone.right, zone.low, zone.high)
    for level in scene.levels:
        yield level, (level.price, level.left or 0.0)
    places: tuple[Marker | Label, ...] = (*scene.markers, *scene.labels)
    for place in places:
        yield place, (place.position, place.price)
    if scene.position is not None:
        plan = scene.position
        yield plan, (plan.entry, plan.stop, plan.target, plan.left, plan.right)
