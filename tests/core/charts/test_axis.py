"""Positions and labels on an axis that knows no closed markets."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.bars import Bars
from core.charts.axis import positions, ticks
from core.timeframe import Timeframe

HOUR = 3_600_000


def at(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=UTC).timestamp()) * 1000


def flat(timeframe: Timeframe, times: list[int]) -> Bars:
    return Bars.from_rows(timeframe, [(time, 1.0, 1.0, 1.0, 1.0, 1.0) for time in times])


# Friday 20:00 and 21:00, then Sunday 22:00 and 23:00
WEEKEND = flat(Timeframe.H1, [at(2026, 1, 9, 20), at(2026, 1, 9, 21), at(2026, 1, 11, 22), at(2026, 1, 11, 23)])


def place(*moment: int) -> float:
    return float(positions(WEEKEND, np.array([at(*moment)]))[0])


def test_bars_stand_side_by_side_across_a_weekend():
    assert positions(WEEKEND, WEEKEND.time).tolist() == [0, 1, 2, 3]


def test_a_moment_in_the_closed_market_belongs_to_the_bar_before():
    assert place(2026, 1, 10, 12) == 1
    assert place(2026, 1, 9, 20, 59) == 0


def test_the_axis_runs_on_after_the_last_bar_and_starts_at_the_first():
    assert place(2026, 1, 12, 1) == 5
    assert place(2026, 1, 1) == -1


def test_labels_name_round_hours_and_each_new_day():
    bars = flat(Timeframe.H1, [at(2026, 1, 5, 20) + hour * HOUR for hour in range(12)])
    where, names = ticks(bars, most=6)
    assert where == [2, 4, 6, 8, 10]
    assert names == ["22:00<br>05 Jan", "00:00<br>06 Jan", "02:00", "04:00", "06:00"]


def test_a_short_sunday_leaves_its_label_to_the_monday():
    hours = [at(2026, 1, 4, 22) + hour * HOUR for hour in range(24 * 5)]
    where, names = ticks(flat(Timeframe.H1, [at(2026, 1, 2, 20), *hours]), most=7)
    assert names[0] == "05 Jan"
    assert min(np.diff(where)) >= 10


def test_daily_bars_are_labelled_by_months():
    bars = flat(Timeframe.D1, [at(2026, 1, 15) + day * 24 * HOUR for day in range(90)])
    assert ticks(bars)[1] == ["Feb 2026", "Mar 2026", "Apr 2026"]


@given(st.sampled_from(list(Timeframe)), st.integers(1, 2000), st.integers(3, 12))
def test_there_are_never_too_many_labels_and_each_has_its_bar(timeframe, count, most):
    bars = flat(timeframe, [at(2020, 1, 1) + at_bar * timeframe.ms for at_bar in range(count)])
    where, names = ticks(bars, most)
    assert len(where) == len(names) <= most
    assert all(0 < position < count for position in where)
    assert where == sorted(set(where))
