"""Zones, levels, the position tool, signs and words."""

from __future__ import annotations

import math

from core.charts.raster import kernels
from core.charts.raster.axes import Tag
from core.charts.raster.palette import BEARISH, BULLISH, INK, NEUTRAL, REWARD, RISK, full
from core.charts.raster.scene import Label, Level, Marker, PositionTool, Scene, Zone
from core.charts.raster.sheet import Sheet

_WASH = {1: BULLISH, -1: BEARISH, 0: NEUTRAL}
_ZONE_INK = {1: "bullish", -1: "bearish", 0: "muted"}
_LEVEL_INK = {"support": "up", "resistance": "down", "current": "accent", "neutral": "muted"}
_MARKER_INK = {1: "marker_up", -1: "marker_down", 0: "marker"}
_SHAPES = {
    "dot": kernels.DOT,
    "diamond": kernels.DIAMOND,
    "up": kernels.TRIANGLE_UP,
    "down": kernels.TRIANGLE_DOWN,
}


def tags(scene: Scene) -> list[Tag]:
    """Prices that stand on the axis: entry, stop and target, and the current price."""
    found = [(level.price, "accent") for level in scene.levels if level.role == "current"]
    if scene.position is not None:
        plan = scene.position
        found += [(plan.entry, "entry"), (plan.stop, "down"), (plan.target, "up")]
    low, high = scene.plot.price_low, scene.plot.price_high
    return [(price, ink) for price, ink in found if low <= price <= high]


def draw_behind(sheet: Sheet, scene: Scene) -> None:
    """What lies behind the series: zones, the areas of the position tool, levels."""
    for zone in scene.zones:
        _zone(sheet, zone)
    if scene.position is not None:
        _areas(sheet, scene.position)
    for level in scene.levels:
        _level(sheet, level)


def draw_before(sheet: Sheet, scene: Scene) -> None:
    """What lies before the series: the position's lines, signs, and every word that finds room."""
    if scene.position is not None:
        _plan(sheet, scene.position)
    for marker in scene.markers:
        _marker(sheet, marker)
    for label in scene.labels:
        _label(sheet, label, apart=scene.series.type == "point_figure")
    for level in scene.levels:
        _level_words(sheet, level)
    for zone in scene.zones:
        _zone_words(sheet, zone)


def _pixels(sheet: Sheet, left: float, right: float, low: float, high: float) -> tuple[int, int, int, int]:
    """Whole pixels of a range, kept near the image so that a far price stays a small number."""
    plot = sheet.plot
    x = [math.floor(min(max(plot.x(at), -8.0), plot.width + 8.0)) for at in (left, right)]
    y = [math.floor(min(max(plot.y(price), -8.0), plot.height + 8.0)) for price in (high, low)]
    return x[0], y[0], x[1], y[1] + 1


def _zone(sheet: Sheet, zone: Zone) -> None:
    x0, y0, x1, y1 = _pixels(sheet, zone.left, zone.right, zone.low, zone.high)
    kernels.wash(sheet.canvas, sheet.area, x0, y0, x1, y1, _WASH[zone.direction])
    edge, pen = INK[_ZONE_INK[zone.direction]] + 4, sheet.pen
    for box in ((x0, y0, x1, y0 + pen), (x0, y1 - pen, x1, y1), (x0, y0, x0 + pen, y1)):
        sheet.fill(box, edge)


def _areas(sheet: Sheet, plan: PositionTool) -> None:
    for far, bit in ((plan.target, REWARD), (plan.stop, RISK)):
        box = _pixels(sheet, plan.left, plan.right, min(plan.entry, far), max(plan.entry, far))
        kernels.wash(sheet.canvas, sheet.area, *box, bit)


def _plan(sheet: Sheet, plan: PositionTool) -> None:
    left, right = sheet.plot.x(plan.left), sheet.plot.x(plan.right)
    names = (("Entry", plan.entry, "entry"), ("Stop", plan.stop, "down"), ("Target", plan.target, "up"))
    for name, price, ink in names:
        if not sheet.plot.price_low <= price <= sheet.plot.price_high:
            continue
        y = sheet.plot.y(price)
        sheet.level(y, left, right, full(ink))
        sheet.level(y, right, sheet.plot.right, INK[ink] + 4, (2, 3))
        _words_at_line(sheet, name, left + 4, y, ink)


def _level(sheet: Sheet, level: Level) -> None:
    if sheet.plot.price_low <= level.price <= sheet.plot.price_high:
        left = sheet.plot.left if level.left is None else sheet.plot.x(level.left)
        dash = (2, 2) if level.role == "current" else (6, 4)
        sheet.level(sheet.plot.y(level.price), left, sheet.plot.right, full(_LEVEL_INK[level.role]), dash)


def _marker(sheet: Sheet, marker: Marker) -> None:
    x, y = sheet.plot.x(marker.position), sheet.plot.y(marker.price)
    x0, y0, x1, y1 = sheet.area
    if x0 <= x <= x1 and y0 <= y <= y1:
        radius = marker_radius(sheet.scale)
        kernels.marker(
            sheet.canvas, sheet.area, x, y, radius, _SHAPES[marker.shape], INK[_MARKER_INK[marker.direction]]
        )


def marker_radius(scale: float) -> float:
    """Half the size of a sign in pixels: 5 at 800x600."""
    return max(2.0, 5 * scale)


def _label(sheet: Sheet, label: Label, *, apart: bool) -> None:
    """Above or below its place; `apart` from the figures of few, wide columns: also beside it, or not at all."""
    if sheet.letters is None:
        return
    x, y = sheet.plot.x(label.position), sheet.plot.y(label.price)
    wide, gap = sheet.letters.width(label.text), marker_radius(sheet.scale) * 1.4 + sheet.letters.ascent
    sides = [x - wide / 2]
    if apart:
        beside = sheet.plot.slot / 2 + 4
        sides += [x + beside, x - beside - wide]
    sides = [min(max(side, sheet.area[0] + 3), sheet.area[2] - wide - 3) for side in sides]
    way = -1 if label.above else 1
    ink = {1: "up", -1: "down", 0: "text"}[label.direction]
    places = [(side, y + way * gap * step) for step in (1, 2, -1, 3, -2) for side in sides]
    sheet.place(label.text, places, ink, apart=apart)


def _level_words(sheet: Sheet, level: Level) -> None:
    if sheet.letters is not None and level.text:
        x = sheet.plot.right - sheet.letters.width(level.text) - 6
        _words_at_line(sheet, level.text, x, sheet.plot.y(level.price), _LEVEL_INK[level.role])


def _words_at_line(sheet: Sheet, text: str, x: float, y: float, ink: str) -> None:
    """Above a line, else below it, else the same further to the left."""
    if sheet.letters is None:
        return
    gap = sheet.letters.ascent + sheet.pen + 1
    wide = sheet.letters.width(text) + 12
    sheet.place(text, [(x - step * wide, y + way * gap) for step in range(3) for way in (-1, 1)], ink)


def _zone_words(sheet: Sheet, zone: Zone) -> None:
    if sheet.letters is None or not zone.text:
        return
    x = max(sheet.plot.x(zone.left), sheet.area[0]) + 5
    top, bottom = sheet.plot.y(zone.high), sheet.plot.y(zone.low)
    gap = sheet.letters.ascent / 2 + sheet.pen + 3
    inside = [(x, top + gap), (x, bottom - gap)] if bottom - top >= 2 * gap else []
    sheet.place(zone.text, [*inside, (x, top - gap), (x, bottom + gap)], _ZONE_INK[zone.direction])
