"""What a strategy is: bars, events and indicators of its timeframes in, a verdict out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from core.bars import Bars, Floats
from core.patterns.events import EventLog
from core.signals.vote import Vote
from core.timeframe import Timeframe


@dataclass(frozen=True)
class View:
    """One timeframe as a trader knew it: complete bars, the events and indicator columns computed from them."""

    bars: Bars
    log: EventLog
    indicators: Mapping[str, Floats]


@dataclass(frozen=True)
class Target:
    """A price to take profit at, and the reward in multiples of the risk."""

    name: str
    price: float
    r: float


@dataclass(frozen=True)
class Evidence:
    """An event as the chart and the journal show it, and the part it plays in the signal."""

    role: str
    kind: str
    timeframe: str
    direction: int
    start: int
    end: int
    price_low: float
    price_high: float
    level: float
    known_at: int
    score: float


@dataclass(frozen=True)
class Suggestion:
    """A signal before it is stored. Prices are on the symbol's tick; times are UTC ms; `as_of` is the last bar's close.

    `source_key` names the zone the signal stands on, so that later scans of the same zone do not suggest it again.
    """

    timeframe: Timeframe
    direction: int
    entry_type: str
    entry: float
    stop: float
    targets: tuple[Target, ...]
    votes: tuple[Vote, ...]
    confidence: float
    band: str
    as_of: int
    expires_at: int
    source_key: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Verdict:
    """What a strategy says of a market: a suggestion, or none; `reason` says why in one sentence either way."""

    suggestion: Suggestion | None
    reason: str


class Strategy(Protocol):
    """The protocol every strategy keeps: pure, and knowing nothing but the views it is given."""

    @property
    def timeframes(self) -> tuple[Timeframe, ...]:
        """The timeframes it reads, without repetition."""
        ...

    @property
    def entry_timeframe(self) -> Timeframe:
        """The timeframe whose closing bar a signal is stamped with."""
        ...

    def parameters(self) -> dict[str, Any]:
        """Every parameter with its value, as JSON types."""
        ...

    def detector(self, timeframe: Timeframe) -> Any:
        """The `DetectorSettings` for one of its timeframes."""
        ...

    def evaluate(self, views: Mapping[Timeframe, View], tick_size: float) -> Verdict:
        """Judge one market."""
        ...
