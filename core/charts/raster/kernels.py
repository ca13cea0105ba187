"""The compiled strokes: each writes palette entries into a canvas, shape (height, width), and stays within `clip`.

`clip` is (x0, y0, x1, y1) in whole pixels, the right and bottom edge outside. Coordinates are those of
`core.charts.geometry`: the centre of pixel (i, j) lies at (i + 0.5, j + 0.5).
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from core.bars import Floats, Times
from core.charts.raster.palette import BASES, LEVELS

Canvas = NDArray[np.uint8]
Clip = tuple[int, int, int, int]

DOT: Final = 0
DIAMOND: Final = 1
TRIANGLE_UP: Final = 2
TRIANGLE_DOWN: Final = 3
_DIM: Final = 4  # level of a wick that is as wide as its body


@njit(cache=True)
def fill(canvas: Canvas, clip: Clip, x0: int, y0: int, x1: int, y1: int, value: int) -> None:
    """Fill columns x0..x1 and rows y0..y1, the last ones left out."""
    for j in range(max(y0, clip[1]), min(y1, clip[3])):
        for i in range(max(x0, clip[0]), min(x1, clip[2])):
            canvas[j, i] = value


@njit(cache=True)
def wash(canvas: Canvas, clip: Clip, x0: int, y0: int, x1: int, y1: int, bit: int) -> None:
    """Set a bit of the background in columns x0..x1 and rows y0..y1, the last ones left out."""
    for j in range(max(y0, clip[1]), min(y1, clip[3])):
        for i in range(max(x0, clip[0]), min(x1, clip[2])):
            if canvas[j, i] < BASES:
                canvas[j, i] |= bit


@njit(cache=True)
def dashes(canvas: Canvas, clip: Clip, x0: int, x1: int, y0: int, y1: int, on: int, off: int, value: int) -> None:
    """A horizontal line of rows y0..y1 from column x0 to x1: `on` pixels of it, then `off` left out."""
    for j in range(max(y0, clip[1]), min(y1, clip[3])):
        for i in range(max(x0, clip[0]), min(x1, clip[2])):
            if (i - x0) % (on + off) < on:
                canvas[j, i] = value


@njit(cache=True)
def candles(canvas: Canvas, clip: Clip, xs: Floats, rows: Floats, ink: Times, body: int, wick: int) -> None:
    """Candles at `xs`, all with a body of `body` and a wick of `wick` pixels, centred on each other if both are odd.

    `rows` holds the pixel rows (as floats) of open, high, low and close, shape (4, n); `ink` the level 0 of each one's
    ink. A wick as wide as the body is drawn dimmer, so that the body can still be seen.
    """
    shade = _DIM if wick == body else LEVELS
    for n in range(xs.size):
        opened, high, low, close = rows[0, n], rows[1, n], rows[2, n], rows[3, n]
        left = math.floor(xs[n] - wick / 2 + 0.5)
        fill(canvas, clip, left, math.floor(high), left + wick, math.floor(low) + 1, ink[n] + shade)
        left = math.floor(xs[n] - body / 2 + 0.5)
        top, bottom = math.floor(min(opened, close)), math.floor(max(opened, close)) + 1
        fill(canvas, clip, left, top, left + body, bottom, ink[n] + LEVELS)


@njit(cache=True)
def shade(canvas: Canvas, clip: Clip, i: int, j: int, cover: float, ink: int) -> None:
    """Put an ink on pixel (i, j) as far as it is covered (0..1); a fainter shade never replaces a stronger one."""
    level = int(cover * LEVELS + 0.5)
    if level <= 0 or i < clip[0] or i >= clip[2] or j < clip[1] or j >= clip[3]:
        return
    level = min(level, LEVELS)
    old = int(canvas[j, i])
    if ink < old <= ink + LEVELS:
        canvas[j, i] = max(old, ink + level)
    elif old < BASES or level * 2 >= LEVELS:
        canvas[j, i] = ink + level


@njit(cache=True)
def stroke(canvas: Canvas, clip: Clip, xa: float, ya: float, xb: float, yb: float, half: float, ink: int) -> None:
    """A smooth straight line from a to b, `half` pixels to either side."""
    reach = half + 1.0
    dx, dy = xb - xa, yb - ya
    length = dx * dx + dy * dy
    for j in range(max(int(min(ya, yb) - reach), clip[1]), min(int(max(ya, yb) + reach) + 1, clip[3])):
        for i in range(max(int(min(xa, xb) - reach), clip[0]), min(int(max(xa, xb) + reach) + 1, clip[2])):
            px, py = i + 0.5 - xa, j + 0.5 - ya
            along = 0.0 if length == 0 else min(max((px * dx + py * dy) / length, 0.0), 1.0)
            gap = math.hypot(px - along * dx, py - along * dy)
            shade(canvas, clip, i, j, half + 0.5 - gap, ink)


@njit(cache=True)
def line(canvas: Canvas, clip: Clip, xs: Floats, ys: Floats, half: float, ink: int) -> None:
    """A smooth line through points."""
    if xs.size == 1:
        stroke(canvas, clip, xs[0] - 2 * half, ys[0], xs[0] + 2 * half, ys[0], half, ink)
    for n in range(xs.size - 1):
        stroke(canvas, clip, xs[n], ys[n], xs[n + 1], ys[n + 1], half, ink)


@njit(cache=True)
def ring(canvas: Canvas, clip: Clip, x: float, y: float, rx: float, ry: float, half: float, ink: int) -> None:
    """A smooth ellipse around (x, y), its line `half` pixels to either side of the radii."""
    for j in range(int(y - ry - half - 1), int(y + ry + half + 2)):
        for i in range(int(x - rx - half - 1), int(x + rx + half + 2)):
            px, py = i + 0.5 - x, j + 0.5 - y
            share = math.hypot(px / rx, py / ry)
            slope = math.hypot(px / (rx * rx), py / (ry * ry))
            gap = min(rx, ry) if share == 0 else abs(share - 1.0) * share / slope
            shade(canvas, clip, i, j, half + 0.5 - gap, ink)


@njit(cache=True)
def figures(
    canvas: Canvas,
    clip: Clip,
    xs: Floats,
    tops: Floats,
    counts: Times,
    rising: Times,
    box: float,
    wide: float,
    half: float,
    up: int,
    down: int,
) -> None:
    """Columns of X (`rising` 1) and O (0) at `xs`: `counts` boxes of `box` pixels from `tops` downwards."""
    rx, ry = wide / 2 * 0.78 - half, box / 2 * 0.84 - half
    for n in range(xs.size):
        for row in range(counts[n]):
            x, y = xs[n], tops[n] + (row + 0.5) * box
            if rising[n] == 1:
                stroke(canvas, clip, x - rx, y - ry, x + rx, y + ry, half, up)
                stroke(canvas, clip, x - rx, y + ry, x + rx, y - ry, half, up)
            else:
                ring(canvas, clip, x, y, rx, ry, half, down)


@njit(cache=True)
def marker(canvas: Canvas, clip: Clip, x: float, y: float, radius: float, shape: int, ink: int) -> None:
    """A sign with its centroid at (x, y), about `radius` pixels to every side, on a dark rim."""
    reach = int(radius * 2 + 4)
    left, top = math.floor(x) - reach, math.floor(y) - reach
    for pass_ in range(2):
        for j in range(max(top, clip[1]), min(top + 2 * reach, clip[3])):
            for i in range(max(left, clip[0]), min(left + 2 * reach, clip[2])):
                gap = _outside(i + 0.5 - x, j + 0.5 - y, radius, shape)
                if pass_ == 0 and gap < 1.6:  # noqa: PLR2004
                    canvas[j, i] = 0
                elif pass_ == 1:
                    shade(canvas, clip, i, j, 0.5 - gap, ink)


@njit(cache=True)
def _outside(px: float, py: float, radius: float, shape: int) -> float:
    """Distance of a point (from the centroid) to the edge of a sign, negative within; at corners a little less."""
    if shape == DOT:
        return math.hypot(px, py) - radius
    if shape == DIAMOND:
        return (abs(px) + abs(py) - radius * 1.25) * math.sqrt(0.5)
    if shape == TRIANGLE_DOWN:
        py = -py
    # A triangle 2 radii high and 2.3 wide: its base lies a third of the height below the centroid.
    height, half = 2.0 * radius, 1.15 * radius
    side = (abs(px) * height - half * (py + height * 2 / 3)) / math.hypot(height, half)
    return max(side, py - height / 3)


@njit(cache=True)
def clear_around(
    canvas: Canvas, clip: Clip, atlas: Canvas, offset: Times, codes: Times, x: int, y: int, rim: int
) -> None:
    """Put the plain background in place of everything but background within `rim` pixels of the glyphs at (x, y)."""
    for code in codes:
        wide = offset[code + 1] - offset[code]
        for j in range(atlas.shape[0]):
            for i in range(wide):
                if 2 * atlas[j, offset[code] + i] < LEVELS:
                    continue
                for row in range(max(y + j - rim, clip[1]), min(y + j + rim + 1, clip[3])):
                    for column in range(max(x + i - rim, clip[0]), min(x + i + rim + 1, clip[2])):
                        if canvas[row, column] >= BASES:
                            canvas[row, column] = 0
        x += wide


@njit(cache=True)
def letters(canvas: Canvas, clip: Clip, atlas: Canvas, offset: Times, codes: Times, x: int, y: int, ink: int) -> None:
    """Copy glyphs with the upper left corner of the first at (x, y)."""
    for code in codes:
        wide = offset[code + 1] - offset[code]
        for j in range(atlas.shape[0]):
            for i in range(wide):
                level = atlas[j, offset[code] + i]
                if level > 0 and clip[0] <= x + i < clip[2] and clip[1] <= y + j < clip[3]:
                    canvas[y + j, x + i] = ink + level
        x += wide
