"""What became of a suggestion: every end worked by hand, and the promises on random markets."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.bars import Bars
from core.errors import ParameterError
from core.signals.outcome import LIFETIMES, Outcome, Plan, State, begin, follow
from core.timeframe import Timeframe
from tests.series import TEMPERS, random_bars

M5, M1 = Timeframe.M5, Timeframe.M1
START = 1_000 * M5.ms
# Long, limit at 100, stop 98 (one R is 2), target 106 (3R); may be filled for six bars, then held for at most 30.
PLAN = Plan(M5, 1, "BUY_LIMIT", 100.0, 98.0, 106.0, START, START + 6 * M5.ms)
QUIET = (101.0, 102.0, 100.5, 101.0)
FILL = (101.0, 101.5, 99.5, 100.5)


def bars(*rows, timeframe=M5, start=START):
    return Bars.from_rows(timeframe, [(start + at * timeframe.ms, *row, 1.0) for at, row in enumerate(rows)])


def outcome(*rows, finer=None, **changed) -> Outcome:
    plan = replace(PLAN, **changed)
    return follow(plan, begin(plan), bars(*rows), finer)


def close_of(at: int) -> int:
    """Close time of bar `at`."""
    return START + (at + 1) * M5.ms


def figures(found: Outcome):
    return found.state.value, found.result_r, found.mfe_r, found.mae_r, found.bars_held


HAND = [
    # waiting: nothing touched 100
    ([QUIET, QUIET], {}, ("waiting", None, None, None, 0)),
    # filled at 100; stood at best 101.5 - but that may have been before the fill: the close 100.5 counts
    ([QUIET, FILL], {}, ("open", None, 0.25, -0.25, 1)),
    ([FILL, (100.5, 104.0, 99.0, 103.0)], {}, ("open", None, 2.0, -0.5, 2)),
    ([FILL, (100.5, 106.0, 99.0, 105.0)], {}, ("target", 3.0, 3.0, -0.5, 2)),
    ([FILL, (100.5, 101.0, 98.0, 99.0)], {}, ("stop", -1.0, 0.25, -1.0, 2)),
    # beyond the target at the open: no better than the target
    ([FILL, (107.0, 108.0, 107.0, 107.0)], {}, ("target", 3.0, 3.0, -0.25, 2)),
    # a gap through the stop: out at the open, 97 - 100 = -1.5R
    ([FILL, (97.0, 99.0, 96.0, 98.5)], {}, ("stop", -1.5, 0.25, -1.5, 2)),
    # both in one bar: the stop first
    ([FILL, (100.5, 106.5, 97.5, 101.0)], {}, ("stop", -1.0, 0.25, -1.0, 2)),
    # the bar that fills also stops: price comes through 100 on its way to 98
    ([(101.0, 101.5, 97.5, 99.0)], {}, ("stop", -1.0, 0.0, -1.0, 1)),
    # a gap through entry and stop: the limit fills at its price, the stop at the open
    ([(97.0, 99.0, 96.0, 98.5)], {}, ("stop", -1.5, 0.0, -1.5, 1)),
    # the bar that fills also reaches 106, perhaps before the fill: still open ...
    ([(105.0, 106.5, 99.5, 104.0)], {}, ("open", None, 2.0, -0.25, 1)),
    # ... unless it closed there, or opened at or below the entry
    ([(105.0, 106.5, 99.5, 106.2)], {}, ("target", 3.0, 3.0, -0.25, 1)),
    ([(99.5, 106.5, 99.0, 104.0)], {}, ("target", 3.0, 3.0, -0.5, 1)),
    # the target before the entry
    ([QUIET, (105.0, 106.0, 105.0, 105.0), FILL], {}, ("never_filled", None, None, None, 0)),
    ([(107.0, 107.0, 99.0, 100.0)], {}, ("never_filled", None, None, None, 0)),
    # six bars without a touch
    ([QUIET] * 6 + [FILL], {}, ("never_filled", None, None, None, 0)),
    ([QUIET] * 5 + [FILL], {}, ("open", None, 0.25, -0.25, 1)),
    # a stop entry at 103 (one R is 5): filled on the way up
    ([QUIET, (102.0, 104.0, 101.0, 103.5)], {"entry_type": "BUY_STOP", "entry": 103.0},
     ("open", None, 0.2, -0.4, 1)),
    ([(102.0, 106.0, 101.0, 105.0)], {"entry_type": "BUY_STOP", "entry": 103.0}, ("target", 0.6, 0.6, -0.4, 1)),
    # touched both: the worse order of the two
    ([(102.0, 106.0, 98.0, 105.0)], {"entry_type": "BUY_STOP", "entry": 103.0}, ("stop", -1.0, 0.0, -1.0, 1)),
    # the market opens above it: filled at 104, and a stop at 98 costs 6 of a planned 5
    ([(104.0, 105.0, 103.5, 104.5), (104.0, 104.0, 97.0, 98.0)], {"entry_type": "BUY_STOP", "entry": 103.0},
     ("stop", -1.2, 0.2, -1.2, 2)),
    # below the stop, or beyond the target, before it could fill
    ([(101.0, 101.0, 98.0, 99.0), (102.0, 104.0, 101.0, 103.0)], {"entry_type": "BUY_STOP", "entry": 103.0},
     ("never_filled", None, None, None, 0)),
    ([(97.0, 104.0, 97.0, 103.0)], {"entry_type": "BUY_STOP", "entry": 103.0}, ("never_filled", None, None, None, 0)),
    ([(107.0, 108.0, 107.0, 107.0)], {"entry_type": "BUY_STOP", "entry": 103.0},
     ("never_filled", None, None, None, 0)),
    # a market entry is in at once
    ([], {"entry_type": "BUY"}, ("open", None, 0.0, 0.0, 0)),
    ([(100.0, 103.0, 99.0, 102.0)], {"entry_type": "BUY"}, ("open", None, 1.5, -0.5, 1)),
    ([(97.0, 103.0, 97.0, 102.0)], {"entry_type": "BUY"}, ("stop", -1.5, 0.0, -1.5, 1)),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "changed", "expected"), HAND)
def test_worked_by_hand(rows, changed, expected):
    assert figures(outcome(*rows, **changed)) == expected


@pytest.mark.parametrize(("rows", "changed", "expected"), HAND)
def test_a_short_is_the_mirror(rows, changed, expected):
    def turn(row):
        opened, high, low, close = (200 - price for price in row)
        return opened, low, high, close

    kind = changed.get("entry_type", PLAN.entry_type).replace("BUY", "SELL")
    mirror = {"direction": -1, "entry_type": kind, "entry": 200 - changed.get("entry", 100.0), "stop": 102.0}
    assert figures(outcome(*map(turn, rows), **mirror, target=94.0)) == expected


def test_moments_are_closes_of_the_bars_that_showed_it():
    found = outcome(QUIET, FILL, QUIET, (105.0, 106.0, 105.0, 105.0), QUIET)
    assert (found.filled_at, found.ended_at, found.through) == (close_of(1), close_of(3), close_of(3))
    assert (found.fill_price, found.timeframe) == (100.0, M5)
    never = outcome(*[QUIET] * 8)
    assert (never.ended_at, never.through, never.filled_at) == (PLAN.expires_at, close_of(5), None)


def test_time_runs_out_at_the_close_of_the_bar_that_ends_it():
    assert LIFETIMES == 5
    rows = [FILL, *[QUIET] * 29, (101.0, 102.0, 100.5, 101.5), QUIET]
    assert outcome(*rows[:-2]).state is State.OPEN
    found = outcome(*rows)
    # filled at the close of bar 0, so over at the close of bar 30: 101.5 - 100 = 0.75R
    assert (found.state, found.result_r, found.ended_at, found.bars_held) == (State.EXPIRED, 0.75, close_of(30), 31)
    stopped = outcome(*rows[:30], (101.0, 102.0, 97.0, 101.5))
    assert (stopped.state, stopped.result_r) == (State.STOP, -1.0)


BOTH = (101.0, 106.0, 98.0, 100.0)


def test_finer_bars_decide_what_came_first():
    first_up = bars((101, 101, 100.2, 101), (101, 106, 101, 105), (105, 105, 98, 99), (99, 99, 99, 99),
                    (99, 100, 99, 100), timeframe=M1, start=START + M5.ms)  # fmt: skip
    assert outcome(FILL, BOTH).state is State.STOP
    found = outcome(FILL, BOTH, finer=first_up)
    assert (found.state, found.timeframe, found.result_r) == (State.TARGET, M1, 3.0)
    assert (found.ended_at, found.bars_held, found.mae_r) == (START + M5.ms + 2 * M1.ms, 2, -0.25)


def test_finer_bars_that_are_only_a_part_are_not_believed():
    part = bars((101, 101, 100.2, 101), (101, 106, 101, 105), timeframe=M1, start=START + M5.ms)
    found = outcome(FILL, BOTH, finer=part)
    assert (found.state, found.timeframe) == (State.STOP, M5)


def test_a_clock_change_hides_no_daily_bar():
    # the session of the Sunday after the change opens an hour before the nominal end of the one before
    plan = replace(PLAN, timeframe=Timeframe.D1, expires_at=START + 6 * Timeframe.D1.ms)
    early = bars((101, 101, 97, 98), timeframe=Timeframe.D1, start=START - 3_600_000)
    assert follow(plan, begin(plan), early).state is State.STOP


def test_bars_from_before_do_not_count():
    old = bars((101, 101, 97, 98), QUIET, start=START - M5.ms)
    assert follow(PLAN, begin(PLAN), old).state is State.WAITING
    assert follow(PLAN, begin(PLAN), bars()) == begin(PLAN)


@pytest.mark.parametrize("wrong", [{"stop": 101.0}, {"target": 99.0}, {"entry_type": "LONG"}, {"entry": float("nan")}])
def test_a_plan_that_cannot_be_is_refused(wrong):
    with pytest.raises(ParameterError):
        replace(PLAN, **wrong)


@st.composite
def cases(draw):
    """A random market and a plan on it after the 20th bar."""
    found = random_bars(draw(st.integers(0, 2**32 - 1)), 120, draw(st.sampled_from(TEMPERS)), M5)
    at, direction = float(found.close[19]), draw(st.sampled_from([1, -1]))
    kind = draw(st.sampled_from(["", "_LIMIT", "_STOP"]))
    away = draw(st.floats(0.05, 0.5)) * {"": 0, "_LIMIT": -1, "_STOP": 1}[kind]
    entry = at + direction * away
    stop, target = (entry - direction * draw(st.floats(0.05, 1)), entry + direction * draw(st.floats(0.05, 2)))
    lifetime = draw(st.integers(1, 15)) * M5.ms
    as_of = found[:20].as_of
    return found, Plan(M5, direction, ("BUY" if direction > 0 else "SELL") + kind, entry, stop, target, as_of,
                       as_of + lifetime)  # fmt: skip


@settings(max_examples=150)
@given(case=cases(), cuts=st.lists(st.integers(0, 120), max_size=6))
def test_in_pieces_as_in_one_go_and_only_from_what_was_known(case, cuts):
    found, plan = case
    whole = follow(plan, begin(plan), found)
    stepwise = begin(plan)
    for cut in [*sorted(cuts), 120]:
        stepwise = follow(plan, stepwise, found[:cut])
    assert stepwise == whole
    for cut in sorted(cuts):
        then = follow(plan, begin(plan), found[:cut])
        if then.state.over:
            assert then == whole
        elif whole.ended_at is not None and cut:
            assert whole.through > found[:cut].as_of


@settings(max_examples=150)
@given(case=cases())
def test_promises(case):
    found, plan = case
    made = follow(plan, begin(plan), found)
    if made.filled_at is None:
        assert made.state in (State.WAITING, State.NEVER_FILLED)
        assert (made.mfe_r, made.mae_r, made.bars_held) == (None, None, 0)
        return
    assert made.mfe_r >= 0 >= made.mae_r
    if made.result_r is not None:
        assert made.mae_r - 1e-9 <= made.result_r <= made.mfe_r + 1e-9
        assert made.ended_at == made.through
    planned = (plan.target - plan.entry) / (plan.entry - plan.stop)
    if made.state is State.STOP:
        assert made.result_r <= -1
    if made.state is State.TARGET:
        assert made.result_r <= planned + 1e-4


@settings(max_examples=60)
@given(case=cases())
def test_finer_bars_only_sharpen(case):
    """M1 bars that make up M5 bars: what the M5 bars knew for certain stays, and no bar of them is lost."""
    fine, plan = case
    minutes = replace(fine, timeframe=M1, time=fine.time // 5)
    groups = [slice(at, at + 5) for at in range(0, 120, 5)]
    rows = [
        (int(minutes.time[g][0]), fine.open[g][0], fine.high[g].max(), fine.low[g].min(), fine.close[g][-1], 1.0)
        for g in groups
    ]
    coarse = Bars.from_rows(M5, rows)
    plan = replace(plan, as_of=int(minutes.time[20]), expires_at=int(minutes.time[20]) + 4 * M5.ms)
    exact = follow(plan, begin(plan), coarse, minutes)
    straight = follow(replace(plan, timeframe=M1), begin(plan), minutes)
    assert exact.state == straight.state or not exact.state.over
    if exact.state.over:
        assert (exact.result_r, exact.ended_at) == (straight.result_r, straight.ended_at)
    times = [exact.filled_at or 0, exact.ended_at or exact.through]
    assert all(a <= b for a, b in pairwise(times))
    assert np.isfinite([exact.mfe_r or 0, exact.mae_r or 0]).all()
