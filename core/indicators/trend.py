"""Trend indicators."""

from __future__ import annotations

from core.bars import Bars, Floats
from core.indicators.engine import talib


def ema(bars: Bars, period: int) -> Floats:
    """Exponential moving average of the close, seeded with the simple average; NaN for the first period - 1 bars."""
    return talib.EMA(bars.close, timeperiod=period)


def sma(bars: Bars, period: int) -> Floats:
    """Simple moving average of the close; NaN for the first period - 1 bars."""
    return talib.SMA(bars.close, timeperiod=period)
