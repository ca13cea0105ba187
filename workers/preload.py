"""What the worker does once, before it forks: pandas alone would cost a second in every job otherwise."""

from __future__ import annotations

import numba  # noqa: F401
import numpy as np
import pandas as pd  # noqa: F401
import talib  # noqa: F401

import workers.tasks.analyst
import workers.tasks.ask
import workers.tasks.charts
import workers.tasks.dataset
import workers.tasks.market
import workers.tasks.scan  # noqa: F401
from core.bars import Bars
from core.scan import scan
from core.strategies.registry import make_strategy
from core.timeframe import Timeframe
from db.version import code_version


def warm_up() -> None:
    """Scan a made-up wave, so that the compiled detectors are loaded once and not in every work-horse (0.25 s)."""
    code_version()
    strategy = make_strategy("smc_mtf", {})
    scan(strategy, {timeframe: wave(timeframe) for timeframe in strategy.timeframes}, 0.01)


def wave(timeframe: Timeframe, count: int = 300) -> Bars:
    """Bars of a price that swings and drifts, volume 1."""
    steps = np.arange(count, dtype=np.float64)
    close = 100 + 3 * np.sin(steps / 7) + 5 * np.sin(steps / 40)
    opened = np.concatenate(([close[0]], close[:-1]))
    high, low = np.maximum(opened, close) + 0.2, np.minimum(opened, close) - 0.2
    times = np.arange(count, dtype=np.int64) * timeframe.ms
    return Bars(timeframe, times, opened, high, low, close, np.ones(count))
