"""How much a portfolio may lose, and with what it moves. Returns are simple returns of one period, oldest first.

The window is whatever is handed in; a page says which. Periods without a return (NaN) are left out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from statistics import NormalDist
from typing import Final

import numpy as np
import pandas as pd

from core.bars import Floats
from core.errors import ParameterError

MINIMUM: Final = 20
"""Fewer returns than this say nothing about a tail or a co-movement."""


@dataclass(frozen=True)
class Tail:
    """Losses of one period as shares of the value, positive for a loss, at `level` (0.95: the worst 5 %).

    `var` (value at risk) is exceeded in 1 - level of all periods; `cvar` (conditional value at risk, expected
    shortfall) is the mean loss of those.
    """

    level: float
    var: float
    cvar: float
    count: int


def historical_tail(returns: Floats, level: float = 0.95) -> Tail | None:
    """From what happened: VaR is the (1 - level) quantile, interpolated linearly between two returns; CVaR the mean of
    the returns at or below it. None with fewer than `MINIMUM` returns.
    """
    known = _known(returns, level)
    if known is None:
        return None
    quantile = float(np.quantile(known, 1 - level))
    return Tail(level, -quantile, -float(known[known <= quantile].mean()), len(known))


def parametric_tail(returns: Floats, level: float = 0.95) -> Tail | None:
    """From a normal distribution with the returns' mean m and standard deviation s (n - 1): with z the (1 - level)
    point of the standard normal and f its density, VaR = -(m + z s), CVaR = -m + s f(z) / (1 - level). Real tails are
    fatter. None with fewer than `MINIMUM` returns.
    """
    known = _known(returns, level)
    if known is None:
        return None
    mean, spread = float(known.mean()), float(known.std(ddof=1))
    normal = NormalDist()
    point = normal.inv_cdf(1 - level)
    return Tail(level, -(mean + point * spread), -mean + spread * normal.pdf(point) / (1 - level), len(known))


def volatility(returns: Floats, periods_per_year: float) -> float | None:
    """Standard deviation (n - 1) of the returns times the square root of the periods in a year (252 trading days).

    None with fewer than `MINIMUM` returns.
    """
    known = returns[np.isfinite(returns)]
    return None if len(known) < MINIMUM else float(known.std(ddof=1)) * math.sqrt(periods_per_year)


def beta(returns: Floats, benchmark: Floats) -> float | None:
    """Covariance with the benchmark over the benchmark's variance, over the periods that both have (same positions).

    None with fewer than `MINIMUM` of them, or when the benchmark never moved.
    """
    if len(returns) != len(benchmark):
        raise ParameterError(
            "portfolio and benchmark returns are not of the same periods: align them first.", len(returns)
        )
    both = np.isfinite(returns) & np.isfinite(benchmark)
    if both.sum() < MINIMUM or np.ptp(benchmark[both]) == 0:
        return None
    covariance = np.cov(returns[both], benchmark[both], ddof=1)
    return float(covariance[0, 1] / covariance[1, 1])


def correlations(returns: pd.DataFrame) -> pd.DataFrame:
    """Pearson's correlation of every pair of columns over the periods both have; NaN with fewer than `MINIMUM`, or when
    one of them never moved.
    """
    return returns.corr(min_periods=MINIMUM)


def common_returns(closes: pd.DataFrame) -> pd.DataFrame:
    """Simple returns of each column between the rows in which all of them have a value: periods that all share."""
    return closes.dropna().pct_change(fill_method=None).iloc[1:]


def close_correlations(closes: pd.DataFrame, count: int) -> pd.DataFrame:
    """`correlations` of closes, each pair over its last `count` days on which both have one: markets that rest on
    different days keep their Mondays.
    """
    table = closes.to_numpy(np.float64)
    found = np.eye(table.shape[1])
    for left, right in combinations(range(table.shape[1]), 2):
        pair = table[:, [left, right]]
        pair = pair[np.isfinite(pair).all(axis=1)][-count - 1 :]
        returns = pair[1:] / pair[:-1] - 1.0
        enough = len(returns) >= MINIMUM and np.ptp(returns, axis=0).all()
        found[left, right] = found[right, left] = np.corrcoef(returns.T)[0, 1] if enough else np.nan
    return pd.DataFrame(found, closes.columns, closes.columns)


def _known(returns: Floats, level: float) -> Floats | None:
    if not 0.5 < level < 1:  # noqa: PLR2004
        raise ParameterError(f"{level} is no confidence level: use one between 0.5 and 1, as 0.95.", level)
    known = returns[np.isfinite(returns)]
    return known if len(known) >= MINIMUM else None
