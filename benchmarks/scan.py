"""One whole scan of a market's 500 bars, against pandas-ta-classic plus smartmoneyconcepts.

`ours` is what a scan of the desk computes at its fullest: the eleven indicator columns that every scan stores
(`core.indicators.snapshot`: EMA 20, 50 and 200, RSI, MACD, ATR, ADX with both directional indicators, Bollinger
position, volume flow of OBV), every pattern family (smart money, support and resistance, trend and reversal, classic
shapes, the 61 candlesticks, sessions, previous day and week, premium and discount) with scores and statuses, and the
verdict of `smc_mtf` with entry, stop, targets and votes. A scan of the running desk finds only the smart-money family,
unless its strategy wants more; `desk_ms` is that.

`peer` computes the same indicators through pandas-ta-classic, and of the patterns what the two libraries have: swings,
breaks, order blocks, gaps and liquidity, three sessions, previous day and week, retracements, candlesticks. It has
no levels, trend, shapes and no strategy.

The keys that begin with `shelf` add to both sides every indicator that the desk's registry takes from TA-Lib and
pandas-ta-classic offers too, `indicators` of them, each with its own defaults. (What only pandas-ta-classic has is
computed by it in the registry as well, so there is nothing to compare.)

The peers are called as their users call them. Times are medians, taken in turns; `scans_per_second` is of one core.
"""

from __future__ import annotations

import inspect
import os
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.timing import interleaved
from core.bars import Bars, validate
from core.indicators.pandas_ta_table import ALIASES
from core.indicators.registry import compute
from core.indicators.snapshot import indicators
from core.indicators.talib_source import NAMES
from core.patterns.detect import ALL, detect
from core.strategies.base import Verdict, View
from core.strategies.smc_mtf import SmcMtf
from core.timeframe import Timeframe

COUNT = 500
SWING_LENGTH = 5

Call = Callable[[], object]


def market(count: int = COUNT, seed: int = 1) -> Bars:
    """A random walk with wicks and volume, rounded to cents."""
    draw = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(draw.normal(0, 0.002, count)))
    open_ = np.concatenate([[100.0], close[:-1]])
    high = np.maximum(open_, close) * (1 + np.abs(draw.normal(0, 0.001, count)))
    low = np.minimum(open_, close) * (1 - np.abs(draw.normal(0, 0.001, count)))
    open_, high, low, close = (np.round(column, 2) for column in (open_, high, low, close))
    time = np.arange(count, dtype=np.int64) * Timeframe.M5.ms
    return validate(Bars(Timeframe.M5, time, open_, high, low, close, np.round(draw.random(count) * 1000)))


def our_scan(bars: Bars, families: tuple[str, ...]) -> Call:
    """Patterns, indicators, and a strategy's verdict with its prices."""
    timeframe = bars.timeframe
    strategy = SmcMtf(timeframe, timeframe, timeframe, minimum_families=0)

    def call() -> Verdict:
        view = View(bars, detect(bars, families=families), indicators(bars))
        return strategy.evaluate({timeframe: view}, 0.01)

    assert call().suggestion is not None, "the strategy shall come to its end"
    return call


def library_scan(frame: pd.DataFrame) -> Call:
    """The same indicators, and everything the two libraries offer of what a full scan finds."""
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
            *(smc.sessions(frame, session=name) for name in ("London", "New York", "Tokyo")),
            *(smc.previous_high_low(frame, time_frame=name) for name in ("1D", "1W")),
            smc.retracements(frame, swings),
            frame.ta.cdl_pattern(name="all"),
        ]

    return call


def shared_indicators(bars: Bars, frame: pd.DataFrame) -> tuple[list[Call], list[Call]]:
    """Ours and the library's calls of every indicator that both have: TA-Lib's in the registry, by either name."""
    import pandas_ta_classic as ta

    columns = {name: frame[name] for name in frame} | {"open_": frame["open"]}
    found: dict[str, tuple[Call, Call]] = {}
    for function in (name for group in ta.Category.values() for name in group):
        name = ALIASES.get(function.upper(), function.upper())
        wanted = inspect.signature(getattr(ta, function)).parameters
        given = {key: columns[key] for key in wanted if key in columns}
        theirs = _bound(getattr(ta, function), given)
        if name in NAMES and name not in found and theirs() is not None:
            found[name] = _bound(compute, {"bars": bars, "name": name, "checked": True}), theirs
    ours, peer = zip(*found.values(), strict=True)
    return list(ours), list(peer)


def _bound(function: Callable[..., object], given: dict[str, Any]) -> Call:
    return lambda: function(**given)


def _all(*calls: Call) -> Call:
    return lambda: [call() for call in calls]


def run() -> dict[str, Any]:
    """Median time of one scan of 500 bars, ours and the library route's, taken in turns."""
    warnings.filterwarnings("ignore")
    bars = market()
    frame = bars.frame().set_index(pd.to_datetime(bars.time, unit="ms", utc=True)).drop(columns="time")
    full, library, desk = our_scan(bars, ALL), library_scan(frame), our_scan(bars, ("smart_money",))
    our_shelf, their_shelf = shared_indicators(bars, frame)
    routes = [full, library, desk, _all(full, *our_shelf), _all(library, *their_shelf)]
    ours, theirs, small, shelf, shelf_theirs = interleaved(routes, rounds=15, repeat=[50, 1, 50, 15, 1])
    return {
        "name": "scan",
        "unit": "ms per scan of 500 bars",
        "ours": round(ours * 1e3, 4),
        "peer": round(theirs * 1e3, 2),
        "ratio": round(theirs / ours, 1),
        "scans_per_second": round(1 / ours),
        "desk_ms": round(small * 1e3, 4),
        "desk_scans_per_second": round(1 / small),
        "indicators": len(our_shelf),
        "shelf_ms": round(shelf * 1e3, 3),
        "shelf_peer_ms": round(shelf_theirs * 1e3, 1),
        "shelf_ratio": round(shelf_theirs / shelf, 1),
        "shelf_scans_per_second": round(1 / shelf),
    }
