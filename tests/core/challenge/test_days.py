"""The firm's day: local midnight through daylight saving and leap years, and what counts as a day."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.challenge.amounts import Reset
from core.challenge.results import Status
from core.errors import ParameterError
from tests.core.challenge.clock import closed, ms, opened, prague, run, shown, start

HOUR = 3_600_000
ZONES = [
    "Europe/Prague",
    "America/New_York",
    "America/Chicago",
    "Asia/Tokyo",
    "Australia/Lord_Howe",
    "America/Santiago",
]


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2028-02-29", 24)])
def test_a_day_is_as_long_as_the_clock_makes_it(day, hours):
    reset, at = Reset("Europe/Prague"), date.fromisoformat(day)
    begins, ends = reset.start(at), reset.start(at + timedelta(days=1))
    assert ends - begins == hours * HOUR
    assert shown(begins, "Europe/Prague") == f"{day} 00:00"
    assert (reset.day(begins - 1), reset.day(begins), reset.day(ends - 1)) == (at - timedelta(days=1), at, at)
    assert reset.after(begins) == ends


def test_the_evening_belongs_to_the_next_trading_day():
    reset = Reset("America/Chicago", "17:00")
    assert reset.day(ms("2026-03-05 16:59:59", "America/Chicago")) == date(2026, 3, 5)
    assert reset.day(ms("2026-03-05 17:00", "America/Chicago")) == date(2026, 3, 6)


def test_server_midnight_is_seventeen_hours_in_new_york_on_both_sides_of_the_change():
    reset = Reset("America/New_York", "17:00")
    assert shown(reset.start(date(2026, 1, 15)), "Etc/GMT-2") == "2026-01-15 00:00"
    assert shown(reset.start(date(2026, 7, 15)), "Etc/GMT-3") == "2026-07-15 00:00"


def test_a_midnight_that_the_clock_skips_is_when_it_jumps():
    # Santiago went from 23:59:59 to 01:00 in the night to 2026-09-06, and had 23:00 to 24:00 twice on 2026-04-04.
    reset = Reset("America/Santiago")
    assert shown(reset.start(date(2026, 9, 6)), "America/Santiago") == "2026-09-06 01:00"
    assert reset.start(date(2026, 9, 6)) - reset.start(date(2026, 9, 5)) == 24 * HOUR
    assert reset.start(date(2026, 4, 5)) - reset.start(date(2026, 4, 4)) == 25 * HOUR


def test_a_reset_at_a_time_that_the_clock_skips_or_shows_twice():
    reset = Reset("Europe/Prague", "02:30")
    assert shown(reset.start(date(2026, 3, 29)), "UTC") == "2026-03-29 01:00"
    assert shown(reset.start(date(2026, 10, 25)), "UTC") == "2026-10-25 00:30"


@settings(max_examples=60)
@given(
    zone=st.sampled_from(ZONES),
    hour=st.integers(0, 23),
    at=st.integers(ms("2015-01-01"), ms("2035-01-01")),
)
def test_every_instant_lies_in_exactly_one_day(zone, hour, at):
    reset = Reset(zone, f"{hour:02}:00")
    day = reset.day(at)
    assert reset.start(day) <= at < reset.after(at) == reset.start(day + timedelta(days=1))


@pytest.mark.parametrize(
    ("zone", "at"), [("Europe/Atlantis", "00:00"), ("UTC", "24:00"), ("UTC", "7:00"), ("", "00:00")]
)
def test_a_clock_that_does_not_exist(zone, at):
    with pytest.raises(ParameterError):
        Reset(zone, at)


def test_profit_of_the_short_day_is_booked_on_its_own_date():
    events = [
        start(prague("2026-03-28 12:00")),
        closed(prague("2026-03-28 23:59:59"), 1),
        closed(prague("2026-03-29 00:00"), 2),
        closed(prague("2026-03-29 23:59:59"), 4),
        closed(prague("2026-03-30 00:00"), 8),
    ]
    result = run("ftmo_2_step", 100_000, events, prague("2026-03-30 01:00"))
    assert [(one.day.day, one.profit) for one in result.days] == [(28, 1), (29, 6), (30, 8)]


def test_a_trading_day_is_the_day_a_trade_is_opened():
    events = [start(prague("2026-03-02 09:00")), opened(prague("2026-03-02 10:00"), "a")]
    events += [closed(prague("2026-03-05 10:00"), 10_000, "a")]
    for day in (6, 7):
        events += [
            opened(prague(f"2026-03-0{day} 10:00"), f"{day}"),
            closed(prague(f"2026-03-0{day} 11:00"), 0, f"{day}"),
        ]
    waiting = run("ftmo_2_step", 100_000, events, prague("2026-03-08 10:00"))
    assert (waiting.trading_days, waiting.status) == (3, Status.RUNNING)
    events += [opened(prague("2026-03-09 10:00"), "z")]
    still_open = run("ftmo_2_step", 100_000, events, prague("2026-03-09 10:30"))
    assert [one.rule for one in still_open.conditions if not one.met] == ["open_trades"]
    events += [closed(prague("2026-03-09 11:00"), 0, "z")]
    assert run("ftmo_2_step", 100_000, events, prague("2026-03-09 12:00")).passed_at == prague("2026-03-09 11:00")


def test_thirty_calendar_days_over_a_leap_day():
    began = ms("2028-02-10 12:00", "America/New_York")
    last = run("apex_eod", 50_000, [start(began)], ms("2028-03-10 17:59", "America/New_York"))
    assert (last.status, last.days_left) == (Status.RUNNING, 1)
    late = run("apex_eod", 50_000, [start(began)], ms("2028-03-10 18:00", "America/New_York"))
    assert (late.status, late.failed.rule) == (Status.FAILED, "time_limit")
    assert shown(late.failed.at, "America/New_York") == "2028-03-10 18:00"
