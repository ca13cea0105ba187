"""One market's 500 bars: indicators and smart-money events, against pandas-ta-classic plus smartmoneyconcepts.

The keys that begin with `full` add every other pattern family (levels, trend, shapes, the 61 candlesticks, sessions and
previous levels) and the strategy's verdict to ours, and to the library route what the two libraries have of it: the
candlesticks, three sessions, previous day and week, and retracements.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.timing import interleaved
from core.bars import Bars, validate
from core.indicators.snapshot import indicators
from core.patterns.detect import ALL, detect
from core.strategies.base import View
from core.strategies.smc_mtf import SmcMtf
from core.timeframe import Timeframe

COUNT = 500
SWING_LENGTH = 5


def market(count: int = COUNT, seed: int = 1) -> Bars:
    """A random walk with wicks and volume, rounded to cents."""
    draw = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(draw.normal(0, 0.002, count)))
    open_ = np.concatenate([[100.0], close[:-1]])
    high = np.maximum(open_, close) * (1 + np.abs(draw.normal(0, 0.001, count)))
    low = np.minimum(open_, close) * (1 - np.abs(draw.normal(0, 0.001, count)))
    prices = [np.round(column, 2) for column in (open_, high, low, close)]
    time = np.arange(count, dtype=np.int64) * Timeframe.M5.ms
    return validate(Bars(Timeframe.M5, time, *prices, np.round(draw.random(count) * 1000)))


def library_route(frame: pd.DataFrame) -> Callable[[], object]:
    """The same indicators and the smart-money events that the two libraries offer, as their users call them."""
    os.environ["SMC_CREDIT"] = "0"
    import pandas_ta_classic as ta
    from smartmoneyconcepts import smc

    def call() -> list[Any]:
        close, high, low = frame["close"], frame["high"], frame["low"]
        swings = smc.swing_highs_lows(frame, swing_length=SWING_LENGTH)
        return [
            *(ta.ema(close, period) for period in (20, 50, 200)),
            ta.rsi(close, 14),
            ta.macd(close),
            ta.atr(high, low, close, 14),
            ta.adx(high, low, close, 14),
            ta.bbands(close, 20),
            ta.obv(close, frame["volume"]),
            smc.bos_choch(frame, swings),
            smc.ob(frame, swings),
            smc.fvg(frame),
            smc.liquidity(frame, swings),
        ]

    return call


def full_library_route(frame: pd.DataFrame) -> Callable[[], object]:
    """Everything the two libraries offer of what a full scan finds."""
    import pandas_ta_classic  # noqa: F401  (registers the accessor `ta`)
    from smartmoneyconcepts import smc

    basic = library_route(frame)

    def call() -> list[Any]:
        swings = smc.swing_highs_lows(frame, swing_length=SWING_LENGTH)
        return [
            basic(),
            frame.ta.cdl_pattern(name="all"),
            *(smc.sessions(frame, session=name) for name in ("London", "New York", "Tokyo")),
            *(smc.previous_high_low(frame, time_frame=frame_name) for frame_name in ("1D", "1W")),
            smc.retracements(frame, swings),
        ]

    return call


def full_scan(bars: Bars) -> Callable[[], object]:
    """Every pattern family, the indicators, and a strategy's verdict with its levels."""
    timeframe = bars.timeframe
    strategy = SmcMtf(timeframe, timeframe, timeframe, minimum_families=0)

    def call() -> object:
        view = View(bars, detect(bars, families=ALL), indicators(bars))
        return strategy.evaluate({timeframe: view}, 0.01)

    return call


def run() -> dict[str, Any]:
    """Median time of one scan of 500 bars, ours and the library route's, taken in turns."""
    warnings.filterwarnings("ignore")
    bars = market()
    frame = bars.frame().set_index(pd.to_datetime(bars.time, unit="ms", utc=True)).drop(columns="time")
    routes = [
        lambda: (indicators(bars), detect(bars)),
        library_route(frame),
        full_scan(bars),
        full_library_route(frame),
    ]
    ours, theirs, full, full_theirs = interleaved(routes, rounds=15, repeat=[60, 3, 20, 1])
    return {
        "name": "scan",
        "unit": "ms per scan of 500 bars",
        "ours": round(ours * 1e3, 4),
        "peer": round(theirs * 1e3, 3),
        "ratio": round(theirs / ours, 1),
        "scans_per_second": round(1 / ours),
        "full_ms": round(full * 1e3, 3),
        "full_peer_ms": round(full_theirs * 1e3, 2),
        "full_ratio": round(full_theirs / full, 1),
        "full_scans_per_second": round(1 / full),
    }
