"""What followed outcomes say: how often the target came first, and what a trade paid on average."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.signals.outcome import State
from core.stats.journal import Z_95, wilson_interval

CALIBRATED_FROM = 50
"""Ended outcomes of a strategy from which on the hit rate of a confidence band is worth showing."""


@dataclass(frozen=True)
class OutcomeStats:
    """Figures over followed signals.

    `ended` were filled and met target or stop or ran out of time; of these `hits` met the target. `hit_rate` is hits /
    ended with its Wilson interval at 95 %; `expectancy` the mean result in R with its interval at 95 % (mean +- 1.96
    standard errors). None where there are too few cases to say: none for a rate or a mean, one for the mean's interval.
    """

    waiting: int
    open: int
    never_filled: int
    ended: int
    hits: int
    hit_rate: float | None
    hit_rate_low: float | None
    hit_rate_high: float | None
    expectancy: float | None
    expectancy_low: float | None
    expectancy_high: float | None


def outcome_stats(states: Iterable[str], results_r: Iterable[float | None]) -> OutcomeStats:
    """Statistics of outcomes from their states and results in R (None or NaN before the end), in the same order."""
    kinds = [State(state) for state in states]
    values = np.array([np.nan if value is None else value for value in results_r], dtype=np.float64)
    values = values[~np.isnan(values)]
    ended, hits = len(values), kinds.count(State.TARGET)
    low, high = wilson_interval(hits, ended) if ended else (None, None)
    mean = float(values.mean()) if ended else None
    spread = Z_95 * float(values.std(ddof=1)) / math.sqrt(ended) if ended > 1 else None
    return OutcomeStats(
        waiting=kinds.count(State.WAITING),
        open=kinds.count(State.OPEN),
        never_filled=kinds.count(State.NEVER_FILLED),
        ended=ended,
        hits=hits,
        hit_rate=hits / ended if ended else None,
        hit_rate_low=low,
        hit_rate_high=high,
        expectancy=mean,
        expectancy_low=None if mean is None or spread is None else mean - spread,
        expectancy_high=None if mean is None or spread is None else mean + spread,
    )


def stats_by(table: pd.DataFrame, column: str) -> dict[str, OutcomeStats]:
    """`outcome_stats` of each value of a column (`band`, `status`, `strategy` ...) of `db.views.outcomes`' table."""
    return {str(value): outcome_stats(part["state"], part["result_r"]) for value, part in table.groupby(column)}
