"""What the journal says about closed trades. Every page takes its figures from here."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import accumulate
from typing import Any

import numpy as np
import pandas as pd

from core.errors import ParameterError

Z_95 = 1.959963984540054
"""The normal distribution's 97.5 % point: two-sided 95 %."""


@dataclass(frozen=True)
class JournalStats:
    """Figures over closed trades; money in the account's currency, exact.

    A trade wins when its P&L is above 0, loses below 0 and is break-even at 0. `win_rate` is wins / closed, and
    (`win_rate_low`, `win_rate_high`) its Wilson score interval at 95 %; None without trades. `average_r` is the mean
    over the trades that have an R-multiple; None when none has. `gross_loss` is a positive number. `profit_factor` is
    gross profit / gross loss; None when nothing was lost, because there is nothing to divide by.
    """

    closed: int
    wins: int
    losses: int
    break_even: int
    win_rate: float | None
    win_rate_low: float | None
    win_rate_high: float | None
    average_r: float | None
    gross_profit: Decimal
    gross_loss: Decimal
    net: Decimal
    profit_factor: float | None


def journal_stats(pnl: Iterable[Decimal | float], r_multiple: Iterable[float | None] = ()) -> JournalStats:
    """Statistics of closed trades from their P&L and R-multiples (None or NaN: has none), in any order.

    Raises:
        ParameterError: a P&L is missing or no finite number.
    """
    amounts = exact_amounts(pnl)
    gains = [amount for amount in amounts if amount > 0]
    pains = [amount for amount in amounts if amount < 0]
    gross_profit, gross_loss = sum(gains, Decimal(0)), -sum(pains, Decimal(0))
    low, high = wilson_interval(len(gains), len(amounts)) if amounts else (None, None)
    return JournalStats(
        closed=len(amounts),
        wins=len(gains),
        losses=len(pains),
        break_even=len(amounts) - len(gains) - len(pains),
        win_rate=len(gains) / len(amounts) if amounts else None,
        win_rate_low=low,
        win_rate_high=high,
        average_r=_mean(r_multiple),
        gross_profit=gross_profit,
        gross_loss=gross_loss,
        net=gross_profit - gross_loss,
        profit_factor=float(gross_profit / gross_loss) if gross_loss else None,
    )


def equity_curve(initial_balance: Decimal, closed: pd.DataFrame, since: datetime | None = None) -> pd.DataFrame:
    """Balance after each closed trade: columns `time` (UTC) and `balance` (float64), oldest first.

    `closed` has the columns `closed_at` (aware) and `pnl`, in any order; trades closed at the same time keep theirs.
    With `since` the curve begins with the initial balance at that time. Sums are exact; only the result is rounded to
    float. Without trades and without `since` the frame is empty.

    Raises:
        ParameterError: a P&L is missing or no finite number.
    """
    times = pd.to_datetime(closed["closed_at"], utc=True).reset_index(drop=True).sort_values(kind="stable")
    amounts = exact_amounts(closed["pnl"])
    balances = list(accumulate((amounts[row] for row in times.index), initial=initial_balance))
    moments = list(times)
    if since is None:
        balances = balances[1:]
    else:
        moments.insert(0, pd.Timestamp(since))
    return pd.DataFrame(
        {"time": pd.to_datetime(pd.Series(moments, dtype=object), utc=True), "balance": np.array(balances, np.float64)}
    )


def wilson_interval(wins: int, count: int, z: float = Z_95) -> tuple[float, float]:
    """Wilson's score interval of a proportion (Wilson 1927, JASA 22:209): sound for few trades and for 0 or 100 %.

    Raises:
        ParameterError: there is nothing to count.
    """
    if not 0 <= wins <= count or count == 0:
        raise ParameterError(f"{wins} of {count} is no proportion.", (wins, count))
    share, weight = wins / count, z * z / count
    centre = share + weight / 2
    spread = z * math.sqrt(share * (1 - share) / count + weight / (4 * count))
    low, high = (centre - spread) / (1 + weight), (centre + spread) / (1 + weight)
    # At 0 and 100 % the share is an end of its own interval, and rounding must not push it out.
    return max(0.0, min(low, share)), min(1.0, max(high, share))


def exact_amounts(values: Iterable[Any]) -> list[Decimal]:
    """Amounts as Decimal; a float counts as the number it is written as.

    Raises:
        ParameterError: one is missing or no finite number (its position is the error's `subject`).
    """
    amounts = []
    for position, value in enumerate(values):
        known = isinstance(value, Decimal | float | int | np.number)
        amount = value if isinstance(value, Decimal) else Decimal(str(value) if known else "NaN")
        if not amount.is_finite():
            raise ParameterError(
                f"Closed trade {position} has no P&L ({value}): close it again with a price.", position
            )
        amounts.append(amount)
    return amounts


def _mean(r_multiple: Iterable[float | None]) -> float | None:
    values = np.array([np.nan if value is None else value for value in r_multiple], dtype=np.float64)
    values = values[~np.isnan(values)]
    return float(values.mean()) if len(values) else None
