"""What a signal's chart shows besides its bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class SignalDrawing:
    """A signal as the chart needs it. Prices are raw, times UTC ms.

    `targets` are mappings with `name`, `price` and `r`; `evidence` mappings have the fields of
    `core.strategies.base.Evidence`. `source` says in words where the bars come from; `simulated` marks the chart.
    """

    symbol: str
    direction: int
    entry_type: str
    entry: float
    stop: float
    target: float
    as_of: int
    reward_risk: float
    confidence: float
    band: str
    strategy: str = ""
    tick_size: float = 0.01
    source: str = ""
    simulated: bool = False
    targets: Sequence[Mapping[str, Any]] = ()
    evidence: Sequence[Mapping[str, Any]] = field(default_factory=tuple)

    @property
    def side(self) -> str:
        return "Long" if self.direction > 0 else "Short"

    @property
    def decimals(self) -> int:
        """Of the symbol's tick: 5 for 0.00001."""
        return decimals_of(self.tick_size)

    def price(self, value: float) -> str:
        return f"{value:,.{self.decimals}f}"


def decimals_of(tick_size: float) -> int:
    """Decimals that prices in this tick need."""
    exponent = Decimal(str(tick_size)).normalize().as_tuple().exponent
    return max(0, -int(exponent))
