"""What a portfolio earned: without and with the owner's payments, and beside a benchmark."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.bars import Floats, Times
from core.errors import ParameterError
from core.portfolio.risk import MINIMUM

YEAR_MS: Final = 365 * 86_400_000
_LOWEST, _HIGHEST, _STEPS = -0.999999, 1e6, 200


@dataclass(frozen=True)
class Comparison:
    """Total returns over the same periods, as shares: `excess` is the portfolio's less the benchmark's.

    `tracking_error` is the yearly standard deviation (n - 1) of the differences; None with too few of them.
    """

    portfolio: float
    benchmark: float
    excess: float
    tracking_error: float | None


def simple_returns(values: Floats) -> Floats:
    """Return of each period: value over the one before, less 1; shape (n - 1,). Values have to be positive."""
    return np.asarray(values[1:] / values[:-1] - 1.0, np.float64)


def time_weighted(equity: Floats, flows: Floats) -> float | None:
    """Return of the trading alone, as a share: each period's return compounded, with the owner's payments taken out.

    `flows[i]` is the net payment of period i: paid in (positive) it was there from the period's start, taken out it was
    there up to its end, so that the period's factor is equity[i] / (equity[i-1] + flows[i]), and (equity[i] - flows[i])
    / equity[i-1]. `flows[0]` is what the account began with and is not used. None with fewer than two values.

    Raises:
        ParameterError: the arrays differ in length, or nothing was left at work in some period.
    """
    if len(equity) < 2:  # noqa: PLR2004
        return None
    return float(growth(equity, flows)[-1] - 1.0)


def growth(equity: Floats, flows: Floats) -> Floats:
    """What 1 became by trading alone, shape (n,), from 1 on: the periods of `time_weighted`, compounded one by one.

    Raises:
        ParameterError: the arrays differ in length, or nothing was left at work in some period.
    """
    if len(equity) != len(flows):
        raise ParameterError("every value needs its payment (0 for none).", (len(equity), len(flows)))
    before = equity[:-1] + np.maximum(flows[1:], 0.0)
    after = equity[1:] - np.minimum(flows[1:], 0.0)
    empty = (before <= 0) | (after <= 0)
    if empty.any():
        raise ParameterError("nothing was left of the account: begin after that.", int(np.argmax(empty)) + 1)
    return np.asarray(np.cumprod(np.append(1.0, after / before))[: len(equity)], np.float64)


def money_weighted(times: Times | Sequence[int], flows: Floats, final: float) -> float | None:
    """Yearly return on the owner's money, as a share: the rate at which all payments (positive: paid in), each grown
    from its time (UTC ms) to the last one, make up `final`. Years have 365 days. None when no rate does.
    """
    if not len(flows) or len(times) != len(flows):
        return None
    years = (np.max(times) - np.asarray(times, np.float64)) / YEAR_MS

    def gap(rate: float) -> float:
        return float((flows * (1 + rate) ** years).sum() - final)

    low, high = _LOWEST, _HIGHEST
    if not years.max() > 0 or gap(low) * gap(high) > 0:
        return None
    rising = gap(high) > 0
    for _ in range(_STEPS):
        # The rate spans many orders of magnitude: halve its logarithm.
        middle = math.expm1((math.log1p(low) + math.log1p(high)) / 2)
        low, high = (low, middle) if (gap(middle) > 0) == rising else (middle, high)
    return (low + high) / 2


def compare(returns: Floats, benchmark: Floats, periods_per_year: float) -> Comparison | None:
    """Portfolio and benchmark over the periods both have (same positions); None without any."""
    if len(returns) != len(benchmark):
        raise ParameterError(
            "portfolio and benchmark returns are not of the same periods: align them first.", len(returns)
        )
    both = np.isfinite(returns) & np.isfinite(benchmark)
    if not both.any():
        return None
    ours, theirs = (float(np.prod(1 + one[both]) - 1) for one in (returns, benchmark))
    apart = returns[both] - benchmark[both]
    error = float(apart.std(ddof=1)) * math.sqrt(periods_per_year) if len(apart) >= MINIMUM else None
    return Comparison(ours, theirs, ours - theirs, error)
