"""Coarser bars: conservation, the prefix property, and each market's own clock."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.bars import Bars, validate
from core.errors import ParameterError
from core.resample import resample
from core.timeframe import Calendar, Timeframe

NEW_YORK = ZoneInfo("America/New_York")
FAR = 2**52


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1000


def new_york(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).timestamp()) * 1000


def flat(times: list[int] | np.ndarray, timeframe: Timeframe) -> Bars:
    """One bar a time; the nth is priced n + 1 and has a volume of 1."""
    price = np.arange(1.0, len(times) + 1)
    return Bars(timeframe, np.array(times, np.int64), price, price, price, price, np.ones(len(times)))


def hours(first: str, last: str) -> Bars:
    return flat(np.arange(utc(first), utc(last), Timeframe.H1.ms), Timeframe.H1)


def local(bars: Bars) -> list[str]:
    return [datetime.fromtimestamp(ms / 1000, NEW_YORK).strftime("%a %d %H:%M") for ms in bars.time.tolist()]


@st.composite
def markets(draw: st.DrawFn) -> tuple[Bars, Timeframe, Calendar]:
    """Bars with gaps, somewhere around a change of the clocks or not, and a coarser timeframe for them."""
    source = draw(st.sampled_from([Timeframe.M1, Timeframe.M15, Timeframe.M30, Timeframe.H1, Timeframe.H4]))
    target = draw(st.sampled_from([member for member in Timeframe if member > source]))
    begin = draw(st.sampled_from(["2024-03-08", "2024-11-01", "2023-12-29", "2024-03-30", "1999-10-29"]))
    steps = draw(st.lists(st.sampled_from([1, 1, 1, 2, 3, 11, 50]), min_size=1, max_size=300))
    times = utc(begin) + np.cumsum(np.array(steps, np.int64)) * source.ms
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    opened, close = random.uniform(90, 110, (2, len(times))).round(2)
    spread = random.uniform(0, 2, (2, len(times))).round(2)
    high, low = np.maximum(opened, close) + spread[0], np.minimum(opened, close) - spread[1]
    volume = random.integers(0, 1000, len(times)).astype(float)
    return Bars(source, times, opened, high, low, close, volume), target, draw(st.sampled_from(list(Calendar)))


@given(markets())
def test_nothing_is_lost_and_nothing_is_known_too_early(market: tuple[Bars, Timeframe, Calendar]) -> None:
    bars, timeframe, calendar = market
    made = validate(resample(bars, timeframe, calendar, FAR))
    assert made.high.max() == bars.high.max()
    assert made.low.min() == bars.low.min()
    assert made.volume.sum() == bars.volume.sum()
    assert (made.open[0], made.close[-1]) == (bars.open[0], bars.close[-1])
    # Replay: at the moment a coarse bar is declared complete, its last source bar has closed.
    for index in range(len(made)):
        known = bars.until(int(made.close_time[index]))
        assert known.volume.sum() >= made.volume[: index + 1].sum()
        assert made.close[index] in known.close


@given(markets(), st.data())
def test_a_prefix_makes_the_first_buckets(market: tuple[Bars, Timeframe, Calendar], data: st.DataObject) -> None:
    bars, timeframe, calendar = market
    cut = data.draw(st.integers(1, len(bars)))
    prefix = bars[:cut]
    made, whole = (resample(some, timeframe, calendar, prefix.as_of) for some in (prefix, bars))
    assert made.frame().equals(whole.frame())
    everything = resample(bars, timeframe, calendar, FAR)
    assert made.frame().equals(everything[: len(made)].frame())
    assert (made.close_time <= prefix.as_of).all()


@given(markets())
def test_utc_agrees_with_pandas(market: tuple[Bars, Timeframe, Calendar]) -> None:
    bars, timeframe, _calendar = market
    made = resample(bars, timeframe, Calendar.UTC, FAR)
    frame = bars.frame().set_index(pd.to_datetime(bars.time, unit="ms"))
    rule = {"rule": "W-MON"} if timeframe is Timeframe.W1 else {"rule": f"{int(timeframe)}min", "origin": "epoch"}
    how = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
    grouped = frame.resample(**rule, closed="left", label="left").agg(how)
    grouped = grouped[grouped.open.notna()]
    assert made.time.tolist() == grouped.index.as_unit("ms").asi8.tolist()
    assert np.array_equal(made.frame()[list(how)].to_numpy(), grouped.to_numpy())


def test_a_bucket_counts_when_its_time_is_over() -> None:
    bars = flat([utc("2024-01-02 10:00") + minute * 60_000 for minute in range(9)], Timeframe.M1)
    assert len(resample(bars, Timeframe.M5, Calendar.UTC, bars.as_of)) == 1
    assert len(resample(bars, Timeframe.M5, Calendar.UTC, utc("2024-01-02 10:09:59"))) == 1
    assert len(resample(bars, Timeframe.M5, Calendar.UTC, utc("2024-01-02 10:10"))) == 2


def test_finer_than_the_source_is_refused() -> None:
    with pytest.raises(ParameterError, match="H1 bars cannot be made into M5"):
        resample(flat([0], Timeframe.H1), Timeframe.M5, Calendar.UTC, FAR)


@pytest.mark.parametrize("calendar", list(Calendar))
def test_under_an_hour_every_market_counts_from_the_epoch(calendar: Calendar) -> None:
    bars = flat([new_york("2024-01-02 09:30") + minute * 60_000 for minute in range(60)], Timeframe.M1)
    for timeframe in (Timeframe.M5, Timeframe.M15, Timeframe.M30):
        made = resample(bars, timeframe, calendar, FAR)
        assert len(made) == 60 // timeframe
        assert (made.time % timeframe.ms == 0).all()


# In 2024 New York's clocks went forward on 10 March and back on 3 November, both on a Sunday at 02:00.
FX_WEEKS = [
    # (first Sunday 17:00 New York in UTC, last hour in UTC, hours of each day from Sunday 17:00)
    ("2024-03-03 22:00", "2024-03-08 22:00", ["Sun 03", "Mon 04", "Tue 05", "Wed 06", "Thu 07"]),
    ("2024-03-10 21:00", "2024-03-15 21:00", ["Sun 10", "Mon 11", "Tue 12", "Wed 13", "Thu 14"]),
    ("2024-10-27 21:00", "2024-11-01 21:00", ["Sun 27", "Mon 28", "Tue 29", "Wed 30", "Thu 31"]),
    ("2024-11-03 22:00", "2024-11-08 22:00", ["Sun 03", "Mon 04", "Tue 05", "Wed 06", "Thu 07"]),
]


@pytest.mark.parametrize(("first", "last", "days"), FX_WEEKS)
def test_fx_days_run_from_17_to_17_new_york(first: str, last: str, days: list[str]) -> None:
    bars = hours(first, last)
    made = resample(bars, Timeframe.D1, Calendar.FX, FAR)
    assert local(made) == [f"{day} 17:00" for day in days]
    assert made.volume.tolist() == [24] * 5
    assert made.close.tolist() == [24, 48, 72, 96, 120]
    four = resample(bars, Timeframe.H4, Calendar.FX, FAR)
    assert [text[-5:] for text in local(four)] == ["17:00", "21:00", "01:00", "05:00", "09:00", "13:00"] * 5
    assert set(four.volume) == {4}
    week = resample(bars, Timeframe.W1, Calendar.FX, FAR)
    assert local(week) == [f"{days[0]} 17:00"]
    assert week.volume.tolist() == [120]


def test_fx_hours_on_the_sunday_the_clocks_go_forward() -> None:
    """Saturday 17:00 EST (22:00 UTC) to Sunday 17:00 EDT (21:00 UTC): 23 hours; 01:00 to 05:00 has three."""
    bars = hours("2024-03-09 22:00", "2024-03-11 01:00")
    made = resample(bars, Timeframe.H4, Calendar.FX, FAR)
    expected = ["Sat 09 17:00", "Sat 09 21:00", "Sun 10 01:00", "Sun 10 05:00", "Sun 10 09:00", "Sun 10 13:00"]
    assert local(made) == [*expected, "Sun 10 17:00"]
    assert made.volume.tolist() == [4, 4, 3, 4, 4, 4, 4]
    days = resample(bars, Timeframe.D1, Calendar.FX, FAR)
    assert (local(days), days.volume.tolist()) == (["Sat 09 17:00", "Sun 10 17:00"], [23, 4])


def test_fx_hours_on_the_sunday_the_clocks_go_back() -> None:
    """25 hours from Saturday 17:00 EDT (21:00 UTC): the fifth hour after 01:00 EDT counts for the bucket after it.

    01:00 EDT is 05:00 UTC and the bucket is complete four hours later, at 09:00 UTC = 04:00 EST. What happens between
    04:00 and 05:00 EST is not known by then.
    """
    bars = hours("2024-11-02 21:00", "2024-11-04 02:00")
    made = resample(bars, Timeframe.H4, Calendar.FX, FAR)
    expected = ["Sat 02 17:00", "Sat 02 21:00", "Sun 03 01:00", "Sun 03 05:00", "Sun 03 09:00", "Sun 03 13:00"]
    assert local(made) == [*expected, "Sun 03 17:00"]
    assert made.time[2:4].tolist() == [utc("2024-11-03 05:00"), utc("2024-11-03 10:00")]
    assert made.volume.tolist() == [4, 4, 4, 5, 4, 4, 4]
    days = resample(bars, Timeframe.D1, Calendar.FX, FAR)
    assert (local(days), days.volume.tolist()) == (["Sat 02 17:00", "Sun 03 17:00"], [24, 5])


def test_stock_sessions_start_at_half_past_nine() -> None:
    """Regular sessions of the Friday before and the Monday after a change of the clocks, in half hours."""
    half = Timeframe.M30.ms
    sessions = [new_york(f"2024-03-{day} 09:30") + half * step for day in ("08", "11") for step in range(13)]
    bars = flat(sessions, Timeframe.M30)
    hour = resample(bars, Timeframe.H1, Calendar.US_STOCKS, FAR)
    times = ["09:30", "10:30", "11:30", "12:30", "13:30", "14:30", "15:30"]
    assert local(hour) == [f"{day} {time}" for day in ("Fri 08", "Mon 11") for time in times]
    assert hour.volume.tolist() == [2, 2, 2, 2, 2, 2, 1] * 2
    four = resample(bars, Timeframe.H4, Calendar.US_STOCKS, FAR)
    assert local(four) == ["Fri 08 09:30", "Fri 08 13:30", "Mon 11 09:30", "Mon 11 13:30"]
    assert four.volume.tolist() == [8, 5, 8, 5]
    day = resample(bars, Timeframe.D1, Calendar.US_STOCKS, FAR)
    assert (local(day), day.volume.tolist()) == (["Fri 08 09:30", "Mon 11 09:30"], [13, 13])
    week = resample(bars, Timeframe.W1, Calendar.US_STOCKS, FAR)
    assert (local(week), week.volume.tolist()) == (["Mon 04 09:30", "Mon 11 09:30"], [13, 13])


def test_trading_before_and_after_the_session_belongs_to_its_date() -> None:
    bars = flat([new_york(f"2024-01-03 {time}") for time in ("04:00", "09:00", "12:00", "19:30")], Timeframe.M30)
    day = resample(bars, Timeframe.D1, Calendar.US_STOCKS, FAR)
    assert (local(day), day.volume.tolist()) == (["Wed 03 09:30"], [4])


@pytest.mark.parametrize("calendar", list(Calendar))
@pytest.mark.parametrize("monday", ["2024-01-08", "2024-07-08", "2024-03-04", "2024-03-11", "2024-10-28", "2024-11-04"])
def test_days_stamped_at_midnight_make_the_week_of_their_dates(calendar: Calendar, monday: str) -> None:
    begin, day = utc(monday), Timeframe.D1.ms
    bars = flat([begin + day * step for step in (-3, 0, 1, 2, 3, 4, 7)], Timeframe.D1)
    week = resample(bars, Timeframe.W1, calendar, FAR)
    assert week.volume.tolist() == [1, 5, 1]
    assert (week.open[1], week.close[1]) == (2, 6)


@pytest.mark.parametrize("calendar", list(Calendar))
def test_weeks_from_derived_days_are_weeks_from_hours(calendar: Calendar) -> None:
    everything = hours("2024-02-01", "2024-12-01")
    trading = np.array([datetime.fromtimestamp(ms / 1000, NEW_YORK).weekday() < 5 for ms in everything.time.tolist()])
    bars = Bars.from_frame(Timeframe.H1, everything.frame()[trading])
    days = resample(bars, Timeframe.D1, calendar, FAR)
    direct, nested = (resample(some, Timeframe.W1, calendar, FAR) for some in (bars, days))
    assert nested.frame().equals(direct.frame())
