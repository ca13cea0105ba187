"""What a portfolio earned up to this moment: since the last day's end, over all its time, and beside its benchmark."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from core.portfolio import Comparison, Drawdown, compare, drawdown, drawdown_curve
from db.views.desk import LastPrice
from db.views.portfolio.curve import Curve, index_of
from db.views.portfolio.positions import STALE_MS, Summary


@dataclass(frozen=True)
class Performance:
    """`curve` goes up to now. `day` is the P&L since the day's end `since` (UTC ms; None: since the beginning), without
    what was paid in. `total` is the time-weighted return, `beside` the same days of portfolio and benchmark, `fall` the
    drawdown of the time-weighted return, `span` the first and last of the days beside (UTC ms) where they are not all.
    None where there is nothing to tell it from.
    """

    curve: Curve | None
    day: Decimal | None
    since: int | None
    total: float | None
    beside: Comparison | None
    fall: Drawdown | None
    span: tuple[int, int] | None = None


def performance(summary: Summary, past: Curve | None, benchmark: LastPrice | None, now_ms: int) -> Performance:
    """`past` is the curve up to the last day's end, `benchmark` its last price."""
    if past is None or summary.valuation.equity is None or summary.funded is None:
        # A return that ends where a price or rate went missing is none of today.
        return Performance(past, summary.pnl if past is None else None, None, None, None, None)
    paid = float(summary.funded) - float(past.flows.sum())
    worth = float(summary.valuation.equity)
    equity, flows = np.append(past.equity, worth), np.append(past.flows, paid)
    curve = replace(
        past,
        days=np.append(past.days, now_ms),
        equity=equity,
        flows=flows,
        index=index_of(equity, flows),
        benchmark=np.append(past.benchmark, _price_now(past, benchmark, now_ms)),
    )
    day = Decimal(str(round(worth - paid - float(past.equity[-1]), 8)))
    return Performance(curve, day, int(past.days[-1]), *_returns(curve))


def _price_now(past: Curve, benchmark: LastPrice | None, now_ms: int) -> float:
    known = benchmark is not None and now_ms - benchmark.as_of <= STALE_MS
    return benchmark.price * past.benchmark_rate if known and benchmark else float("nan")


def falls(curve: Curve) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Drawdown of the time-weighted return at each day, from 0 down."""
    return np.array([], np.float64) if curve.index is None else drawdown_curve(curve.index)


def _returns(
    curve: Curve,
) -> tuple[float | None, Comparison | None, Drawdown | None, tuple[int, int] | None]:
    if curve.index is None:
        return None, None, None, None
    beside = compare(curve.returns, curve.benchmark_returns, curve.periods)
    return float(curve.index[-1] - 1), beside, drawdown(curve.index), _span(curve)


def _span(curve: Curve) -> tuple[int, int] | None:
    """From which to which moment the benchmark is known; None without it, or where it is from the first day on."""
    both = np.flatnonzero(np.isfinite(curve.benchmark_returns))
    # The day before the first one has nothing at work.
    if not len(both) or (both[0] <= 1 and both[-1] == len(curve.days) - 2):
        return None
    return int(curve.days[both[0]]), int(curve.days[both[-1] + 1])
