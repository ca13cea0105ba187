"""The indicator set behind a signal's votes, and its values at the last bar."""

from __future__ import annotations

import math
from collections.abc import Callable

from core.bars import Bars, Floats
from core.indicators import momentum, trend, volatility, volume

INDICATORS: dict[str, Callable[[Bars], Floats]] = {
    "EMA20": lambda bars: trend.ema(bars, 20),
    "EMA50": lambda bars: trend.ema(bars, 50),
    "EMA200": lambda bars: trend.ema(bars, 200),
    "RSI14": lambda bars: momentum.rsi(bars, 14),
    "MACD_HIST": lambda bars: momentum.macd_histogram(bars, 12, 26, 9),
    "ATR14": lambda bars: volatility.atr(bars, 14),
    "ADX14": lambda bars: volatility.adx(bars, 14),
    "PLUS_DI14": lambda bars: volatility.plus_di(bars, 14),
    "MINUS_DI14": lambda bars: volatility.minus_di(bars, 14),
    "BB_POSITION20": lambda bars: volatility.bollinger_position(bars, 20, 2.0),
    "VOLUME_FLOW20": lambda bars: volume.volume_flow(bars, 20),
}
"""Name -> function of bars giving an array of shape (n,), NaN while it warms up."""


def indicators(bars: Bars) -> dict[str, Floats]:
    """Every indicator of `INDICATORS` over `bars`."""
    return {name: function(bars) for name, function in INDICATORS.items()}


def last_values(columns: dict[str, Floats]) -> dict[str, float | None]:
    """The value at the last bar of each indicator; None while it is not defined."""
    return {name: _finite(values) for name, values in columns.items()}


def _finite(values: Floats) -> float | None:
    if not len(values) or not math.isfinite(values[-1]):
        return None
    return float(values[-1])
