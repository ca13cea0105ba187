"""Accounts worked by hand, after the examples that the firms themselves give."""

import pytest

from core.challenge.amounts import Consequence, Unit, percent, sum_of
from core.challenge.results import Status
from core.challenge.rules import Anchor, Consistency, DailyLoss, Total
from tests.core.challenge.clock import D, closed, mark, ms, prague, run, shown, start

CHICAGO, NEW_YORK = "America/Chicago", "America/New_York"


@pytest.mark.parametrize(
    ("rule", "floor"),
    [
        (DailyLoss(amount=percent("5")), 100_000),
        (DailyLoss(amount=percent("5", Unit.SNAPSHOT), anchor=Anchor.HIGHER), 101_650),
        (DailyLoss(amount=percent("5", Unit.SNAPSHOT)), 99_750),
        (DailyLoss(amount=percent("4"), anchor=Anchor.HIGHER), 103_000),
        (DailyLoss(amount=sum_of("1500")), 103_500),
        (DailyLoss(amount=percent("5"), anchor=Anchor.EQUITY), 102_000),
    ],
)
def test_the_daily_floors_of_one_evening(rule, floor):
    assert rule.floor(D(100_000), D(105_000), D(107_000)) == floor


def test_a_position_held_over_midnight_breaches_the_new_day():
    events = [
        start(prague("2026-03-02 00:00")),
        closed(prague("2026-03-02 10:00"), 4_000),
        mark(prague("2026-03-02 15:00"), -13_000),
    ]
    evening = run("ftmo_2_step", 200_000, events, prague("2026-03-02 23:59:59.999"))
    assert (evening.equity, evening.daily.floor, evening.daily.room) == (191_000, 190_000, 1_000)
    assert evening.status is Status.RUNNING
    midnight = run("ftmo_2_step", 200_000, events, prague("2026-03-03 00:00"))
    assert midnight.daily.floor == 194_000
    assert midnight.status is Status.FAILED
    assert (midnight.failed.rule, midnight.failed.figure, midnight.failed.at) == (
        "daily_loss",
        191_000,
        prague("2026-03-03 00:00"),
    )
    assert midnight.failed.sentence == "Daily loss: equity 191,000.00 dropped below the floor 194,000.00."


def test_the_floor_of_the_one_step_follows_the_close_of_the_day_and_never_falls():
    events = [
        start(prague("2026-03-02 09:00")),
        closed(prague("2026-03-02 10:00"), 4_000),
        closed(prague("2026-03-03 10:00"), -1_000),
    ]

    def at(text):
        return run("ftmo_1_step", 100_000, events, prague(text)).overall.floor

    assert [at("2026-03-02 23:59"), at("2026-03-03 00:00"), at("2026-03-04 00:00")] == [90_000, 94_000, 94_000]


def test_open_losses_count_against_the_static_floor():
    events = [start(prague("2026-03-02 09:00"))]
    events += [closed(prague(f"2026-03-{day:02} 10:00"), -4_000) for day in (2, 3)]
    events.append(mark(prague("2026-03-04 10:00"), -2_000))
    assert run("ftmo_2_step", 100_000, events, prague("2026-03-04 11:00")).status is Status.RUNNING
    events.append(mark(prague("2026-03-04 10:30"), -2_001))
    result = run("ftmo_2_step", 100_000, events, prague("2026-03-04 11:00"))
    assert (result.failed.rule, result.failed.figure, result.failed.floor) == ("overall_loss", 89_999, 90_000)


def test_the_combine_trails_the_evening_and_locks_at_the_start():
    events = [start(ms("2026-03-02 18:00", CHICAGO))]
    for day, amount in ((3, 500), (4, -500), (5, 2_500)):
        events.append(closed(ms(f"2026-03-0{day} 10:00", CHICAGO), amount))
    floors = [
        run("topstep_combine", 50_000, events, ms(f"2026-03-0{day} 17:00", CHICAGO)).overall.floor for day in (3, 4, 5)
    ]
    assert floors == [48_500, 48_500, 50_000]
    events.append(closed(ms("2026-03-06 10:00", CHICAGO), 400))
    assert run("topstep_combine", 50_000, events, ms("2026-03-06 18:00", CHICAGO)).overall.floor == 50_000


def test_the_intraday_floor_follows_the_peak_of_open_profit():
    at = ms("2026-03-02 10:00", NEW_YORK)
    events = [start(at), mark(at + 1, 900), mark(at + 2, 100)]
    assert run("apex_intraday", 50_000, events, at + 2).overall.floor == 48_900


def test_a_daily_loss_may_only_pause():
    at = ms("2026-03-02 10:00", NEW_YORK)
    events = [start(at), closed(at + 1, -300)]
    result = run("apex_eod", 50_000, events, at + 2)
    assert result.daily.room == 700
    assert result.phase.daily.consequence is Consequence.PAUSE
    events.append(mark(at + 3, -701))
    paused = run("apex_eod", 50_000, events, at + 4)
    assert (paused.status, shown(paused.paused_until, NEW_YORK)) == (Status.PAUSED, "2026-03-02 18:00")
    events.append(mark(at + 5, 0))
    later = run("apex_eod", 50_000, events, paused.paused_until)
    assert later.status is Status.RUNNING
    assert [breach.at for breach in later.breaches] == [at + 3]


@pytest.mark.parametrize(
    ("days", "limit", "total", "required", "met"),
    [
        ([500, 550, -150, 600, 400], 40, 1_900, 1_500, True),
        ([1_100, 1_500, 900, -400], 40, 3_100, 3_750, False),
        ([5_000, 5_000], 50, 10_000, 10_000, True),
        ([3, 3, 3], "33.33", 9, None, False),
    ],
)
def test_the_best_day_against_the_total(days, limit, total, required, met):
    rule, amounts = Consistency(limit=D(limit)), [D(day) for day in days]
    best = max(amounts)
    assert rule.base(amounts, None) == total
    assert rule.accepts(best, D(total)) is met
    if required is not None:
        assert rule.required(best) == required


def test_what_the_best_day_is_a_share_of():
    days = [D(1_100), D(1_500), D(900), D(-400)]
    assert Consistency(limit=D(40), total=Total.POSITIVE_DAYS).base(days, None) == 3_500
    assert Consistency(limit=D(40), total=Total.TARGET_OR_TOTAL).base(days, D(6_000)) == 6_000
    assert not Consistency(limit=D(50), inclusive=False).accepts(D(5_000), D(10_000))
    assert Consistency(limit=D(50)).accepts(D(-10), D(-30))


def test_exactly_half_passes_and_a_larger_day_only_waits():
    events = [start(prague("2026-03-02 09:00")), closed(prague("2026-03-02 10:00"), 6_000)]
    events.append(closed(prague("2026-03-03 10:00"), 4_000))
    held = run("ftmo_1_step", 100_000, events, prague("2026-03-03 11:00"))
    assert held.status is Status.RUNNING
    assert (held.consistency.share, held.consistency.required_total) == (D("0.6"), 12_000)
    assert [one.rule for one in held.conditions if not one.met] == ["consistency"]
    events.append(closed(prague("2026-03-04 10:00"), 2_000))
    done = run("ftmo_1_step", 100_000, events, prague("2026-03-04 11:00"))
    assert (done.status, done.passed_at) == (Status.PASSED, prague("2026-03-04 10:00"))
