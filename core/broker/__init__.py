"""The paper broker: orders filled from bars, by rules that never flatter."""

from __future__ import annotations

from core.broker.book import PaperBook, Report, Working, cancel, expire, modify, place, place_bracket, settle
from core.broker.costs import Commission, Costs, SideCost
from core.broker.holdings import Effect, Holding, Holdings
from core.broker.paper import step

__all__ = [
    "Commission",
    "Costs",
    "Effect",
    "Holding",
    "Holdings",
    "PaperBook",
    "Report",
    "SideCost",
    "Working",
    "cancel",
    "expire",
    "modify",
    "place",
    "place_bracket",
    "settle",
    "step",
]
