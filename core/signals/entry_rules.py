"""How each kind of pattern is traded: where to get in, where the idea is wrong, and what it aims at.

| pattern | entry | stop | target |
|---|---|---|---|
| order block, fair value gap, untouched | limit at the near edge | 0.1 ATR beyond the far edge | liquidity or 2R |
| level that stands | limit at the level | 0.5 ATR beyond its far edge | liquidity or 2R |
| break of a level or of structure, not yet retested | limit at the broken price | 0.5 ATR beyond it | liquidity or 2R |
| retest of a broken level | stop order beyond the retesting bar | 0.1 ATR beyond its other end | liquidity or 2R |
| sweep of liquidity | at market | 0.1 ATR beyond the sweep | liquidity or 2R |
| classic shape | at market when it is new, then limit at its boundary | its middle | the measured move |
| candlestick | stop order one tick beyond the candles | 0.1 ATR beyond their other end | liquidity or 2R |

Swings, pools, trends, sessions and the candles that take no side (the doji family, spinning tops and the like) are no
entries by themselves. What depends on a bar (retest, sweep, candlestick, a new shape) is an entry for `FRESH` bars.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.bars import Bars
from core.patterns.events import EVENT, Event, EventLog, Kind, Status
from core.patterns.shapes import measured_move

FRESH: Final = 3
"""Bars for which what a single bar showed can be acted on, the one that showed it included."""

ZONE_ROOM, LEVEL_ROOM = 0.1, 0.5
"""ATR between what must hold and the stop."""

_NEUTRAL = "DOJI DRAGONFLYDOJI GRAVESTONEDOJI LONGLEGGEDDOJI RICKSHAWMAN TAKURI HIGHWAVE SPINNINGTOP LONGLINE SHORTLINE"
NEUTRAL: Final = frozenset(Kind[f"CDL_{name}"] for name in _NEUTRAL.split())
"""Candles that are there without taking a side, or only carry their own colour."""


@dataclass(frozen=True)
class Idea:
    """An order before it is put on the tick: `target` None leaves it to liquidity and R. `words` says the rule."""

    entry: float
    stop: float
    target: float | None
    words: str


@dataclass(frozen=True)
class Case:
    """One event of a log, the bars it stands on and their last ATR."""

    event: Event
    statuses: frozenset[int]
    bars: Bars
    atr: float
    tick_size: float

    @property
    def direction(self) -> int:
        return int(self.event["direction"])

    @property
    def level(self) -> float:
        return float(self.event["level"])

    @property
    def near(self) -> float:
        """Its edge on the side of the direction."""
        return float(self.event["price_high" if self.direction > 0 else "price_low"])

    @property
    def far(self) -> float:
        """Its edge on the side of the stop."""
        return float(self.event["price_low" if self.direction > 0 else "price_high"])

    def beyond(self, price: float, room: float) -> float:
        """A stop `room` ATR behind a price."""
        return price - self.direction * room * self.atr

    @property
    def age(self) -> int:
        """Bars since it was known, 1 on the bar that made it known."""
        return len(self.bars) - int(np.searchsorted(self.bars.close_time, self.event["known_at"]))

    def came_back_to(self, price: float) -> bool:
        """Whether price has traded there since the event was known."""
        later = self.bars.time >= self.event["known_at"]
        back = self.bars.low[later] <= price if self.direction > 0 else self.bars.high[later] >= price
        return bool(back.any())


Rule = Callable[[Case], "Idea | str"]
"""The idea, or the sentence that says why there is none (any more)."""


def case_of(log: EventLog, position: int, bars: Bars, atr: float, tick_size: float) -> Case:
    """One event with what became of it."""
    became = log.statuses["status"][log.statuses["event"] == position]
    return Case(log.events[position], frozenset(map(int, became)), bars, atr, tick_size)


def zone(case: Case) -> Idea | str:
    """Order block or fair value gap."""
    if case.statuses:
        return "Price has been back in the zone."
    return Idea(case.level, case.beyond(case.far, ZONE_ROOM), None, "limit at the near edge of the zone")


def level(case: Case) -> Idea | str:
    """Support or resistance."""
    if Status.BROKEN in case.statuses:
        return "The level is broken."
    return Idea(case.level, case.beyond(case.far, LEVEL_ROOM), None, "limit at the level")


def broken(case: Case) -> Idea | str:
    """Break of a level, BOS or CHoCH: the old price is tried from the other side."""
    if case.came_back_to(case.level):
        return "The broken price has been retested."
    return Idea(case.level, case.beyond(case.level, LEVEL_ROOM), None, "limit at the broken price")


def retest(case: Case) -> Idea | str:
    """The level held from its other side when price leaves the retesting bar in the direction of the break."""
    if case.age > FRESH:
        return f"The retest is older than {FRESH} bars."
    worst = min(case.far, case.level) if case.direction > 0 else max(case.far, case.level)
    entry = case.near + case.direction * case.tick_size
    return Idea(entry, case.beyond(worst, ZONE_ROOM), None, "stop order beyond the retesting bar")


def sweep(case: Case) -> Idea | str:
    """The stops behind a pool are taken and price came back."""
    if case.age > FRESH:
        return f"The sweep is older than {FRESH} bars."
    return Idea(float(case.bars.close[-1]), case.beyond(case.far, ZONE_ROOM), None, "at market after the sweep")


def shape(case: Case) -> Idea | str:
    """A classic shape that was confirmed."""
    if case.statuses:
        return "The shape has met its target or failed."
    height = float(case.event["price_high"] - case.event["price_low"])
    new = case.age <= FRESH
    target = float(measured_move(np.array([case.event], EVENT))[0])
    entry = float(case.bars.close[-1]) if new else case.level
    words = "at market on the break of the shape" if new else "limit at the boundary of the shape"
    return Idea(entry, case.level - case.direction * height / 2, target, words)


def candle(case: Case) -> Idea | str:
    """A candlestick pattern is confirmed when price leaves it in its direction."""
    if case.age > FRESH:
        return f"The candlestick is older than {FRESH} bars."
    entry = case.near + case.direction * case.tick_size
    return Idea(entry, case.beyond(case.far, ZONE_ROOM), None, "stop order beyond the candles")


def _rules() -> dict[Kind, Rule]:
    rules: dict[Kind, Rule] = {Kind.ORDER_BLOCK: zone, Kind.FAIR_VALUE_GAP: zone, Kind.LEVEL: level}
    rules |= dict.fromkeys((Kind.LEVEL_BREAK, Kind.BOS, Kind.CHOCH), broken)
    rules |= {Kind.LEVEL_RETEST: retest, Kind.SWEEP: sweep}
    shapes = range(Kind.HEAD_AND_SHOULDERS, Kind.BEAR_FLAG + 1)
    rules |= {kind: shape for kind in Kind if kind in shapes}
    return rules | {kind: candle for kind in Kind if kind.name.startswith("CDL_") and kind not in NEUTRAL}


RULES: Final = _rules()
"""The rule of each kind that can be traded."""
