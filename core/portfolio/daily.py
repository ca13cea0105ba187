"""What a portfolio was worth at each day's end, from what it held and paid, and from closes. Plain arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.bars import Floats, Times


@dataclass(frozen=True)
class DailyFlows:
    """Changes in the order of time, shape (n,): at `time` (UTC ms) the amount `change` came on column `column`."""

    time: Times
    column: Times
    change: Floats


def level_at(flows: DailyFlows, days: Times, columns: int) -> Floats:
    """Sum of all changes before each moment of `days` (UTC ms, ascending), by column: shape (len(days), columns)."""
    sums = np.zeros((len(days) + 1, columns))
    row = np.searchsorted(days, flows.time, side="right")
    np.add.at(sums, (row, flows.column), flows.change)
    return np.cumsum(sums[:-1], axis=0)


def last_known(times: Times, values: Floats, days: Times, oldest: int | None = None) -> Floats:
    """The newest value not later than each moment of `days`; NaN before the first, and where the newest is more than
    `oldest` ms old. `times` ascend.
    """
    place = np.searchsorted(times, days, side="right") - 1
    unknown = place < 0
    if oldest is not None and len(times):
        unknown = unknown | (days - times[place] > oldest)
    padded = np.append(values, np.nan)
    return np.asarray(padded[np.where(unknown, len(values), place)], np.float64)


def worth_of(held: Floats, prices: Floats) -> Floats:
    """Sum over the columns of what is held times its price, shape (n,): NaN where something held has no price."""
    product = np.where(held == 0, 0.0, held * prices)
    return np.asarray(product.sum(axis=1), np.float64)
