"""What yfinance hands over, taken apart without a socket."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.bars import validate
from core.errors import MarketDataError
from core.timeframe import Timeframe
from workers.market.yahoo_bars import parse_history

EVER = 2**50
HOUR = 3_600_000
COLUMNS = ["Open", "High", "Low", "Close", "Adj Close", "Volume"]


def history(index: list[str], zone: str, unit: str = "s", **columns: list[float]) -> pd.DataFrame:
    plain = {"Open": 10.0, "High": 12.0, "Low": 9.0, "Close": 11.0, "Adj Close": 5.5, "Volume": 7}
    times = pd.DatetimeIndex(index).tz_localize(zone).as_unit(unit)
    return pd.DataFrame(plain | columns, index=times)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_times_are_epoch_ms_whatever_the_unit_of_the_index(unit):
    minutes = history(["2026-11-20 09:30", "2026-11-20 09:31"], "America/New_York", unit)
    # 09:30 New York is 14:30 UTC; 1795132800 is 2026-11-20 00:00 UTC
    first = 1_795_132_800_000 + 14 * HOUR + HOUR // 2
    assert parse_history(minutes, Timeframe.M1, 0, EVER).bars.time.tolist() == [first, first + 60_000]
    days = history(["2026-11-20", "2026-11-21"], "Asia/Tokyo", unit)
    assert parse_history(days, Timeframe.D1, 0, EVER).bars.time.tolist() == [1_795_132_800_000, 1_795_219_200_000]


def test_adjusted_closes_stay_with_their_bars_when_rows_are_left_out():
    rows = history(
        ["2026-11-16", "2026-11-17", "2026-11-18"], "UTC", Close=[11.0, np.nan, 10.5], **{"Adj Close": [1.0, 2.0, 3.0]}
    )
    fetched = parse_history(rows, Timeframe.D1, 0, EVER)
    assert fetched.bars.close.tolist() == [11.0, 10.5]
    assert fetched.adj_close.tolist() == [1.0, 3.0]


def test_a_currency_pair_without_volume_has_volume_zero():
    pair = history(["2026-11-16"], "Europe/London", Volume=[np.nan])
    assert parse_history(pair, Timeframe.D1, 0, EVER).bars.volume.tolist() == [0]


def test_the_range_is_half_open_and_counts_closes_at_its_end():
    days = history(["2026-11-16", "2026-11-17", "2026-11-18"], "UTC")
    start = int(days.index[1].timestamp()) * 1000
    assert len(parse_history(days, Timeframe.D1, start, start + 24 * HOUR).bars) == 1
    assert len(parse_history(days, Timeframe.D1, start, start + 24 * HOUR - 1).bars) == 0


def test_a_missing_column_is_named():
    rows = history(["2026-11-16"], "UTC").drop(columns=["Adj Close"])
    with pytest.raises(MarketDataError, match="lacks Adj Close"):
        parse_history(rows, Timeframe.D1, 0, EVER)


numbers = st.one_of(st.floats(-5, 50), st.just(float("nan")), st.just(float("inf")))


@given(st.lists(st.tuples(*[numbers] * 6), min_size=1, max_size=20))
def test_whatever_the_numbers_only_sound_bars_come_through(rows):
    index = pd.date_range("2026-11-16", periods=len(rows), freq="1min", tz="UTC")
    table = pd.DataFrame(rows, columns=COLUMNS, index=index)
    fetched = parse_history(table, Timeframe.M1, 0, EVER)
    assert len(validate(fetched.bars)) == len(fetched.adj_close)
