"""What an exported chart shows: bars in one of five chart types, and everything drawn over them. Times are UTC ms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.bars import Bars, Floats
from core.charts.drawing import decimals_of


@dataclass(frozen=True)
class Tool:
    """A position tool from `start` to `end` (None: on to the right); a stop or target that nobody set is None.

    `tagged` puts its prices on the axis.
    """

    direction: int
    entry: float
    stop: float | None
    target: float | None
    start: int
    end: int | None = None
    reward_risk: float | None = None
    name: str = ""
    tagged: bool = True

    @property
    def plan(self) -> list[tuple[str, float]]:
        """What is set of `entry`, `stop` and `target`, with its price."""
        prices = (("entry", self.entry), ("stop", self.stop), ("target", self.target))
        return [(name, price) for name, price in prices if price is not None]


@dataclass(frozen=True)
class Fill:
    """Something bought (+1) or sold (-1) at a moment and a price."""

    moment: int
    price: float
    direction: int
    text: str


@dataclass(frozen=True)
class Curve:
    """An indicator's column over the bars, shape (n,), NaN where it has no value; `pane` names the one it stands in,
    empty for over the price. `as_bars`: drawn as bars from zero.
    """

    name: str
    values: Floats
    pane: str = ""
    as_bars: bool = False


@dataclass(frozen=True)
class Scene:
    """Everything on the chart. Texts are plain: what they hold is never read as markup.

    `headline` follows symbol and timeframe in the title; the part `side` of it is written in the colour of its
    direction. `events` are mappings with kind, timeframe, direction, start, end, price_low, price_high, level, and
    `until` (UTC ms) where something ended them.
    `source` says where the bars come from. `size` and `reversal` are those of bricks and columns, see
    `core.charts.series.chart_series`. Elements are made from the bars `before` the window too, and those are shown that
    end in it. `patterns` counts the pattern events of the window, of which `events` holds those to draw, each with its
    `family`; None: nobody asked for any.
    """

    bars: Bars
    symbol: str
    source: str
    tick_size: float
    simulated: bool = False
    chart_type: str = "candlestick"
    size: float | None = None
    reversal: int | None = None
    headline: str = ""
    side: int = 0
    facts: tuple[str, ...] = ()
    tools: tuple[Tool, ...] = ()
    fills: tuple[Fill, ...] = ()
    events: tuple[Mapping[str, Any], ...] = ()
    curves: tuple[Curve, ...] = ()
    before: Bars | None = None
    patterns: int | None = None
    volume: bool = True

    def price(self, value: float) -> str:
        return f"{value:,.{self.decimals}f}"

    @property
    def decimals(self) -> int:
        return decimals_of(self.tick_size)
