"""Grid, axes, title and the price tags on the axis."""

from __future__ import annotations

import math
from collections.abc import Sequence

from core.charts.geometry import font_size, price_labels
from core.charts.raster import kernels
from core.charts.raster.palette import GRID, INK, TAG_INK, full
from core.charts.raster.scene import Scene
from core.charts.raster.sheet import Sheet
from core.charts.scales import decimals_of, price_text, price_ticks, time_ticks

Tag = tuple[float, str]
"""A price on the axis and the ink of its tag."""


def draw_axes(sheet: Sheet, scene: Scene, tags: Sequence[Tag]) -> None:
    """The subtle grid, and beside it what the plot leaves room for: prices, times, title and note."""
    plot, found = sheet.plot, sheet.letters
    text = font_size(plot.width, plot.height) or 9
    prices, names = price_ticks(plot.price_low, plot.price_high, price_labels(plot.height, text))
    most = max(2, int((plot.right - plot.left) / (7 * text)))
    at, moments, fresh = time_ticks(scene.series.start, most)
    if scene.grid:
        _grid(sheet, prices, at)
    if found is None:
        return
    middle = _spread([(plot.y(price), ink) for price, ink in tags], found.ascent + 7, sheet)
    if plot.width - plot.right > found.width("0.0") + text:
        busy = [y for y, _ in middle]
        _price_names(sheet, prices, names, busy)
        _tags(sheet, tags, middle, scene.decimals)
    if plot.height - plot.bottom >= found.ascent + 4:
        _time_names(sheet, at, moments, fresh)
    if plot.top > found.ascent + 4:
        _title(sheet, scene)


def _grid(sheet: Sheet, prices: Sequence[float], at: Sequence[int]) -> None:
    x0, y0, x1, y1 = sheet.area
    for price in prices:
        y = math.floor(sheet.plot.y(price))
        kernels.wash(sheet.canvas, sheet.area, x0, y, x1, y + sheet.pen, GRID)
    for position in at:
        x = math.floor(sheet.plot.x(position))
        kernels.wash(sheet.canvas, sheet.area, x, y0, x + sheet.pen, y1, GRID)


def draw_frame(sheet: Sheet) -> None:
    """The two axis lines, to the right of and below the plot area."""
    x0, y0, x1, y1 = sheet.area
    sheet.fill((x1, y0, x1 + sheet.pen, y1), full("border"), sheet.whole)
    sheet.fill((x0, y1, x1 + sheet.pen, y1 + sheet.pen), full("border"), sheet.whole)


def _price_names(sheet: Sheet, prices: Sequence[float], names: Sequence[str], busy: Sequence[float]) -> None:
    assert sheet.letters is not None
    gap = sheet.letters.ascent + 6
    x = sheet.area[2] + _indent(sheet)
    for price, name in zip(prices, names, strict=True):
        y = math.floor(sheet.plot.y(price))
        inside = sheet.area[1] + gap // 2 <= y <= sheet.area[3] - gap // 2
        if inside and all(abs(y - other) >= gap for other in busy):
            sheet.write(name, x, y, INK["muted"])


def _tags(sheet: Sheet, tags: Sequence[Tag], middle: Sequence[tuple[float, str]], decimals: int | None) -> None:
    assert sheet.letters is not None
    plot = sheet.plot
    digits = decimals_of(plot.price_low, plot.price_high) if decimals is None else decimals
    half = sheet.letters.ascent // 2 + 3
    for (price, _), (y, ink) in zip(sorted(tags, reverse=True), middle, strict=True):
        row = math.floor(y)
        sheet.fill((sheet.area[2], row - half, plot.width, row + half + 1), full(ink), sheet.whole)
        sheet.write(price_text(price, digits), sheet.area[2] + _indent(sheet), row, TAG_INK[ink])


def _spread(tags: Sequence[tuple[float, str]], gap: float, sheet: Sheet) -> list[tuple[float, str]]:
    """Tags from the top down, pushed apart where they would cover each other, and back from the bottom edge."""
    rows = sorted(tags)
    moved: list[float] = []
    for y, _ in rows:
        moved.append(max(y, moved[-1] + gap) if moved else y)
    limit = sheet.area[3] - gap / 2
    for at in reversed(range(len(moved))):
        moved[at] = min(moved[at], limit)
        limit = moved[at] - gap
    return [(y, ink) for y, (_, ink) in zip(moved, rows, strict=True)]


def _time_names(sheet: Sheet, at: Sequence[int], names: Sequence[str], fresh: Sequence[bool]) -> None:
    assert sheet.letters is not None
    y = sheet.area[3] + (sheet.plot.height - sheet.area[3]) // 2
    free = sheet.area[0]
    for position, name, day in zip(at, names, fresh, strict=True):
        wide = sheet.letters.width(name)
        x = math.floor(sheet.plot.x(position)) - wide // 2
        if x >= free and x + wide <= sheet.area[2]:
            sheet.write(name, x, y, INK["text" if day else "muted"])
            free = x + wide + sheet.letters.ascent


def _title(sheet: Sheet, scene: Scene) -> None:
    assert sheet.letters is not None
    y = sheet.area[1] // 2
    x0, x1 = sheet.area[0], sheet.plot.width - _indent(sheet)
    wide = sheet.letters.width(scene.note)
    if scene.note and wide <= (x1 - x0) // 2:
        sheet.write(scene.note, x1 - wide, y, INK["muted"])
        x1 -= wide + sheet.letters.ascent
    sheet.write(scene.title, x0, y, INK["text"], (x0, 0, x1, sheet.area[1]))


def _indent(sheet: Sheet) -> int:
    return max(3, round(6 * sheet.scale))
