"""Where a chart's elements and prices lie in an image: exact, both ways, and the same for every renderer.

Coordinates are continuous and in pixels: pixel (column i, row j) covers i..i+1 and j..j+1, so its centre lies at
(i + 0.5, j + 0.5). Labels of a data set come from here, never from what was drawn.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np

from core.bars import Floats
from core.charts.scales import decimals_of, price_text, price_ticks
from core.charts.series import ChartSeries
from core.errors import ParameterError

SMALLEST: Final = 64
LARGEST: Final = 4096
DEFAULT_SIZE: Final = (800, 600)
_LEAST_WITH_AXES: Final = (200, 150)
_PADDING: Final = 0.05
_DIGIT: Final = 0.6  # width of a digit as a share of the text height

Number = TypeVar("Number", float, Floats)


@dataclass(frozen=True)
class Plot:
    """The area of an image in which prices are drawn.

    `left`, `top`, `right` and `bottom` are its edges in pixels from the upper left corner of the image of `width` x
    `height`. `count` elements stand side by side in it, each `(right - left) / count` wide; the prices run linearly
    from `price_low` at the bottom edge to `price_high` at the top edge.
    """

    width: int
    height: int
    left: float
    top: float
    right: float
    bottom: float
    count: int
    price_low: float
    price_high: float

    def __post_init__(self) -> None:
        for name, pixels in (("width", self.width), ("height", self.height)):
            if not SMALLEST <= pixels <= LARGEST:
                raise ParameterError(f"the {name} is {pixels} pixels: take {SMALLEST} to {LARGEST}.", pixels)
        if not (0 <= self.left < self.right <= self.width and 0 <= self.top < self.bottom <= self.height):
            raise ParameterError("the plot area does not lie within the image.", self)
        if self.count < 1:
            raise ParameterError("there is nothing to draw: the window has no element.", self)
        if not (math.isfinite(self.price_low) and math.isfinite(self.price_high) and self.price_low < self.price_high):
            raise ParameterError("the price axis needs two finite prices, the lower one first.", self)

    @property
    def slot(self) -> float:
        """Width of one element in pixels."""
        return (self.right - self.left) / self.count

    @property
    def price_pixel(self) -> float:
        """Height of one pixel as a difference of prices."""
        return (self.price_high - self.price_low) / (self.bottom - self.top)

    def x(self, position: Number) -> Number:
        """Pixel from the left at which a position lies: the middle of element `position`."""
        return self.left + (position + 0.5) / self.count * (self.right - self.left)

    def y(self, price: Number) -> Number:
        """Pixel from the top at which a price lies."""
        return self.top + (self.price_high - price) / (self.price_high - self.price_low) * (self.bottom - self.top)

    def position(self, x: Number) -> Number:
        """Inverse of `x`."""
        return (x - self.left) / (self.right - self.left) * self.count - 0.5

    def price(self, y: Number) -> Number:
        """Inverse of `y`."""
        return self.price_high - (y - self.top) / (self.bottom - self.top) * (self.price_high - self.price_low)

    def box(self, position0: float, position1: float, low: float, high: float) -> tuple[float, float, float, float]:
        """(x0, y0, x1, y1) as shares of the image, 0..1 from its upper left corner; beyond that for what lies outside.

        Element i runs from position i - 0.5 to i + 0.5.
        """
        x0, x1 = self.x(position0) / self.width, self.x(position1) / self.width
        return x0, self.y(high) / self.height, x1, self.y(low) / self.height

    def unbox(self, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
        """Inverse of `box`: (position0, position1, low, high)."""
        left, right = self.position(x0 * self.width), self.position(x1 * self.width)
        return left, right, self.price(y1 * self.height), self.price(y0 * self.height)

    def visible(self, box: tuple[float, float, float, float]) -> tuple[float, float, float, float] | None:
        """The part of a box within the plot area, None if nothing of it is; a flat box (a level) stays flat."""
        left, right = self.left / self.width, self.right / self.width
        top, bottom = self.top / self.height, self.bottom / self.height
        x0, y0, x1, y1 = box
        if x1 <= left or x0 >= right or y1 < top or y0 > bottom:
            return None
        return max(x0, left), max(y0, top), min(x1, right), min(y1, bottom)

    @classmethod
    def fit(
        cls,
        series: ChartSeries,
        width: int = DEFAULT_SIZE[0],
        height: int = DEFAULT_SIZE[1],
        *,
        ahead: int | None = None,
        include: Iterable[float] = (),
        axes: bool = True,
        title: bool = True,
    ) -> Plot:
        """The plot that shows all of `series`.

        Args:
            series: what is drawn; at least one element.
            width: of the image, in pixels.
            height: of the image, in pixels.
            ahead: empty elements to the right of the last; a few if None.
            include: prices that have to be on the axis as well (a stop, a target).
            axes: leave room for the axes' text; images under 200 x 150 have none.
            title: leave room for a title; images without axes have none.

        Raises:
            ParameterError: nothing to draw, a price that is not a finite number, or a size out of range.
        """
        if not len(series):
            raise ParameterError(
                f"the price moved less than one step of {series.size:g} in this window: take a smaller size."
                if series.size
                else "there is nothing to draw: the window has no bars."
            )
        ahead = max(1, len(series) // 25) if ahead is None else ahead
        low, high = _price_range(series, include)
        left, top, right, bottom = _margins(width, height, low, high, axes, title)
        return cls(width, height, left, top, width - right, height - bottom, len(series) + ahead, low, high)


def font_size(width: int, height: int) -> int:
    """Height of the text of an image, in pixels: 12 at 800x600, 0 where there is no room for any."""
    if width < _LEAST_WITH_AXES[0] or height < _LEAST_WITH_AXES[1]:
        return 0
    return round(min(max(12 * min(width / DEFAULT_SIZE[0], height / DEFAULT_SIZE[1]), 10), 48))


def _price_range(series: ChartSeries, include: Iterable[float]) -> tuple[float, float]:
    prices = np.concatenate([series.low, series.high, np.fromiter(include, np.float64)])
    if not np.isfinite(prices).all():
        raise ParameterError("a price to be drawn is not a finite number; correct or drop it.")
    low, high = float(prices.min()), float(prices.max())
    room = (high - low) * _PADDING
    if high - low <= abs(high) * 1e-9:  # a price that stands still: in the middle, on an axis of one per cent
        room = abs(high) * 0.005 or 0.5
    return low - room, high + room


def _margins(width: int, height: int, low: float, high: float, axes: bool, title: bool) -> tuple[int, int, int, int]:
    """Left, top, right and bottom, in pixels; on the right as wide as the longest price on the axis."""
    text = font_size(width, height)
    if not axes or not text:
        edge = max(1, min(width, height) // 64)
        return edge, edge, edge, edge
    longest = max(len(name) for name in price_ticks(low, high, price_labels(height, text))[1] or [""])
    longest = min(max(longest, len(price_text(high, decimals_of(low, high)))), width // (2 * text))
    right = math.ceil(longest * text * _DIGIT) + text
    return text // 2, 2 * text + text // 4 if title else text, right, 2 * text


def price_labels(height: int, text: int) -> int:
    """Most labels on the price axis of an image with text of `text` pixels."""
    return max(2, height // (4 * text))
