"""Real bars for tests: the sample that ships, and larger files where the checkout has them beside it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from core.bars import Bars, validate
from core.timeframe import Timeframe

ROOT = Path(__file__).resolve().parents[1]
EXTRA = Path(os.environ.get("CHARTROOM_TEST_DATA", ROOT.parent / "shared" / "data"))
COUNT = 600


def sample_bars(symbol: str, count: int | None = COUNT) -> Bars:
    """The last `count` daily bars of one of the sample's stocks."""
    table = pd.read_csv(ROOT / "db" / "sample" / "stocks_daily.csv.gz")
    return _bars(table[table["symbol"] == symbol].tail(count or len(table)), "date", Timeframe.D1)


def minute_bars(name: str, column: str) -> Bars:
    """15-minute bars of a minute file."""
    table = pd.read_csv(EXTRA / name, nrows=COUNT * 15)
    times = pd.to_datetime(table[column], utc=True)
    prices = table.assign(volume=table.get("volume", 0)).set_index(times)
    how = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
    return _bars(prices.resample("15min").agg(how).dropna().reset_index(names="time"), "time", Timeframe.M15)


def _bars(table: pd.DataFrame, column: str, timeframe: Timeframe) -> Bars:
    epoch = pd.Timestamp(0, tz="UTC")
    time = (pd.to_datetime(table[column], utc=True) - epoch) // pd.Timedelta(milliseconds=1)
    return validate(Bars.from_frame(timeframe, table.assign(time=time.astype("int64"))))


REAL_BARS: dict[str, Callable[[], Bars]] = {
    symbol: lambda symbol=symbol: sample_bars(symbol) for symbol in ("AAPL", "GOOG")
}
for _name, _column in (
    ("eurusd_future_6EH4_1m_2024-01.csv.gz", "timestamp_utc"),
    ("usdjpy_1m_2013-02.csv.gz", "timestamp"),
):
    if (EXTRA / _name).exists():
        REAL_BARS[_name.split("_")[0]] = lambda name=_name, column=_column: minute_bars(name, column)
