"""The OHLCV contract: one frozen set of equal-length arrays, checked once at the edge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.errors import BarsError
from core.timeframe import Timeframe

Floats = NDArray[np.float64]
Times = NDArray[np.int64]

HIGHEST_PRICE, LARGEST_VOLUME = 1e15, 1e18
"""What is above them is a broken file and no market: sums and squares of such numbers would overflow later."""

COLUMNS = ("time", "open", "high", "low", "close", "volume")


@dataclass(frozen=True)
class Bars:
    """Bars of one symbol and timeframe, oldest first.

    `time` is the open time in UTC epoch milliseconds (int64, strictly increasing); the other columns are float64 of the
    same length. Only complete bars belong here.
    """

    timeframe: Timeframe
    time: Times
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats

    def __len__(self) -> int:
        return len(self.time)

    @property
    def close_time(self) -> Times:
        """Close time (UTC ms) of every bar, shape (n,)."""
        return self.time + self.timeframe.ms

    @property
    def as_of(self) -> int:
        """Close time (UTC ms) of the last bar: the moment at which all of this is known."""
        if len(self) == 0:
            raise BarsError("there are no bars, so there is no moment at which they are known.", self)
        return int(self.time[-1]) + self.timeframe.ms

    def __getitem__(self, part: slice) -> Bars:
        return Bars(
            self.timeframe,
            self.time[part],
            self.open[part],
            self.high[part],
            self.low[part],
            self.close[part],
            self.volume[part],
        )

    def until(self, as_of: int) -> Bars:
        """Only the bars that are complete at `as_of` (UTC ms)."""
        return self[: int(np.searchsorted(self.close_time, as_of, side="right"))]

    def frame(self) -> pd.DataFrame:
        """The same as a frame with the columns of `COLUMNS`."""
        return pd.DataFrame({name: getattr(self, name) for name in COLUMNS})

    @classmethod
    def from_rows(cls, timeframe: Timeframe, rows: Sequence[Any]) -> Bars:
        """From (time, open, high, low, close, volume) tuples."""
        if not len(rows):
            return cls(timeframe, np.empty(0, np.int64), *(np.empty(0) for _ in range(5)))
        table = np.array([tuple(row)[1:6] for row in rows], dtype=np.float64)
        times = np.array([row[0] for row in rows], dtype=np.int64)
        return cls(timeframe, times, *(np.ascontiguousarray(table[:, i]) for i in range(5)))

    @classmethod
    def from_frame(cls, timeframe: Timeframe, frame: pd.DataFrame) -> Bars:
        """From a frame with the columns of `COLUMNS`; a missing volume counts as 0."""

        # Copies: pandas hands out read-only views, and numba would compile every detector a second time for those.
        def column(name: str) -> Floats:
            return frame[name].to_numpy(np.float64, copy=True)

        return cls(
            timeframe,
            frame["time"].to_numpy(np.int64, copy=True),
            column("open"),
            column("high"),
            column("low"),
            column("close"),
            column("volume") if "volume" in frame else np.zeros(len(frame)),
        )


def validate(bars: Bars) -> Bars:
    """Return `bars` if they keep the contract.

    Raises:
        BarsError: naming the rule and the first row that breaks it (its index is the error's `subject`).
    """
    lengths = {name: len(getattr(bars, name)) for name in COLUMNS}
    if len(set(lengths.values())) > 1:
        raise BarsError(f"the columns are not equally long: {lengths}.", lengths)
    prices = np.column_stack([bars.open, bars.high, bars.low, bars.close]) if len(bars) else np.empty((0, 4))
    body_high, body_low = np.maximum(bars.open, bars.close), np.minimum(bars.open, bars.close)
    rules = (
        ("a price is not a finite number", ~np.isfinite(prices).all(axis=1)),
        ("a price is not positive", ~(prices > 0).all(axis=1)),
        (f"a price is above {HIGHEST_PRICE:g}, which no market has", ~(prices <= HIGHEST_PRICE).all(axis=1)),
        ("the volume is negative or not a number", ~(np.isfinite(bars.volume) & (bars.volume >= 0))),
        (f"the volume is above {LARGEST_VOLUME:g}, which no market has", bars.volume > LARGEST_VOLUME),
        ("the high is below the low", bars.high < bars.low),
        ("the open or close lies outside high and low", (body_high > bars.high) | (body_low < bars.low)),
        ("the time is not later than the bar before", np.diff(bars.time, prepend=bars.time[:1] - 1) <= 0),
    )
    for rule, broken in rules:
        if broken.any():
            row = int(np.argmax(broken))
            raise BarsError(f"bar {row} at {bars.time[row]}: {rule}; correct or drop it.", row)
    return bars
