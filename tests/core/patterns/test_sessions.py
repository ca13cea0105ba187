"""Sessions, previous levels and dealing ranges by hand, across daylight saving, and nothing repainted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.bars import Bars, validate
from core.local_time import to_local, to_utc
from core.patterns.detect import DetectorSettings, average_true_range, detect
from core.patterns.events import EventLog, Kind, Status
from core.patterns.log import build_log
from core.patterns.premium_discount import premium_discount_events
from core.patterns.previous_levels import previous_level_events
from core.patterns.sessions import session_events
from core.patterns.swings import swing_flags
from core.timeframe import Calendar, Timeframe
from tests.real_bars import REAL_BARS
from tests.series import TEMPERS, bars_of, random_bars

DAY = 86_400_000


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def clock(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%m-%d %H:%M")


def rising(start: str, end: str, timeframe: Timeframe = Timeframe.M30) -> Bars:
    """Bars without a gap; bar i has low 100 + i and high 101 + i, so that prices tell which bars were counted."""
    time = np.arange(utc(start), utc(end), timeframe.ms)
    low = 100.0 + np.arange(len(time))
    return validate(Bars(timeframe, time, low, low + 1, low.copy(), low + 1, np.ones(len(time))))


def at(bars: Bars, start: str) -> Bars:
    """The same bars, the first of them at `start`."""
    return replace(bars, time=bars.time - bars.time[0] + utc(start))


def sessions(bars: Bars) -> EventLog:
    return build_log(bars, [session_events(bars, average_true_range(bars, 14))])


def previous(bars: Bars, calendar: Calendar = Calendar.UTC) -> EventLog:
    return build_log(bars, previous_level_events(bars, average_true_range(bars, 14), calendar))


def halves(bars: Bars, length: int = 3) -> EventLog:
    is_high, is_low = swing_flags(bars.high, bars.low, length)
    return build_log(bars, [premium_discount_events(bars, is_high, is_low, average_true_range(bars, 14), length)])


def spans(bars: Bars, kind: Kind) -> dict[str, str]:
    """Open of the first bar -> moment known, of every session of a kind."""
    log = sessions(bars)
    return {clock(event["start"]): clock(event["known_at"]) for event in log.events[log.of(kind)]}


def test_spring_in_which_new_york_changes_three_weeks_before_london() -> None:
    bars = rising("2024-03-07", "2024-04-03")
    london, new_york = spans(bars, Kind.SESSION_LONDON), spans(bars, Kind.SESSION_NEW_YORK)
    assert new_york["03-08 14:30"] == "03-08 21:00"
    assert new_york["03-11 13:30"] == "03-11 20:00"
    assert new_york["04-01 13:30"] == "04-01 20:00"
    assert london["03-08 08:00"] == "03-08 16:30"
    assert london["03-29 08:00"] == "03-29 16:30"
    assert london["04-01 07:00"] == "04-01 15:30"
    weekdays = 2 + 5 + 5 + 5 + 2  # Thursday 7 March to Tuesday 2 April
    assert len(london) == len(new_york) == weekdays
    tokyo = spans(bars, Kind.SESSION_TOKYO)
    assert len(tokyo) == weekdays
    assert {start[6:] for start in tokyo} == {"00:00"}
    assert {known[6:] for known in tokyo.values()} == {"06:00"}


def test_autumn_in_which_london_changes_a_week_before_new_york() -> None:
    bars = rising("2024-10-24", "2024-11-06")
    london, new_york = spans(bars, Kind.SESSION_LONDON), spans(bars, Kind.SESSION_NEW_YORK)
    assert london["10-25 07:00"] == "10-25 15:30"
    assert london["10-28 08:00"] == "10-28 16:30"
    assert new_york["10-25 13:30"] == "10-25 20:00"
    assert new_york["10-28 13:30"] == "10-28 20:00"
    assert new_york["11-04 14:30"] == "11-04 21:00"
    assert "10-26" not in {start[:5] for start in london | new_york}, "no session on a Saturday"


def test_a_session_is_the_range_of_its_own_bars() -> None:
    bars = rising("2024-06-03", "2024-06-04")
    (event,) = sessions(bars).events[sessions(bars).of(Kind.SESSION_LONDON)]
    # 07:00 to 15:30 UTC are the bars 14 to 30 of the day
    assert (event["price_low"], event["price_high"], event["level"]) == (114.0, 131.0, 122.5)
    assert (event["start"], event["end"]) == (bars.time[14], bars.time[30])
    assert (event["direction"], event["known_at"]) == (1, utc("2024-06-03 15:30"))
    assert event["score"] == 1.0


def test_a_session_that_has_not_ended_or_began_before_the_bars_is_unknown() -> None:
    whole = rising("2024-06-03", "2024-06-04")
    assert Kind.SESSION_LONDON not in sessions(whole[:30]).events["kind"]
    assert Kind.SESSION_LONDON in sessions(whole[:31]).events["kind"]
    assert Kind.SESSION_LONDON in sessions(whole[14:]).events["kind"]
    assert Kind.SESSION_LONDON not in sessions(whole[15:]).events["kind"]


def test_hourly_bars_have_only_the_session_that_fits_them() -> None:
    hourly = sessions(rising("2024-06-03", "2024-06-05", Timeframe.H1))
    assert set(hourly.events["kind"].tolist()) == {Kind.SESSION_TOKYO}
    assert not len(sessions(rising("2024-06-03", "2024-06-15", Timeframe.H4)))
    assert not len(sessions(rising("2024-06-03", "2024-07-15", Timeframe.D1)))


def test_a_session_after_which_the_market_pauses_is_known_at_the_next_bar() -> None:
    """An early close: nobody can tell at 13:00 that no more will be traded that day."""
    day = rising("2024-11-29", "2024-11-30")
    keep = (day.time >= utc("2024-11-29 14:30")) & (day.time < utc("2024-11-29 18:00"))
    first = Bars(
        day.timeframe, *(getattr(day, name)[keep] for name in ("time", "open", "high", "low", "close", "volume"))
    )
    bars = _join(first, at(first, "2024-12-02 14:30"))
    assert spans(bars, Kind.SESSION_NEW_YORK) == {"11-29 14:30": "12-02 15:00"}
    assert not len(sessions(first))


def _join(*parts: Bars) -> Bars:
    columns = (np.concatenate([getattr(part, name) for part in parts]) for name in ("time", "open", "high", "low"))
    rest = (np.concatenate([getattr(part, name) for part in parts]) for name in ("close", "volume"))
    return validate(Bars(parts[0].timeframe, *columns, *rest))


def _tokyo(*later: tuple[float, float, float, float]) -> EventLog:
    """A Tokyo session between 99 and 101, then `later` bars."""
    return sessions(at(bars_of([(100.0, 101.0, 99.0, 100.0)] * 12 + list(later), Timeframe.M30), "2024-06-03"))


def test_a_session_is_swept_by_a_wick_and_broken_by_a_close() -> None:
    log = _tokyo((100, 100.5, 99.5, 100), (100, 101.5, 100, 100.5), (100.5, 101, 98, 98.5), (98.5, 102, 98, 100))
    assert log.events["kind"].tolist() == [Kind.SESSION_TOKYO]
    found = [(Status(row["status"]), clock(row["known_at"])) for row in log.statuses]
    assert found == [(Status.SWEPT, "06-03 07:00"), (Status.BROKEN, "06-03 07:30")]


def test_a_close_at_the_very_end_of_the_range_is_neither() -> None:
    assert not len(_tokyo((100, 101.5, 100, 101), (101, 101, 99, 99)).statuses)


@pytest.mark.parametrize(
    ("calendar", "over"),
    [
        (Calendar.UTC, {"03-09 00:00", "03-11 00:00", "03-12 00:00"}),
        # 17:00 New York: 22:00 UTC until Saturday 9 March 2024, 21:00 UTC after. The day in which the clock went
        # forward lasts 23 hours and is complete 24 hours after its open.
        (Calendar.FX, {"03-08 22:00", "03-09 22:00", "03-10 22:00", "03-11 21:00"}),
    ],
)
def test_a_day_ends_by_the_market_clock(calendar: Calendar, over: set[str]) -> None:
    bars = rising("2024-03-07", "2024-03-13")
    log = previous(bars, calendar)
    assert over <= {clock(event["known_at"]) for event in log.events[log.of(Kind.PREVIOUS_DAY_HIGH)]}


def test_the_first_day_counts_only_when_it_was_seen_whole() -> None:
    log = previous(rising("2024-06-03 00:00", "2024-06-05"))
    assert [clock(event["start"]) for event in log.events[log.of(Kind.PREVIOUS_DAY_LOW)]] == [
        "06-03 00:00",
        "06-04 00:00",
    ]
    cut = previous(rising("2024-06-03 00:30", "2024-06-05"))
    assert [clock(event["start"]) for event in cut.events[cut.of(Kind.PREVIOUS_DAY_LOW)]] == ["06-04 00:00"]


def test_levels_of_day_and_week() -> None:
    bars = rising("2024-06-02", "2024-06-12", Timeframe.H4)
    log = previous(bars)
    high, low = (log.events[log.of(kind)] for kind in (Kind.PREVIOUS_DAY_HIGH, Kind.PREVIOUS_DAY_LOW))
    # Monday 3 June is bars 6 to 11
    assert (high["level"][1], low["level"][1], clock(high["known_at"][1])) == (112.0, 106.0, "06-04 00:00")
    assert (set(high["direction"].tolist()), set(low["direction"].tolist())) == ({-1}, {1})
    (week,) = log.events[log.of(Kind.PREVIOUS_WEEK_HIGH)]
    # Monday 3 June 00:00 to Monday 10 June 00:00 UTC, bars 6 to 47; the week before was not seen whole
    assert (week["level"], week["price_low"], clock(week["known_at"])) == (148.0, 106.0, "06-10 00:00")


def test_days_of_daily_bars_are_no_levels_but_their_weeks_are() -> None:
    log = previous(rising("2024-06-03", "2024-06-25", Timeframe.D1))
    assert set(log.events["kind"].tolist()) == {Kind.PREVIOUS_WEEK_HIGH, Kind.PREVIOUS_WEEK_LOW}
    assert not len(previous(rising("2024-06-03", "2024-08-25", Timeframe.W1)))


def test_the_first_bar_after_the_night_can_sweep_the_level_it_makes_known() -> None:
    session = [(100.0, 101.0, 99.0, 100.0)] * 13
    first = at(bars_of(session, Timeframe.M30), "2024-06-03 13:30")
    second = at(bars_of([(100.0, 101.5, 99.5, 100.5), (100.5, 101.0, 98.0, 98.5)], Timeframe.M30), "2024-06-04 13:30")
    log = previous(_join(first, second), Calendar.US_STOCKS)
    kinds = log.events["kind"][log.statuses["event"]].tolist()
    assert {clock(event["known_at"]) for event in log.events} == {"06-04 14:00"}
    assert kinds == [Kind.PREVIOUS_DAY_HIGH, Kind.PREVIOUS_DAY_LOW]
    assert [Status(row["status"]) for row in log.statuses] == [Status.SWEPT, Status.BROKEN]
    assert [clock(row["known_at"]) for row in log.statuses] == ["06-04 14:00", "06-04 14:30"]


ZIGZAG = [(10, 11, 9, 10), (12, 13, 11, 12), (14, 16, 13, 14), (12, 13, 11, 12), (9, 10, 8, 9), (7, 8, 6, 7)]
ZIGZAG += [(8, 9, 7, 8), (10, 10.5, 9, 10), (12, 17, 11, 12)]


def test_the_halves_of_a_dealing_range() -> None:
    """Swing high 16 at bar 2, low 6 at bar 5, both with one bar on each side: the range is known at bar 6."""
    bars = bars_of(ZIGZAG)
    log = halves(bars, 1)
    premium, discount = (log.events[log.of(kind)] for kind in (Kind.PREMIUM, Kind.DISCOUNT))
    assert [(event["price_low"], event["price_high"], event["direction"]) for event in premium] == [(11.0, 16.0, -1)]
    assert [(event["price_low"], event["price_high"], event["direction"]) for event in discount] == [(6.0, 11.0, 1)]
    assert (premium["start"][0], premium["end"][0]) == (bars.time[2], bars.time[5])
    assert (premium["known_at"][0], premium["level"][0]) == (bars.close_time[6], 11.0)
    found = {
        (Kind(log.events["kind"][row["event"]]).name, Status(row["status"]).name): int(row["known_at"])
        for row in log.statuses
    }
    assert found == {
        ("DISCOUNT", "TOUCHED"): bars.close_time[7],
        ("PREMIUM", "TOUCHED"): bars.close_time[8],
        ("PREMIUM", "INVALIDATED"): bars.close_time[8],
    }


def test_there_is_no_range_without_both_swings() -> None:
    assert not len(halves(bars_of(ZIGZAG[:6]), 1))
    assert not len(halves(bars_of([]), 1))


def every(bars: Bars, calendar: Calendar) -> EventLog:
    return detect(bars, DetectorSettings(swing_length=3, calendar=calendar), ("sessions",))


def assert_prefix(bars: Bars, length: int, calendar: Calendar) -> None:
    part, known = every(bars[:length], calendar), every(bars, calendar).known(bars[:length].as_of)
    assert part.events.tolist() == known.events.tolist()
    assert part.statuses.tolist() == known.statuses.tolist()


@st.composite
def shifted_walks(draw: st.DrawFn) -> Bars:
    """Walks around a clock change, with bars missing here and there."""
    timeframe = draw(st.sampled_from([Timeframe.M15, Timeframe.M30, Timeframe.H1, Timeframe.H4]))
    temper, seed = draw(st.sampled_from(TEMPERS)), draw(st.integers(0, 2**16))
    bars = random_bars(seed, 400, temper, timeframe)
    start = draw(st.sampled_from(["2024-03-07 22:00", "2024-10-31 00:00", "2024-03-28 13:30"]))
    bars = at(bars, start)
    keep = np.random.default_rng(seed).random(len(bars)) < draw(st.sampled_from([1.0, 0.9, 0.3]))
    names = ("time", "open", "high", "low", "close", "volume")
    return Bars(timeframe, *(getattr(bars, name)[keep] for name in names))


@settings(max_examples=120)
@given(bars=shifted_walks(), share=st.floats(0, 1), calendar=st.sampled_from(list(Calendar)))
def test_a_prefix_knows_exactly_what_was_known_then(bars: Bars, share: float, calendar: Calendar) -> None:
    length = round(share * len(bars))
    if length:
        assert_prefix(bars, length, calendar)
    log = every(bars, calendar)
    assert ((log.events["score"] >= 0) & (log.events["score"] <= 1)).all()
    assert (log.events["known_at"] > log.events["end"]).all()
    assert (log.statuses["known_at"] >= log.events["known_at"][log.statuses["event"]]).all()
    assert len({tuple(event)[:4] for event in log.events.tolist()}) == len(log)


@pytest.mark.parametrize("name", REAL_BARS)
def test_every_prefix_of_real_bars(name: str) -> None:
    bars = REAL_BARS[name]()
    calendar = Calendar.US_STOCKS if bars.timeframe is Timeframe.D1 else Calendar.FX
    for length in range(1, len(bars) + 1, 3):
        assert_prefix(bars, length, calendar)


@settings(max_examples=300)
@given(
    day=st.integers(0, 47_000),
    minute=st.integers(4 * 60, 23 * 60),
    zone=st.sampled_from(["Europe/London", "America/New_York", "Asia/Tokyo"]),
)
def test_wall_clock_times_equal_the_standard_library(day: int, minute: int, zone: str) -> None:
    wall = datetime(1970, 1, 1) + timedelta(days=day, minutes=minute)
    expected = round(wall.replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)
    local = np.array([day * DAY + minute * 60_000])
    assert to_utc(local, zone).tolist() == [expected]
    assert to_local(np.array([expected]), zone).tolist() == local.tolist()
