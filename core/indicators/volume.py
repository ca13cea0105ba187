"""Volume indicators."""

from __future__ import annotations

import numpy as np

from core.bars import Bars, Floats
from core.indicators.engine import talib


def obv(bars: Bars) -> Floats:
    """On-balance volume: volume added on rising closes and taken off on falling ones."""
    return talib.OBV(bars.close, bars.volume)


def volume_flow(bars: Bars, period: int) -> Floats:
    """Share of the last `period` bars' volume that went with the price, -1..+1: the change of OBV over their volume.

    NaN for the first `period` bars and where nothing was traded.
    """
    flow = np.full(len(bars), np.nan)
    if len(bars) <= period:
        return flow
    on_balance = obv(bars)
    traded = np.convolve(bars.volume, np.ones(period), mode="valid")[1:]
    np.divide(on_balance[period:] - on_balance[:-period], traded, out=flow[period:], where=traded > 0)
    return flow
