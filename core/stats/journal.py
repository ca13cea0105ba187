"""What the journal says about closed trades. Every page takes its figures from here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import accumulate
from typing import Any

import numpy as np
import pandas as pd

from core.errors import ParameterError
from core.stats.intervals import Z_95, wilson_interval

__all__ = ["Z_95", "JournalStats", "equity_curve", "exact_amounts", "journal_stats", "wilson_interval"]


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


def equity_curve(
    initial_balance: Decimal,
    closed: pd.DataFrame,
    since: datetime | None = None,
    cash: Sequence[tuple[datetime, Decimal]] = (),
) -> pd.DataFrame:
    """Balance after each closed trade: columns `time` (UTC) and `balance` (float64), oldest first.

    `closed` has the columns `closed_at` (aware) and `pnl`, in any order; trades closed at the same time keep theirs.
    `cash` are deposits and withdrawals with their times (aware), which come before a trade of the same time. With
    `since` the curve begins with the initial balance at that time. Sums are exact; only the result is rounded to float.
    Without trades, cash and `since` the frame is empty.

    Raises:
        ParameterError: a P&L is missing or no finite number.
    """
    moved = pd.Series([moment for moment, _ in cash], dtype=object)
    happened = pd.concat([moved, pd.Series(closed["closed_at"], dtype=object)]) if len(cash) else closed["closed_at"]
    times = pd.to_datetime(happened, utc=True).reset_index(drop=True).sort_values(kind="stable")
    amounts = [*(amount for _, amount in cash), *exact_amounts(closed["pnl"])]
    balances = list(accumulate((amounts[row] for row in times.index), initial=initial_balance))
    if since is None:
        balances = balances[1:]
    else:
        times = pd.concat([pd.Series(pd.to_datetime([since], utc=True)), times])
    return pd.DataFrame({"time": times.reset_index(drop=True), "balance": np.array(balances, np.float64)})


def exact_amounts(values: Iterable[Any]) -> list[Decimal]:
    """Amounts as Decimal; a float counts as the number it is written as.

    Raises:
        ParameterError: one is missing or no finite number (its position is the error's `subject`).
    """
    given = list(values)
    if set(map(type, given)) <= {Decimal} and all(map(Decimal.is_finite, given)):
        return given
    return [_exact(position, value) for position, value in enumerate(given)]


def _exact(position: int, value: Any) -> Decimal:
    known = isinstance(value, Decimal | float | int | np.number)
    amount = value if isinstance(value, Decimal) else Decimal(str(value) if known else "NaN")
    if not amount.is_finite():
        raise ParameterError(f"Closed trade {position} has no P&L ({value}): close it again with a price.", position)
    return amount


def _mean(r_multiple: Iterable[float | None]) -> float | None:
    values = np.array([np.nan if value is None else value for value in r_multiple], dtype=np.float64)
    values = values[~np.isnan(values)]
    return float(values.mean()) if len(values) else None
