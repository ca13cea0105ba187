"""Returns by day and what they are worth for their risk: Sharpe, Sortino, Calmar.

All returns are simple (0.01 is 1 %). Ratios are annualised with `periods` days a year: 252 where only weekdays count,
365 where every day does. The risk-free rate is a yearly one, spread evenly over the days. NaN is not allowed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

import numpy as np
import pandas as pd

from core.bars import Floats
from core.local_time import to_local
from core.stats.cash import Movements, moments_of, moved_before
from core.stats.closed import ClosedTrades, closed_trades
from core.stats.intervals import Z_95

WEEKDAYS_A_YEAR: Final = 252
DAYS_A_YEAR: Final = 365

_DAY_MS = 86_400_000
_EPOCH_WEEKDAY, _SATURDAY = 3, 5


@dataclass(frozen=True)
class DailyReturns:
    """The return of each day, shape (n,): closed P&L / balance at the day's start. `periods` days make a year."""

    days: tuple[date, ...]
    values: Floats
    periods: int


@dataclass(frozen=True)
class ReturnStats:
    """Figures of daily returns; None where there are too few days, or nothing to divide by.

    - `annual_return`: (product of 1 + r) ** (periods / n) - 1; `volatility`: std(r), ddof 1, times sqrt(periods).
    - `sharpe`: mean(r - rf) / std(r - rf), ddof 1, times sqrt(periods) (Sharpe 1994, Journal of Portfolio Management
      21:49), with its interval at 95 % for independent returns, standard error sqrt((1 + S**2 / 2) / n) of the daily
      ratio (Lo 2002, Financial Analysts Journal 58:36).
    - `sortino`: mean(r - rf) * periods / (sqrt(mean(min(r - rf, 0)**2)) * sqrt(periods)), over all days (Sortino &
      Price 1994, Journal of Investing 3:59).
    - `max_drawdown`: the deepest fall of the compounded returns from their highest point, start included; <= 0.
    - `calmar`: annual return / |max_drawdown| over the whole time (Young 1991, Futures 20:40, took 36 months).
    """

    days: int
    periods: int
    total: float | None
    annual_return: float | None
    volatility: float | None
    sharpe: float | None
    sharpe_low: float | None
    sharpe_high: float | None
    sortino: float | None
    max_drawdown: float | None
    calmar: float | None


def daily_returns(
    frame: pd.DataFrame,
    initial_balance: Decimal,
    zone: str = "UTC",
    cash: Movements = (),
    trades: ClosedTrades | None = None,
) -> DailyReturns:
    """The returns of each day from the first close to the last, days without a close included as 0.

    Weekdays only, unless a trade was closed on a Saturday or Sunday: then every day counts. Deposits and withdrawals
    (`cash`, with aware times) count towards the balance of the day after. A day that begins without money ends the
    series: nothing can be divided by it. `trades` saves time where the frame's `closed_trades` are at hand.
    """
    trades = closed_trades(frame) if trades is None else trades
    if not len(trades):
        return DailyReturns((), np.empty(0), WEEKDAYS_A_YEAR)
    day = to_local(trades.closed, zone) // _DAY_MS
    days = np.arange(int(day[0]), int(day[-1]) + 1)
    weekend = ((days + _EPOCH_WEEKDAY) % 7) >= _SATURDAY
    every = bool(weekend[day - day[0]].any())
    pnl = np.bincount(day - day[0], weights=trades.pnl, minlength=len(days))
    before = float(initial_balance) + np.concatenate([[0.0], np.cumsum(pnl)[:-1]]) + _cash_before(days, cash, zone)
    keep = np.ones(len(days), np.bool_) if every else ~weekend
    broke = before[keep] <= 0
    end = int(np.argmax(broke)) if broke.any() else int(keep.sum())
    dates = days[keep][:end].astype("datetime64[D]").astype(object).tolist()
    return DailyReturns(tuple(dates), pnl[keep][:end] / before[keep][:end], DAYS_A_YEAR if every else WEEKDAYS_A_YEAR)


def return_stats(returns: Floats, periods: int = WEEKDAYS_A_YEAR, risk_free: float = 0.0) -> ReturnStats:
    """Figures of daily returns, shape (n,). `risk_free` is the yearly rate, 0.02 for 2 %."""
    count = len(returns)
    if not count:
        return ReturnStats(0, periods, *(None,) * 9)
    excess = returns - risk_free / periods
    growth = np.cumprod(1 + returns)
    total = float(growth[-1]) - 1
    deepest = float(np.min(growth / np.maximum.accumulate(np.maximum(growth, 1.0)) - 1, initial=0.0))
    yearly = (1 + total) ** (periods / count) - 1 if total > -1 else -1.0
    spread = float(returns.std(ddof=1)) if count > 1 else 0.0
    sharpe, low, high = _sharpe(excess, spread, periods)
    downside = math.sqrt(float(np.mean(np.minimum(excess, 0.0) ** 2)))
    return ReturnStats(
        days=count,
        periods=periods,
        total=total,
        annual_return=yearly,
        volatility=spread * math.sqrt(periods) if count > 1 else None,
        sharpe=sharpe,
        sharpe_low=low,
        sharpe_high=high,
        sortino=float(excess.mean()) / downside * math.sqrt(periods) if downside > 0 else None,
        max_drawdown=deepest,
        calmar=yearly / -deepest if deepest < 0 else None,
    )


def _sharpe(excess: Floats, spread: float, periods: int) -> tuple[float | None, float | None, float | None]:
    # Equal returns leave a spread of rounding errors, which is none.
    if spread <= 1e-15 * max(1.0, float(np.abs(excess).max())):
        return None, None, None
    daily = float(excess.mean()) / spread
    error = Z_95 * math.sqrt((1 + daily * daily / 2) / len(excess))
    year = math.sqrt(periods)
    return daily * year, (daily - error) * year, (daily + error) * year


def _cash_before(days: np.ndarray[tuple[int], np.dtype[np.int64]], cash: Movements, zone: str) -> Floats:
    """Deposits less withdrawals up to the day before each day."""
    return moved_before(days, to_local(moments_of(cash), zone) // _DAY_MS, cash) if cash else np.zeros(len(days))
