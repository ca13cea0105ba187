"""Closed trades as arrays, in the order of their close: what every statistic starts from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.bars import Floats, Times
from core.stats.journal import exact_amounts


@dataclass(frozen=True)
class ClosedTrades:
    """Arrays of shape (n,), oldest close first; trades closed at one time keep the order of the frame.

    `exact` is the P&L as Decimal, `pnl` the same as float64. `r` is NaN for a trade without a stop. `opened` and
    `closed` are UTC ms, `opened` 0 where it is not known. `row` is the trade's position in the frame.
    """

    exact: list[Decimal]
    pnl: Floats
    r: Floats
    opened: Times
    closed: Times
    row: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.exact)

    def balances(self, initial: Decimal) -> list[Decimal]:
        """The balance before the first close and after each one: n + 1 exact sums."""
        return list(accumulate(self.exact, initial=initial))


def closed_trades(frame: pd.DataFrame) -> ClosedTrades:
    """The trades of a frame with the columns `closed_at` and `pnl`, and where there are `opened_at` and `r_multiple`.

    Rows of trades that are still open (column `status`, or no `closed_at`) do not count.

    Raises:
        ParameterError: a P&L is missing or no finite number.
    """
    when = pd.to_datetime(frame["closed_at"], utc=True)
    done = when.notna().to_numpy()
    if "status" in frame:
        done = done & (frame["status"] == "closed").to_numpy()
    closed = _ms(when)
    rows = np.flatnonzero(done)
    rows = rows[np.argsort(closed[rows], kind="stable")]
    exact = exact_amounts(frame["pnl"].to_numpy(dtype=object)[rows].tolist())
    opened = _ms(pd.to_datetime(frame["opened_at"], utc=True)) if "opened_at" in frame else np.zeros_like(closed)
    return ClosedTrades(
        exact=exact,
        pnl=np.array(exact, dtype=np.float64),
        r=numbers(frame, "r_multiple")[rows],
        opened=opened[rows],
        closed=closed[rows],
        row=rows,
    )


def numbers(frame: pd.DataFrame, column: str) -> Floats:
    """A column as float64, shape (n,); None, and a column that is not there, are NaN."""
    if column not in frame:
        return np.full(len(frame), np.nan)
    return floats(frame[column])


def floats(values: Iterable[Any]) -> Floats:
    """Values as float64; None is NaN."""
    if isinstance(values, pd.Series) and values.dtype == np.float64:
        return values.to_numpy(dtype=np.float64)
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _ms(moments: pd.Series[Any]) -> Times:
    """UTC ms, 0 where there is no time."""
    whole = moments.dt.tz_localize(None).to_numpy(dtype="datetime64[ms]")
    return np.where(np.isnat(whole), 0, whole.astype(np.int64))
