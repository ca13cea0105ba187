"""Momentum indicators."""

from __future__ import annotations

from core.bars import Bars, Floats
from core.indicators.engine import talib


def rsi(bars: Bars, period: int) -> Floats:
    """Wilder's relative strength index of the close, 0..100; NaN for the first `period` bars."""
    return talib.RSI(bars.close, timeperiod=period)


def macd_histogram(bars: Bars, fast: int, slow: int, signal: int) -> Floats:
    """MACD line minus its signal line, in price units; NaN for the first slow + signal - 2 bars."""
    return talib.MACD(bars.close, fastperiod=fast, slowperiod=slow, signalperiod=signal)[2]
