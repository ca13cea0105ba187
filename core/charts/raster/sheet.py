"""The canvas of one image with everything that is the same for all that is drawn on it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from core.charts.geometry import DEFAULT_SIZE, Plot, font_size
from core.charts.raster import kernels
from core.charts.raster.glyphs import Font, font
from core.charts.raster.kernels import Canvas, Clip
from core.charts.raster.palette import BASES, INK

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Sheet:
    """`area` is the plot area and `whole` the image, in whole pixels; `pen` the width of a plain line.

    `letters` is None where the image is too small for text. `taken` holds the boxes of the words already placed.
    """

    canvas: Canvas
    plot: Plot
    area: Clip
    whole: Clip
    pen: int
    letters: Font | None
    taken: list[Box] = field(default_factory=list)

    @classmethod
    def blank(cls, plot: Plot) -> Sheet:
        size = font_size(plot.width, plot.height)
        area = (math.ceil(plot.left), math.ceil(plot.top), math.floor(plot.right), math.floor(plot.bottom))
        scale = min(plot.width / DEFAULT_SIZE[0], plot.height / DEFAULT_SIZE[1])
        canvas = np.zeros((plot.height, plot.width), np.uint8)
        whole = (0, 0, plot.width, plot.height)
        return cls(canvas, plot, area, whole, max(1, round(scale)), font(size) if size else None)

    @property
    def scale(self) -> float:
        """Size of signs and gaps, 1 at 800x600."""
        return min(self.plot.width / DEFAULT_SIZE[0], self.plot.height / DEFAULT_SIZE[1])

    def fill(self, box: Box, value: int, clip: Clip | None = None) -> None:
        kernels.fill(self.canvas, clip or self.area, *box, value)

    def level(self, y: float, left: float, right: float, value: int, dash: tuple[int, int] = (1, 0)) -> None:
        """A horizontal line of pen width at y from left to right (pixels), within the plot area."""
        top = math.floor(y) - (self.pen - 1) // 2
        on, off = dash[0] * self.pen, dash[1] * self.pen
        kernels.dashes(self.canvas, self.area, math.floor(left), math.floor(right), top, top + self.pen, on, off, value)

    def write(self, text: str, x: int, middle: int, ink: int, clip: Clip | None = None, rim: int = 0) -> None:
        """A line of text with its left edge at x and the middle of its capitals at `middle`.

        `rim` pixels around each letter are cleared of candles and lines.
        """
        if self.letters is None or not text:
            return
        found, codes, within = self.letters, self.letters.codes(text), clip or self.whole
        top = middle - found.ascent // 2 - found.cap_top
        if rim:
            kernels.clear_around(self.canvas, within, found.atlas, found.offset, codes, x, top, rim)
        kernels.letters(self.canvas, within, found.atlas, found.offset, codes, x, top, ink)

    def place(self, text: str, places: list[tuple[float, float]], ink: str, *, apart: bool = False) -> None:
        """Write a text at the first of the places (left edge, middle) that is free and within the plot area.

        No other text may stand there; if `apart`, nothing of the series and no line either.
        """
        if self.letters is None or not text:
            return
        # Letters like p and g reach below the line, and the next text would clear its rim through them.
        wide, half, tail = self.letters.width(text), self.letters.ascent // 2 + 2, self.letters.ascent // 3
        for x, y in places:
            box = (round(x) - 2, round(y) - half, round(x) + wide + 2, round(y) + half + tail + 1)
            if self._within(box) and not any(_cover(box, other) for other in self.taken):
                if apart and not self._bare(box):
                    continue
                self.taken.append(box)
                self.write(text, round(x), round(y), INK[ink], self.area, rim=2 * self.pen)
                return

    def _bare(self, box: Box) -> bool:
        """Whether there is only background, with its zones."""
        x0, y0, x1, y1 = box
        return bool((self.canvas[y0:y1, x0:x1] < BASES).all())

    def _within(self, box: Box) -> bool:
        x0, y0, x1, y1 = self.area
        return x0 <= box[0] and y0 <= box[1] and box[2] <= x1 and box[3] <= y1


def _cover(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
