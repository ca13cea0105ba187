"""Families of patterns by name, each a function from the shared inputs to tables of patterns."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.patterns.candlesticks import candlestick_events
from core.patterns.inputs import Inputs
from core.patterns.levels import level_events
from core.patterns.liquidity import liquidity_events
from core.patterns.premium_discount import premium_discount_events
from core.patterns.previous_levels import previous_level_events
from core.patterns.sessions import session_events
from core.patterns.shapes import shape_events
from core.patterns.structure import break_events, reversal_events
from core.patterns.swings import swing_events
from core.patterns.tables import Part
from core.patterns.trend import trend_events
from core.patterns.zones import block_events, gap_events

Family = Callable[[Inputs], Sequence[Part]]


def smart_money(inputs: Inputs) -> Sequence[Part]:
    """Swings, breaks of structure, order blocks, fair value gaps, liquidity and its sweeps."""
    bars, atr, chosen = inputs.bars, inputs.atr, inputs.settings
    length = chosen.swing_length
    return [
        swing_events(bars, *inputs.swings, atr, length),
        break_events(bars, inputs.breaks, atr),
        block_events(bars, inputs.breaks, atr),
        gap_events(bars, atr),
        liquidity_events(bars, *inputs.swings, atr, length, chosen.pool_tolerance, chosen.pool_lookback),
    ]


def candlesticks(inputs: Inputs) -> Sequence[Part]:
    """The 61 candlestick patterns of TA-Lib."""
    return [candlestick_events(inputs.bars, inputs.atr)]


def sessions(inputs: Inputs) -> Sequence[Part]:
    """Ranges of a market's day: sessions, previous day and week, premium and discount."""
    bars, atr, chosen = inputs.bars, inputs.atr, inputs.settings
    return [
        session_events(bars, atr),
        *previous_level_events(bars, atr, chosen.calendar),
        premium_discount_events(bars, *inputs.swings, atr, chosen.swing_length),
    ]


def levels(inputs: Inputs) -> Sequence[Part]:
    """Support and resistance with their breaks and retests."""
    chosen = inputs.settings
    return [level_events(inputs.bars, *inputs.swings, inputs.atr, chosen.swing_length, chosen.level_lookback)]


def trend(inputs: Inputs) -> Sequence[Part]:
    """Trend from swing structure, and reversals."""
    bars, atr = inputs.bars, inputs.atr
    return [trend_events(bars, inputs.pivots, atr), reversal_events(bars, inputs.breaks, atr)]


def shapes(inputs: Inputs) -> Sequence[Part]:
    """Classic chart shapes."""
    chosen = inputs.settings
    within = chosen.confirm_within
    return [shape_events(inputs.bars, inputs.pivots, *inputs.swings, inputs.atr, chosen.swing_length, within)]


FAMILIES: dict[str, Family] = {
    "smart_money": smart_money,
    "levels": levels,
    "trend": trend,
    "shapes": shapes,
    "candlesticks": candlesticks,
    "sessions": sessions,
}

ALL = tuple(FAMILIES)
SMART_MONEY_ONLY = ("smart_money",)
