"""The market and the marks that every route of the benchmark `render` draws."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.bars import Bars, validate
from core.timeframe import Timeframe

COUNT = 200
ZONES = ((20, 90, 0.15, 0.25, 1, "Order block"), (70, 199, 0.7, 0.8, -1, "Fair value gap"))
SIGNS = (30, 75, 120, 165)


def market(count: int = COUNT, seed: int = 1) -> Bars:
    """A random walk with wicks; here and not that of the scan, which would bring every detector into memory."""
    draw = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(draw.normal(0, 0.002, count)))
    open_ = np.concatenate([[100.0], close[:-1]])
    wick = 1 + np.abs(draw.normal(0, 0.001, (2, count)))
    prices = (open_, np.maximum(open_, close) * wick[0], np.minimum(open_, close) / wick[1], close)
    time = np.arange(count, dtype=np.int64) * Timeframe.M5.ms
    start, high, low, end = (np.round(column, 3) for column in prices)
    return validate(Bars(Timeframe.M5, time, start, high, low, end, np.zeros(count)))


def levels(bars: Bars) -> Callable[[float], float]:
    """Price at a share of the range of the bars."""
    low, high = float(bars.low.min()), float(bars.high.max())
    return lambda share: low + share * (high - low)
