"""Real bars for tests: the sample that ships, and larger files where the checkout has them beside it."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pandas as pd

from core.bars import Bars, validate
from core.resample import resample
from core.scan import scan
from core.strategies.smc_mtf import SmcMtf
from core.timeframe import Calendar, Timeframe

ROOT = Path(__file__).resolve().parents[1]
EXTRA = Path(os.environ.get("CHARTROOM_TEST_DATA", ROOT.parent / "shared" / "data"))
COUNT = 600


def sample_bars(symbol: str, count: int | None = COUNT) -> Bars:
    """The last `count` daily bars of one of the sample's stocks."""
    table = pd.read_csv(ROOT / "db" / "sample" / "stocks_daily.csv.gz")
    return _bars(table[table["symbol"] == symbol].tail(count or len(table)), "date", Timeframe.D1)


@cache
def bars_before_a_signal() -> Bars:
    """GOOG's daily bars up to one at whose close `smc_mtf` on W1 and D1 suggests something; twenty are left out."""
    bars, strategy = sample_bars("GOOG", None), SmcMtf(Timeframe.W1, Timeframe.D1, Timeframe.D1)
    for end in range(len(bars) - 20, 0, -1):
        seen = bars[:end]
        weeks = resample(seen, Timeframe.W1, Calendar.US_STOCKS, seen.as_of)
        views = {Timeframe.W1: weeks[-500:], Timeframe.D1: seen[-500:]}
        if scan(strategy, views, 0.01).verdict.suggestion is not None:
            return seen
    raise AssertionError("GOOG made daily signals in the winter of 2012/13")


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
