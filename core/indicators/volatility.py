"""Volatility and strength indicators."""

from __future__ import annotations

from core.bars import Bars, Floats
from core.indicators.engine import talib


def atr(bars: Bars, period: int) -> Floats:
    """Wilder's average true range in price units; NaN for the first `period` bars."""
    return talib.ATR(bars.high, bars.low, bars.close, timeperiod=period)


def adx(bars: Bars, period: int) -> Floats:
    """Wilder's average directional index, 0..100; NaN for the first 2 * period - 1 bars."""
    return talib.ADX(bars.high, bars.low, bars.close, timeperiod=period)


def plus_di(bars: Bars, period: int) -> Floats:
    """Plus directional indicator, 0..100; NaN for the first `period` bars."""
    return talib.PLUS_DI(bars.high, bars.low, bars.close, timeperiod=period)


def minus_di(bars: Bars, period: int) -> Floats:
    """Minus directional indicator, 0..100; NaN for the first `period` bars."""
    return talib.MINUS_DI(bars.high, bars.low, bars.close, timeperiod=period)


def bollinger_position(bars: Bars, period: int, deviations: float) -> Floats:
    """Where the close stands between the bands: 0 at the middle, +1 at the upper, -1 at the lower; NaN in flat markets.

    Bands are the simple average plus and minus `deviations` population standard deviations of the close.
    """
    upper, middle, _ = talib.BBANDS(bars.close, timeperiod=period, nbdevup=deviations, nbdevdn=deviations)
    width = upper - middle
    width[width == 0] = float("nan")
    return (bars.close - middle) / width
