"""No window leaks: whatever the timeframes, holes and gaps, no bar of one split is seen by another."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.bars import Bars
from core.dataset.split import NONE, SPLITS, boundaries
from core.dataset.windows import Window, windows
from core.errors import ParameterError
from core.timeframe import Timeframe
from tests.series import random_bars

DAY = 86_400_000


def history(timeframe: Timeframe, days: int, offset: int, hole: int) -> Bars:
    """`days` days of bars that end `offset` days after day 400, with every `hole`-th day missing."""
    bars = random_bars(1, days * DAY // timeframe.ms, timeframe=timeframe)
    time = bars.time + (400 + offset - days) * DAY
    kept = (time // DAY) % hole != 0
    columns = (column[kept] for column in (bars.open, bars.high, bars.low, bars.close, bars.volume))
    return Bars(timeframe, time[kept], *columns)


@st.composite
def orders(draw: st.DrawFn) -> tuple[list[Window], float, float, dict[tuple[str, int], Bars]]:
    every: list[Window] = []
    bars = {}
    length, stride, gap = draw(st.integers(10, 60)), draw(st.integers(1, 30)), draw(st.integers(0, 40))
    days_back = draw(st.integers(5, 90))
    for symbol in draw(st.sampled_from([("A",), ("A", "B"), ("A", "B", "C")])):
        offset, hole = draw(st.sampled_from([0, 3, -250])), draw(st.sampled_from([3, 7, 1000]))
        for timeframe in draw(st.sampled_from([(Timeframe.H4,), (Timeframe.H1, Timeframe.H4, Timeframe.D1)])):
            found = history(timeframe, 120, offset, hole)
            if len(found) >= length:
                bars[symbol, int(timeframe)] = found
                every += windows(symbol, found, days_back, length, stride, gap)
    shares = draw(st.sampled_from([(0.15, 0.15), (0.3, 0.0), (0.0, 0.3), (0.0, 0.0)]))
    return every, *shares, bars


@settings(max_examples=40)
@given(orders())
def test_no_bar_is_seen_by_two_splits(order: tuple[list[Window], float, float, dict[tuple[str, int], Bars]]):
    every, validation, test, bars = order
    if not every:
        return
    bounds = {symbol: found for found in boundaries(every, validation, test) for symbol in found.symbols}
    seen: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for window in every:
        split = bounds[window.symbol].split_of(window)
        # Its own bars, and those which its labels and outcomes could have looked at, whatever their timeframe.
        ours = bars[window.symbol, window.timeframe]
        shown = ours.time[(ours.time >= window.start) & (ours.close_time <= window.reach)]
        assert shown[0] == window.start
        assert window.reach >= window.end
        seen.setdefault((window.symbol, split), []).append((window.start, window.reach))
    for symbol in bounds:
        for one, other in combinations(SPLITS, 2):
            for start, reach in seen.get((symbol, one), []):
                assert all(reach <= first or last <= start for first, last in seen.get((symbol, other), []))
    if validation == 0:
        assert not any(split == "validation" for _, split in seen)
    if test == 0:
        assert not any(split == "test" for _, split in seen)


def test_shares_are_kept_where_nothing_is_left_out():
    found = windows("A", random_bars(1, 4000, timeframe=Timeframe.H1), 36_525, 10, 20, 10)
    bound = boundaries(found, 0.2, 0.1)[0]
    counted = [sum(bound.split_of(window) == split for window in found) for split in (*SPLITS, NONE)]
    assert counted[3] == 0
    assert np.allclose(np.array(counted[:3]) / len(found), (0.7, 0.2, 0.1), atol=0.02)


def test_symbols_that_overlap_share_their_boundaries_and_others_do_not():
    def of(symbol: str, offset: int) -> list[Window]:
        return windows(symbol, history(Timeframe.H4, 100, offset, 1000), 60, 20, 5, 5)

    found = boundaries([*of("A", 0), *of("B", 10), *of("OLD", -300)], 0.15, 0.15)
    assert {bound.symbols for bound in found} == {("A", "B"), ("OLD",)}
    assert all(bound.validation < bound.test for bound in found)


def test_windows_end_with_the_newest_bar_and_within_the_days_asked_for():
    bars = random_bars(1, 500, timeframe=Timeframe.H1)
    found = windows("A", bars, days_back=2, length=100, stride=7, gap=30)
    assert found[-1].end == bars.as_of
    assert found[0].end > bars.as_of - 2 * DAY
    assert {(window.end - window.start) // Timeframe.H1.ms for window in found} == {100}
    assert {(later.end - window.end) // Timeframe.H1.ms for window, later in pairwise(found)} == {7}
    assert {(window.reach - window.end) // Timeframe.H1.ms for window in found} == {30}
    assert len(found) == 7


def test_a_window_longer_than_the_history_is_refused():
    with pytest.raises(ParameterError, match="A has 99 H1 bars, fewer than a window of 100"):
        windows("A", random_bars(1, 99, timeframe=Timeframe.H1), 30, 100, 20, 0)
