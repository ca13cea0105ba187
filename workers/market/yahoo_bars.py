"""What yfinance hands over, as bars. Pure: tested without a socket."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.bars import Bars, Floats, Times, validate
from core.errors import MarketDataError
from core.timeframe import Timeframe
from workers.market.base import FetchedBars

DAY_MS: Final = 86_400_000
_PRICES: Final = ["Open", "High", "Low", "Close"]


def parse_history(history: pd.DataFrame, timeframe: Timeframe, start: int, until: int) -> FetchedBars:
    """The bars that open at `start` or later and are complete at `until` (UTC ms), oldest first.

    `history` has Yahoo's raw Open, High, Low, Close, Adj Close and Volume over an index in the exchange's time zone;
    it may be empty. Rows with holes, and rows that cannot be (a high below the low), are left out. Daily bars are
    stamped 00:00 UTC of the exchange's date.

    Raises:
        MarketDataError: columns are missing.
    """
    if history.empty:
        return FetchedBars(Bars.from_rows(timeframe, []), np.empty(0))
    missing = {*_PRICES, "Adj Close", "Volume"} - set(history.columns)
    if missing:
        raise MarketDataError(f"Yahoo's answer lacks {', '.join(sorted(missing))}: try again later.", history)
    time = _times(history, timeframe)
    opened, high, low, close = (history[name].to_numpy(np.float64) for name in _PRICES)
    volume = np.nan_to_num(history["Volume"].to_numpy(np.float64))
    keep = _sound(opened, high, low, close) & (volume >= 0) & (time >= start) & (time + timeframe.ms <= until)
    keep &= np.diff(time, prepend=time[0] - 1) > 0
    bars = Bars(timeframe, time[keep], opened[keep], high[keep], low[keep], close[keep], volume[keep])
    return FetchedBars(validate(bars), history["Adj Close"].to_numpy(np.float64)[keep])


def _times(history: pd.DataFrame, timeframe: Timeframe) -> Times:
    index = pd.DatetimeIndex(history.index)
    if timeframe is Timeframe.D1:
        local = index.tz_localize(None) if index.tz is not None else index
        return local.normalize().as_unit("ms").asi8
    return index.tz_convert("UTC").as_unit("ms").asi8


def _sound(opened: Floats, high: Floats, low: Floats, close: Floats) -> NDArray[np.bool_]:
    prices = np.column_stack([opened, high, low, close])
    whole = np.isfinite(prices).all(axis=1) & (prices > 0).all(axis=1)
    return whole & (np.maximum(opened, close) <= high) & (np.minimum(opened, close) >= low)
