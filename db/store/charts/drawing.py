"""A stored signal as its chart needs it, and where a symbol's bars come from in words."""

from __future__ import annotations

from typing import Final

from core.charts.drawing import SignalDrawing
from db.models import Signal, Strategy, Symbol

_SOURCES: Final = {
    "simulated": "Simulated market, not real prices",
    "yahoo": "Yahoo Finance",
    "sample": "Sample data",
    "file": "Imported file",
}


def source_words(symbol: Symbol) -> str:
    """Where its bars come from, as the chart says it."""
    return _SOURCES.get(symbol.source, symbol.source)


def drawing_of(signal: Signal, symbol: Symbol, strategy: Strategy) -> SignalDrawing:
    """The signal as the chart needs it."""
    return SignalDrawing(
        symbol=symbol.name,
        direction=signal.direction,
        entry_type=signal.entry_type,
        entry=signal.entry,
        stop=signal.stop,
        target=signal.target,
        as_of=signal.as_of,
        reward_risk=signal.reward_risk,
        confidence=signal.confidence,
        band=signal.band,
        strategy=strategy.name,
        tick_size=symbol.tick_size,
        source=source_words(symbol),
        simulated=symbol.source == "simulated",
        evidence=tuple(signal.evidence),
    )
