"""The bars a trade is followed on: its own timeframe's, replaced by finer ones where these tell the same story."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.bars import Bars, Floats, Times
from core.timeframe import Timeframe

# Where a market changes to daylight saving, the next bar of four hours and more begins an hour before the nominal end.
SHIFT_MS = 3_600_000


@dataclass(frozen=True)
class Path:
    """Prices in order. `closed` are close times (UTC ms), `bucket` the position of the own bar each one belongs to,
    `minutes` the timeframe it came from; all of shape (n,).
    """

    open: Floats
    high: Floats
    low: Floats
    close: Floats
    closed: Times
    bucket: NDArray[np.int64]
    minutes: NDArray[np.int64]

    def timeframe(self, at: int) -> Timeframe:
        """Timeframe of one of the bars."""
        return Timeframe(int(self.minutes[at]))


def path(bars: Bars, finer: Bars | None, through: int) -> Path:
    """Bars that opened at or after `through` (UTC ms), each replaced by the finer bars that make it up exactly.

    Finer bars make a bar up when their first open, highest high, lowest low and last close are its own; a part of them
    would hide what the rest did.
    """
    slack = SHIFT_MS if bars.timeframe >= Timeframe.H4 else 0
    own = bars[int(np.searchsorted(bars.time, through - slack)) :]
    count = len(own)
    bucket = np.arange(count, dtype=np.int64)
    columns: list[Any] = [own.open, own.high, own.low, own.close, own.close_time, bucket]
    columns.append(np.full(count, int(bars.timeframe), np.int64))
    if finer is None or not len(finer) or not count:
        return Path(*columns)
    first, last = _parts(own, finer)
    whole = _made_up(own, finer, first, last)
    place = np.searchsorted(first, np.arange(len(finer)), side="right") - 1
    inside = (place >= 0) & (np.arange(len(finer)) < last[place]) & whole[place]
    inner = place[inside]
    # The last finer bar ends with its own bar, also when nothing traded in the minutes after it.
    final = np.append(inner[1:] != inner[:-1], True)[: len(inner)]
    closed = np.where(final, own.close_time[inner], np.minimum(finer.close_time[inside], own.close_time[inner]))
    fine = [finer.open, finer.high, finer.low, finer.close]
    replaced = [column[inside] for column in fine] + [closed, inner]
    replaced.append(np.full(int(inside.sum()), int(finer.timeframe), np.int64))
    order = np.argsort(np.concatenate([bucket[~whole], inner]), kind="stable")
    merged = [np.concatenate([own_[~whole], fine_])[order] for own_, fine_ in zip(columns, replaced, strict=True)]
    return Path(*merged)


def _parts(own: Bars, finer: Bars) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each bar the slice of finer bars that opened within it."""
    following = np.append(own.time[1:], own.close_time[-1:])
    end = np.minimum(own.close_time, following)
    return np.searchsorted(finer.time, own.time), np.searchsorted(finer.time, end)


def _made_up(own: Bars, finer: Bars, first: NDArray[np.int64], last: NDArray[np.int64]) -> NDArray[np.bool_]:
    whole = np.zeros(len(own), np.bool_)
    for at in np.flatnonzero(last > first):
        part = slice(int(first[at]), int(last[at]))
        whole[at] = (
            finer.open[part][0] == own.open[at]
            and finer.close[part][-1] == own.close[at]
            and finer.high[part].max() == own.high[at]
            and finer.low[part].min() == own.low[at]
        )
    return whole
