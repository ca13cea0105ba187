"""What holds for any history of an account."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.challenge.amounts import Boundary, Consequence, Reset, percent
from core.challenge.evaluate import evaluate
from core.challenge.events import BalanceChange, ChangeKind, Mark, Opened
from core.challenge.phases import Challenge, Phase, PhaseName
from core.challenge.presets import preset
from core.challenge.results import Status
from core.challenge.rules import (
    Anchor,
    Consistency,
    DailyLoss,
    OverallLoss,
    ProfitableDays,
    ProfitTarget,
    TradingDays,
    Trail,
)
from core.errors import ParameterError
from tests.core.challenge.clock import D, closed, mark, ms, opened, prague, run, start

BEGAN = ms("2026-03-27 12:00")
HOUR = 3_600_000
money = st.integers(-4_000, 4_000).map(D)
# few instants, so that much happens at one
instants = st.integers(1, 10).map(lambda step: BEGAN + step * 12 * HOUR)
trades = st.sampled_from(["a", "b", "c"])
happenings = st.one_of(
    st.builds(
        BalanceChange,
        at=instants,
        amount=money,
        kind=st.sampled_from(ChangeKind),
        trade=trades,
        final=st.booleans(),
    ),
    st.builds(Mark, at=instants, floating=st.one_of(st.none(), money), trade=trades),
    st.builds(Opened, at=instants, trade=trades),
)


@st.composite
def challenges(draw):
    phase = Phase(
        name=PhaseName.EVALUATION,
        target=ProfitTarget(amount=percent("4")),
        daily=DailyLoss(
            amount=percent("3"),
            anchor=draw(st.sampled_from(Anchor)),
            boundary=draw(st.sampled_from(Boundary)),
            consequence=draw(st.sampled_from(Consequence)),
        ),
        overall=OverallLoss(
            amount=percent("6"),
            trail=draw(st.sampled_from(Trail)),
            lock_at=draw(st.sampled_from([None, D(0), D(500)])),
        ),
        consistency=Consistency(limit=D(60)),
        trading_days=TradingDays(days=1),
        profitable_days=ProfitableDays(days=1, amount=percent("0.5")),
    )
    return Challenge(name="Own", firm="", balance=D(100_000), reset=Reset("Europe/Prague"), phases=(phase,))


@settings(max_examples=60)
@given(challenge=challenges(), events=st.lists(happenings, max_size=40), shuffle=st.randoms(use_true_random=False))
def test_order_of_arrival_does_not_matter(challenge, events, shuffle):
    events = [start(BEGAN), *events]
    until = BEGAN + 130 * HOUR
    first = evaluate(challenge, events, until)
    shuffle.shuffle(events)
    assert evaluate(challenge, events, until) == first


@settings(max_examples=60)
@given(challenge=challenges(), events=st.lists(happenings, max_size=40))
def test_floors_never_fall_and_a_breach_never_unhappens(challenge, events):
    events = [start(BEGAN), *events]
    seen = [evaluate(challenge, events, BEGAN + hours * HOUR).current for hours in range(0, 131, 10)]
    floors = [point.floor for point in seen[-1].floors["overall_loss"]]
    assert all(before < after for before, after in pairwise(floors))
    for before, after in pairwise(seen):
        assert after.breaches[: len(before.breaches)] == before.breaches
        assert after.overall.floor >= before.overall.floor
        if before.status in (Status.FAILED, Status.PASSED):
            assert (after.status, after.passed_at) == (before.status, before.passed_at)
    assert seen[-1].balance == 100_000 + sum(e.amount for e in events if isinstance(e, BalanceChange))
    assert sum(day.profit for day in seen[-1].days) == seen[-1].profit


def test_an_open_trade_without_a_price_makes_equity_unknown_since_then():
    events = [start(BEGAN), opened(BEGAN + 1, "a"), mark(BEGAN + 2, -4_000, "a"), mark(BEGAN + 3, None, "a")]
    result = run("ftmo_2_step", 100_000, events, BEGAN + 9)
    assert (result.equity, result.unknown_since, result.daily.room) == (None, BEGAN + 3, None)
    assert result.status is Status.RUNNING
    events.append(closed(BEGAN + 7, -5_001, "a"))
    result = run("ftmo_2_step", 100_000, events, BEGAN + 9)
    assert (result.equity, result.unknown_since) == (94_999, None)
    assert result.failed.at == BEGAN + 7


def test_a_close_takes_the_open_profit_with_it_and_a_part_waits_for_its_mark():
    events = [start(BEGAN), opened(BEGAN + 1, "a"), mark(BEGAN + 2, 900, "a"), closed(BEGAN + 3, 800, "a")]
    assert run("apex_intraday", 50_000, events, BEGAN + 3).overall.floor == 48_900
    assert run("apex_intraday", 50_000, events, BEGAN + 3).equity == 50_800
    events[-1] = replace(events[-1], final=False)
    assert run("apex_intraday", 50_000, events, BEGAN + 3).equity is None
    events.append(mark(BEGAN + 3, 100, "a"))
    assert run("apex_intraday", 50_000, events, BEGAN + 3).equity == 50_900


def test_of_several_prices_at_one_instant_the_lowest_counts():
    marks = [mark(BEGAN + 1, value, "a") for value in (50, -70, None, 20)]
    for listed in (marks, marks[::-1]):
        result = run("ftmo_2_step", 100_000, [start(BEGAN), opened(BEGAN + 1, "a"), *listed], BEGAN + 1)
        assert (result.equity, result.unknown_since) == (99_930, None)


def test_a_price_that_comes_after_the_close_is_passed_over():
    events = [start(BEGAN), opened(BEGAN + 1, "a"), closed(BEGAN + 2, 10, "a"), mark(BEGAN + 2, 90, "a")]
    events.append(mark(BEGAN + 3, None, "a"))
    assert run("ftmo_2_step", 100_000, events, BEGAN + 3).equity == 100_010
    events += [opened(BEGAN + 4, "a"), mark(BEGAN + 5, -3, "a")]
    assert run("ftmo_2_step", 100_000, events, BEGAN + 5).equity == 100_007


def test_without_a_price_since_the_first_instant_without_one():
    events = [start(BEGAN), opened(BEGAN + 1, "a"), *(mark(BEGAN + later, None, "a") for later in (2, 3))]
    assert run("ftmo_2_step", 100_000, events, BEGAN + 4).unknown_since == BEGAN + 2


def test_what_is_over_stays_over():
    events = [start(BEGAN), closed(BEGAN + 1, -6_000), closed(BEGAN + 2, -6_000), closed(BEGAN + 3, 40_000)]
    failed = run("ftmo_2_step", 100_000, events, BEGAN + 4)
    assert (failed.status, [one.at for one in failed.breaches], failed.balance) == (Status.FAILED, [BEGAN + 1], 128_000)
    events = [start(BEGAN), closed(BEGAN + 1, 3_000), closed(BEGAN + 2, -9_000)]
    passed = run("topstep_combine", 50_000, events, BEGAN + 3)
    assert (passed.status, passed.passed_at, passed.breaches) == (Status.PASSED, BEGAN + 1, ())


def test_a_pause_counts_once_a_day_and_again_the_next():
    events = [start(BEGAN), *(mark(BEGAN + at, value) for at, value in ((1, -600), (2, -700), (24 * HOUR, -900)))]
    result = run("apex_eod", 25_000, events, BEGAN + 24 * HOUR)
    assert [one.at for one in result.breaches] == [BEGAN + 1, result.next_reset - 24 * HOUR]


def test_the_phase_that_ends_at_midnight_does_not_see_the_new_day():
    midnight = prague("2026-03-03 00:00")
    events = [start(midnight - HOUR), closed(midnight - 5, 4_000), mark(midnight - 4, -6_000)]
    events.append(start(midnight, "verification"))
    before, after = evaluate(preset("ftmo_2_step", D(100_000)), events, midnight).phases
    assert (before.status, before.daily.floor, after.equity) == (Status.RUNNING, 95_000, 100_000)


@pytest.mark.parametrize("trail", [Trail.END_OF_DAY, Trail.CLOSED, Trail.INTRADAY])
def test_a_trailing_floor_never_lies_below_its_beginning(trail):
    rule = OverallLoss(amount=percent("10"), trail=trail)
    assert [rule.floor(D(100), D(peak)) for peak in (90, 100, 130)] == [90, 90, 120]


def test_money_paid_in_or_out_is_no_result():
    paid = [BalanceChange(BEGAN + 1, D(amount), ChangeKind.CASH) for amount in (-6_000, 500)]
    result = run("ftmo_2_step", 110_000, [start(BEGAN), *paid], BEGAN + 2)
    assert (result.balance, result.profit, result.daily.room) == (104_500, 0, 5_500)
    fee = BalanceChange(BEGAN + 3, D("-7.5"), ChangeKind.FEE)
    assert run("ftmo_2_step", 110_000, [start(BEGAN), *paid, fee], BEGAN + 3).profit == D("-7.5")


@pytest.mark.parametrize("trail", [Trail.END_OF_DAY, Trail.CLOSED, Trail.INTRADAY])
def test_a_deposit_lifts_no_floor_and_can_be_taken_out_again(trail):
    rules = preset("apex_intraday", D(50_000))
    phase = replace(rules.phases[0], overall=replace(rules.phases[0].overall, trail=trail), target=None)
    rules = replace(rules, phases=(phase,))
    day = 24 * HOUR
    events = [start(BEGAN), BalanceChange(BEGAN + 1, D(5_000), ChangeKind.CASH), closed(BEGAN + day, 900)]
    found = evaluate(rules, events, BEGAN + 2 * day).current
    assert (found.equity, found.overall.floor, found.paid_in) == (55_900, 48_900, 5_000)
    events.append(BalanceChange(BEGAN + 3 * day, D(-5_000), ChangeKind.CASH))
    found = evaluate(rules, events, BEGAN + 4 * day).current
    assert (found.status, found.equity, found.overall.floor) == (Status.RUNNING, 50_900, 48_900)
    # a payout is no deposit that goes back: the floor stays where it is
    events.append(BalanceChange(BEGAN + 5 * day, D(-900), ChangeKind.CASH))
    found = evaluate(rules, events, BEGAN + 6 * day).current
    assert (found.equity, found.overall.floor, found.paid_in) == (50_000, 48_900, 0)


def test_each_phase_begins_with_its_own_balance():
    events = [start(BEGAN), mark(BEGAN + 1, -50), start(BEGAN + 2, "verification"), closed(BEGAN + 2, 10)]
    evaluation, verification = evaluate(preset("ftmo_2_step", D(100_000)), events, BEGAN + 3).phases
    assert (evaluation.balance, evaluation.through) == (100_000, BEGAN + 2)
    assert (verification.balance, verification.equity, verification.target) == (100_010, 100_010, 5_000)
    funded = run("ftmo_2_step", 100_000, [*events, start(BEGAN + 3, "funded", D(80_000))], BEGAN + 4)
    assert (funded.balance, funded.overall.floor, funded.target, funded.daily.room) == (80_000, 72_000, None, 4_000)


def test_a_payout_waits_for_its_days_and_restarts_them():
    day = 24 * HOUR
    events = [start(BEGAN, "funded"), closed(BEGAN + 1, 2_000)]
    early = run("seacrest_2_step", 100_000, events, BEGAN + 13 * day).payout
    assert (early.ready, [one.sentence for one in early.waits_for]) == (False, ["13 of 14 calendar days have passed."])
    ready = run("seacrest_2_step", 100_000, events, BEGAN + 14 * day).payout
    assert (ready.ready, ready.amount, ready.share_low) == (True, 2_000, D("0.8"))
    events.append(BalanceChange(BEGAN + 14 * day, D(-1_500), ChangeKind.CASH))
    paid = run("seacrest_2_step", 100_000, events, BEGAN + 15 * day).payout
    assert (paid.ready, paid.amount) == (False, 500)


@pytest.mark.parametrize(
    ("events", "told"),
    [
        ([], "No phase"),
        ([closed(BEGAN, 1)], "before the first phase"),
        ([start(BEGAN), start(BEGAN, "verification")], "same instant"),
        ([start(BEGAN, balance=D(0))], "above zero"),
    ],
)
def test_a_history_without_a_beginning(events, told):
    with pytest.raises(ParameterError, match=told):
        evaluate(preset("ftmo_2_step", D(100_000)), events, BEGAN)
