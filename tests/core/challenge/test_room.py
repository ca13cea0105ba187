"""Room before the click, worked by hand and for any account."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.challenge.amounts import Boundary, percent
from core.challenge.evaluate import evaluate
from core.challenge.presets import preset
from core.challenge.results import Status
from core.challenge.room import AtStop, DeskLimits, Fees, NewTrade, Standing, allowed_size, proposed_size, verdicts
from core.challenge.rules import OverallLoss, Trail
from core.errors import ParameterError
from tests.core.challenge.clock import D, closed, mark, ms, run, start

BEGAN = ms("2026-03-02 12:00")
# 1 lot of 0.01 risks 50 points at 1 a point and unit: 0.50, and 0.07 in fees
TRADE = NewTrade(1, 5_000.0, 4_950.0, D(1), D("0.01"), Fees(per_unit=D(7)))


def standing(key="ftmo_2_step", size=100_000, profit=0, open_trades=(), **limits):
    phase = run(key, size, [start(BEGAN), closed(BEGAN + 1, profit)], BEGAN + 2)
    return Standing(phase.balance, tuple(open_trades), phase, DeskLimits(**limits))


def test_every_open_stop_and_this_one_against_the_daily_floor():
    known = standing(profit=-2_000, open_trades=[AtStop("EURUSD", D(-1_200), D(10)), AtStop("XAUUSD", D(300))])
    daily, overall = verdicts(known, TRADE, D(36))
    assert (daily.rule, daily.room, daily.worst_case, daily.ok) == ("daily_loss", 2_090, 95_038, True)
    assert daily.sentence == "Daily loss: at worst equity is 95,038.00, 38.00 above the floor 95,000.00."
    assert (overall.rule, overall.room, overall.ok) == ("overall_loss", 7_090, True)
    refused = verdicts(known, TRADE, D(37))[0]
    assert not refused.ok
    assert refused.sentence == (
        "Daily loss: with every stop hit equity drops below the floor 95,000.00: 94,981.00. "
        "There is room for 2,090.00, this trade may lose 2,109.00."
    )
    # 2,090 / 0.57 = 3,666.67 lots
    assert allowed_size(known, TRADE) == D("36.66")


def test_on_the_floor_is_allowed_or_not_as_the_firm_says():
    exact = replace(TRADE, fees=Fees())
    assert allowed_size(standing(), exact) == 100
    known = standing()
    rules = replace(known.phase.phase, daily=replace(known.phase.phase.daily, boundary=Boundary.REACHED))
    strict = replace(known, phase=replace(known.phase, phase=rules))
    assert allowed_size(strict, exact) == D("99.99")
    assert "reaches the floor" in verdicts(strict, exact, D(100))[0].sentence


def test_the_limits_of_the_account_itself():
    trades = [AtStop("A", D(-100)), AtStop("B", D(50))]
    known = Standing(D(10_000), tuple(trades), None, DeskLimits(max_trades=2, max_risk=D(500)))
    count, risk = verdicts(known, TRADE, D(1))
    assert (count.ok, risk.ok, risk.worst_case, risk.room) == (False, True, 157, 400)
    assert count.sentence == "Open trades: this would be number 3, the account allows 2."
    assert allowed_size(known, TRADE) == 0
    assert allowed_size(replace(known, limits=DeskLimits(max_risk=D(500))), TRADE) == D("7.01")
    assert allowed_size(replace(known, limits=DeskLimits()), TRADE) is None


def test_a_trade_without_a_stop_has_no_worst_case():
    known = standing(open_trades=[AtStop("EURUSD", None)], max_risk=D(1_000))
    assert [(one.ok, one.room) for one in verdicts(known, TRADE, D(1))] == [(False, None)] * 3
    assert "no stop on EURUSD" in verdicts(known, TRADE, D(1))[0].sentence
    assert allowed_size(known, TRADE) == 0


def test_a_challenge_that_failed_or_pauses_takes_no_trade():
    failed = run("ftmo_2_step", 100_000, [start(BEGAN), closed(BEGAN + 1, -5_001)], BEGAN + 2)
    first = verdicts(Standing(failed.balance, (), failed), TRADE, D(1))[0]
    assert (first.ok, first.rule) == (False, "state")
    assert "dropped below the floor 95,000.00" in first.sentence
    paused = run("apex_eod", 50_000, [start(BEGAN), mark(BEGAN + 1, -1_500), mark(BEGAN + 2, 0)], BEGAN + 2)
    assert verdicts(Standing(paused.balance, (), paused), TRADE, D(1))[0].sentence.startswith("The account pauses")


def test_a_stop_in_profit_lifts_the_floor_before_the_losses_come():
    known = standing("apex_intraday", 50_000, open_trades=[AtStop("NQ", D(1_500)), AtStop("ES", D(-1_000))])
    # the floor may stand at 51,500 - 2,000 = 49,500 when equity is 50,500
    assert verdicts(known, TRADE, D(1))[0].room == 1_000


def test_the_proposed_size_fits_risk_and_rules():
    # 1 % of 100,000 at 57 a unit
    assert proposed_size(standing(), TRADE, D(1_000)) == D("17.54")
    assert proposed_size(standing(profit=-4_500), TRADE, D(1_000)) == D("8.77")
    assert proposed_size(Standing(D(10_000)), TRADE, D("0.5")) == 0
    fixed = replace(TRADE, fees=Fees(fixed=D(30)))
    assert proposed_size(Standing(D(10_000)), fixed, D(20)) == 0


@settings(max_examples=60)
@given(
    profit=st.integers(-4_900, 8_000),
    open_pnl=st.lists(st.integers(-2_000, 1_000).map(D), max_size=3),
    fixed=st.integers(0, 20).map(D),
    distance=st.integers(1, 400),
    step=st.sampled_from([D(1), D("0.1"), D("0.01")]),
    max_risk=st.sampled_from([None, D(2_500)]),
)
def test_the_allowed_size_is_the_largest_that_breaches_nothing(profit, open_pnl, fixed, distance, step, max_risk):
    trade = NewTrade(-1, 100.0, 100.0 + distance / 100, D(10), step, Fees(fixed, D("0.3")))
    trades = [AtStop(str(at), pnl) for at, pnl in enumerate(open_pnl)]
    known = standing("ftmo_1_step", 100_000, min(profit, -profit), trades, max_risk=max_risk)
    size = allowed_size(known, trade)
    assert size % step == 0
    if size:
        assert all(verdict.ok for verdict in verdicts(known, trade, size))
    assert not all(verdict.ok for verdict in verdicts(known, trade, size + step))


@settings(max_examples=60)
@given(
    key=st.sampled_from(["ftmo_1_step", "the5ers_high_stakes", "apex_intraday", "own_closed"]),
    profit=st.integers(-900, 2_000),
    open_pnl=st.lists(st.integers(-700, 1_500).map(D), max_size=3),
    shuffle=st.randoms(use_true_random=False),
)
def test_what_is_allowed_survives_every_order_of_stops_and_one_lot_more_does_not(key, profit, open_pnl, shuffle):
    rules = preset(key if key != "own_closed" else "ftmo_2_step", D(50_000))
    # without a target nothing ends well before the stops are hit
    phase = replace(rules.phases[0], target=None)
    if key == "own_closed":
        phase = replace(phase, overall=OverallLoss(amount=percent("4"), trail=Trail.CLOSED))
    rules = replace(rules, phases=(phase,))
    begun = [start(BEGAN), closed(BEGAN + 1, profit)]
    phase = evaluate(rules, begun, BEGAN + 2).current
    trade = NewTrade(1, 100.0, 99.0, D(10), D(1), Fees(fixed=D(3)))
    known = Standing(phase.balance, tuple(AtStop(str(at), pnl) for at, pnl in enumerate(open_pnl)), phase)
    size = allowed_size(known, trade)

    def hit(results):
        # a trade whose stop lies in profit is worth at least that while it is open
        events = [mark(BEGAN + 3, amount, str(at)) for at, amount in enumerate(results) if amount > 0]
        events += [closed(BEGAN + 4 + at, amount, str(at)) for at, amount in enumerate(results)]
        return evaluate(rules, [*begun, *events], BEGAN + 99).current.status

    gains_first = sorted(open_pnl, reverse=True)
    if size:
        results = [*open_pnl, -trade.loss(size)]
        shuffle.shuffle(results)
        assert hit(results) is not Status.FAILED
        assert hit([*gains_first, -trade.loss(size)]) is not Status.FAILED
    if phase.status is Status.RUNNING:
        assert hit([*gains_first, -trade.loss(size + 1)]) is Status.FAILED


@pytest.mark.parametrize(("entry", "stop"), [(5.0, 5.0), (5.0, 6.0), (-1.0, -2.0), (5.0, float("nan"))])
def test_prices_that_make_no_trade(entry, stop):
    with pytest.raises(ParameterError):
        NewTrade(1, entry, stop, D(1), D(1))
    with pytest.raises(ParameterError):
        verdicts(standing(), TRADE, D(0))
