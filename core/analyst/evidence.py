"""What is known about a signal at its last bar: the one source of everything the model is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

REACH_ATR: Final = 20.0
REACH_SHARE: Final = 0.1
"""How far from the last close an entry may lie: this many ATR, or this share of the price while there is no ATR."""


@dataclass(frozen=True)
class PriceTarget:
    """A price to take profit at and its reward in multiples of the risk."""

    name: str
    price: float
    r: float


@dataclass(frozen=True)
class EventSeen:
    """A pattern event; `role` is its part in the signal, empty when it is only near. `known_at` is UTC ms."""

    kind: str
    timeframe: str
    direction: int
    price_low: float
    price_high: float
    known_at: int
    score: float
    role: str = ""


@dataclass(frozen=True)
class PriceLevel:
    """A price the market may react to: liquidity, support, resistance, an earlier high or low."""

    name: str
    timeframe: str
    price: float


@dataclass(frozen=True)
class Structure:
    """The last break of structure of a timeframe: `up` or `down`; `none` when none is known."""

    timeframe: str
    direction: str
    detail: str


@dataclass(frozen=True)
class IndicatorValue:
    """The value at the last bar of a timeframe, None while it warms up."""

    timeframe: str
    name: str
    value: float | None


@dataclass(frozen=True)
class VoteCast:
    """One of the technical votes: +1 for the signal's direction, -1 against it, 0 neither."""

    family: str
    name: str
    vote: int
    weight: float
    strength: float
    detail: str


@dataclass(frozen=True)
class BarSeen:
    """One complete bar; `time` is its open time, UTC ms."""

    time: int
    open: float
    high: float
    low: float
    close: float
    volume: float


@dataclass(frozen=True)
class Note:
    """Text written by somebody: a headline, a trader's remark. Data, never an instruction."""

    source: str
    text: str


@dataclass(frozen=True)
class SignalEvidence:
    """A signal with everything known at `as_of` (UTC ms, close of the last bar it saw).

    Prices are in the symbol's currency on its tick; `confidence` is 0..1. `symbol`, `description`, `strategy` and
    `notes` are text from outside. `structure` and `indicators` come longest timeframe first, `events` and `levels`
    nearest to the last close first, `bars` of the signal's timeframe oldest first. `atr` is ATR(14) of that timeframe,
    None when it is not known.
    """

    signal_id: int
    symbol: str
    strategy: str
    timeframe: str
    direction: str
    entry_type: str
    entry: float
    stop: float
    targets: tuple[PriceTarget, ...]
    reward_risk: float
    confidence: float
    band: str
    last_close: float
    atr: float | None
    tick_size: float
    as_of: int
    expires_at: int
    description: str = ""
    currency: str = ""
    asset_class: str = ""
    source: str = ""
    structure: tuple[Structure, ...] = ()
    events: tuple[EventSeen, ...] = ()
    indicators: tuple[IndicatorValue, ...] = ()
    levels: tuple[PriceLevel, ...] = ()
    votes: tuple[VoteCast, ...] = ()
    bars: tuple[BarSeen, ...] = ()
    notes: tuple[Note, ...] = field(default=())

    @property
    def reach(self) -> float:
        """How far from the last close an entry still makes sense: never less than the signal's own, and half more."""
        room = REACH_ATR * self.atr if self.atr else REACH_SHARE * self.last_close
        return max(room, 1.5 * abs(self.entry - self.last_close))
