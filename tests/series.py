"""Price series for tests: random walks of several tempers, and bars spelt out by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from core.bars import Bars, validate
from core.timeframe import Timeframe

TEMPERS = ("walk", "gaps", "flat", "spikes", "coarse")


def random_bars(seed: int, count: int, temper: str = "walk", timeframe: Timeframe = Timeframe.M15) -> Bars:
    """A random walk of `count` bars.

    `gaps` jumps between bars, `flat` stands still for long stretches, `spikes` has rare huge wicks, `coarse` is rounded
    so that many prices are equal.
    """
    draw = np.random.default_rng([seed, TEMPERS.index(temper)])
    moves = draw.normal(0, 0.002, count)
    if temper == "flat":
        moves[draw.random(count) < 0.7] = 0.0
    close = 100 * np.exp(np.cumsum(moves))
    open_ = np.concatenate([[100.0], close[:-1]])[:count]
    if temper == "gaps":
        open_ = open_ * np.exp(np.where(draw.random(count) < 0.2, draw.normal(0, 0.01, count), 0))
    wick = np.abs(draw.normal(0, 0.001, (2, count))) * (0 if temper == "flat" else 1)
    if temper == "spikes":
        wick += np.where(draw.random((2, count)) < 0.03, 0.05, 0)
    high = np.maximum(open_, close) * (1 + wick[0])
    low = np.minimum(open_, close) * (1 - wick[1])
    digits = 0 if temper == "coarse" else 3
    rounded = [np.round(column, digits) for column in (open_, high, low, close)]
    time = np.arange(count, dtype=np.int64) * timeframe.ms
    return validate(Bars(timeframe, time, *rounded, np.round(draw.random(count) * 100)))


def bars_of(rows: Sequence[tuple[float, float, float, float]], timeframe: Timeframe = Timeframe.M15) -> Bars:
    """Bars from (open, high, low, close) rows; bar i opens at i timeframes after the epoch."""
    table = np.array(rows, dtype=np.float64).reshape(-1, 4)
    time = np.arange(len(table), dtype=np.int64) * timeframe.ms
    return validate(Bars(timeframe, time, *(np.ascontiguousarray(table[:, i]) for i in range(4)), np.ones(len(table))))


def walks(count: int = 160) -> st.SearchStrategy[Bars]:
    """Random walks of every temper, for hypothesis."""
    return st.builds(random_bars, st.integers(0, 2**32 - 1), st.integers(0, count), st.sampled_from(TEMPERS))
