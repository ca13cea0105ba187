"""What detectors work on: the bars, the settings, and what several families need, computed once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numba import njit

from core.bars import HIGHEST_PRICE, LARGEST_VOLUME, Bars, Floats, Times, validate
from core.errors import ParameterError
from core.indicators.engine import talib
from core.patterns.pivots import Pivots, find_pivots
from core.patterns.structure import Breaks, find_breaks
from core.patterns.swings import Flags, swing_flags
from core.timeframe import Calendar


@dataclass(frozen=True)
class DetectorSettings:
    """What changes which events are found.

    `swing_length` in bars on each side, `pool_tolerance` in ATR, `pool_lookback` in swings, `atr_period` in bars,
    `level_lookback` in swings, `confirm_within` in bars from a shape's last pivot to its confirmation,
    `calendar` of the market, by which days and weeks end.
    """

    swing_length: int = 5
    pool_tolerance: float = 0.1
    pool_lookback: int = 10
    atr_period: int = 14
    level_lookback: int = 30
    confirm_within: int = 100
    calendar: Calendar = Calendar.UTC

    def __post_init__(self) -> None:
        if self.swing_length < 1 or self.pool_lookback < 1 or self.atr_period < 1 or not self.pool_tolerance > 0:
            raise ParameterError("swing length, pool look-back, ATR period and pool tolerance must be positive.", self)
        if self.level_lookback < 1 or self.confirm_within < 1:
            raise ParameterError("level look-back and the bars to a shape's confirmation must be positive.", self)


def average_true_range(bars: Bars, period: int) -> Floats:
    """Wilder's ATR in price units, shape (n,); NaN for the first `period` bars."""
    if len(bars) <= period:
        return np.full(len(bars), np.nan)
    return np.asarray(talib.ATR(bars.high, bars.low, bars.close, timeperiod=period))


@njit(cache=True)
def _sound(time: Times, opened: Floats, high: Floats, low: Floats, close: Floats, volume: Floats) -> bool:
    n = len(time)
    if not len(opened) == len(high) == len(low) == len(close) == len(volume) == n:
        return False
    for t in range(n):
        good = 0 < low[t] <= min(opened[t], close[t]) and max(opened[t], close[t]) <= high[t] <= HIGHEST_PRICE
        # A comparison with NaN is false.
        if not (good and 0 <= volume[t] <= LARGEST_VOLUME and (t == 0 or time[t] > time[t - 1])):
            return False
        if np.isnan(opened[t]) or np.isnan(close[t]):  # which min and max may pass over
            return False
    return True


def sound(bars: Bars) -> Bars:
    """`bars` if they keep their contract: `core.bars.validate`, fast enough for every scan.

    Raises:
        BarsError: naming the rule and the first row that breaks it.
    """
    columns = (bars.time, bars.open, bars.high, bars.low, bars.close, bars.volume)
    return bars if _sound(*columns) else validate(bars)


@dataclass(frozen=True)
class Inputs:
    """One symbol and timeframe as every family sees it. What no chosen family asks for is not computed."""

    bars: Bars
    settings: DetectorSettings

    @cached_property
    def atr(self) -> Floats:
        """Average true range in price units, shape (n,); NaN during warm-up."""
        return average_true_range(self.bars, self.settings.atr_period)

    @cached_property
    def swings(self) -> tuple[Flags, Flags]:
        """Which bars are swing highs and which swing lows, two arrays of shape (n,)."""
        is_high, is_low = swing_flags(self.bars.high, self.bars.low, self.settings.swing_length)
        return is_high, is_low

    @cached_property
    def breaks(self) -> Breaks:
        """Breaks of structure and changes of character."""
        return find_breaks(self.bars, *self.swings, self.settings.swing_length)

    @cached_property
    def pivots(self) -> Pivots:
        """The alternating pivots."""
        return find_pivots(self.bars, *self.swings, self.settings.swing_length)
