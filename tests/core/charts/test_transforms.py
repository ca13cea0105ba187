"""Heikin Ashi, Renko and Point & Figure against worked tables, independent libraries and their own past."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import talib
from hypothesis import given, settings
from hypothesis import strategies as st

from core.bars import Bars
from core.charts.transforms import Elements, default_size, heikin_ashi, point_figure, renko
from core.errors import ParameterError
from core.timeframe import Timeframe
from tests.series import bars_of, random_bars, walks

CLOSES = [10.0, 10.9, 11.0, 10.0, 9.0, 9.99, 14.2, 13.9, 12.0]
HIGHS_LOWS = [
    (10.8, 9.9),
    (12.4, 10.5),
    (15.0, 12.0),
    (14.9, 12.1),
    (13.5, 12.0),
    (12.5, 9.2),
    (12.9, 9.5),
    (13.0, 8.8),
    (16.3, 12.0),
    (16.0, 13.0),
    (17.5, 14.0),
]


def of_closes(closes: list[float]) -> Bars:
    return bars_of([(close, close, close, close) for close in closes])


def of_ranges(ranges: list[tuple[float, float]], opened: float = 10.2) -> Bars:
    return bars_of([(min(max(opened, low), high), high, low, low) for high, low in ranges])


def spelled(found: Elements) -> list[tuple[int, int, float, float]]:
    rows = zip(found.first, found.last, found.open, found.close, strict=True)
    return [(int(first), int(last), float(opened), float(close)) for first, last, opened, close in rows]


def test_heikin_ashi_worked_by_hand():
    found = heikin_ashi(bars_of([(10, 14, 8, 12), (12, 20, 12, 16), (16, 17, 5, 6)]))
    np.testing.assert_allclose(found.close, [11.0, 15.0, 11.0])
    np.testing.assert_allclose(found.open, [11.0, 11.0, 13.0])
    np.testing.assert_allclose(found.high, [14.0, 20.0, 17.0])
    np.testing.assert_allclose(found.low, [8.0, 11.0, 5.0])


@given(walks())
@settings(max_examples=30)
def test_heikin_ashi_is_that_of_ta_lib(bars):
    found = heikin_ashi(bars)
    if len(bars):
        theirs = talib.HA(bars.open, bars.high, bars.low, bars.close)
        for ours, their in zip((found.open, found.high, found.low, found.close), theirs, strict=True):
            np.testing.assert_allclose(ours, their, rtol=1e-12)


def test_renko_worked_by_hand():
    """An exact line makes a brick, one step back none, two steps back one, a leap several at once."""
    assert spelled(renko(of_closes(CLOSES), size=1.0)) == [
        (0, 2, 10.0, 11.0),
        (3, 4, 10.0, 9.0),
        (5, 6, 10.0, 11.0),
        (6, 6, 11.0, 12.0),
        (6, 6, 12.0, 13.0),
        (6, 6, 13.0, 14.0),
        (7, 8, 13.0, 12.0),
    ]


def test_decimal_prices_that_binary_fractions_miss_still_lie_on_their_line():
    closes = [round(1.1 + 0.0001 * step, 4) for step in range(60)]
    found = renko(of_closes(closes), size=0.0001)
    assert found.last.tolist() == list(range(1, 60))
    np.testing.assert_allclose(found.close, closes[1:], rtol=1e-12)


@pytest.mark.filterwarnings("ignore:The inplace keyword")
@given(st.lists(st.integers(-9, 9), max_size=60))
@settings(max_examples=40)
def test_renko_is_that_of_an_independent_library(moves):
    from stocktrends import Renko

    closes = [100.0, 101.0, *(101 + np.cumsum(moves) / 2).tolist()]  # it takes the first trend to be up
    prices = {name: closes for name in ("open", "high", "low", "close")}
    theirs = Renko(pd.DataFrame({"date": range(len(closes)), **prices}))
    theirs.brick_size = 1.0
    expected = theirs.get_ohlc_data().iloc[1:]  # and makes up a first brick
    found = renko(of_closes(closes), size=1.0)
    np.testing.assert_allclose(found.close, expected.close.astype(float))
    np.testing.assert_allclose(found.open, expected.open.astype(float))
    np.testing.assert_array_equal(found.last, expected.date.astype(int))


@pytest.mark.parametrize(
    ("reversal", "expected"),
    [
        (1, [(1, 2, 10.5, 15.5), (3, 5, 14.5, 9.5), (6, 8, 10.5, 16.5), (9, 9, 15.5, 12.5), (10, 10, 13.5, 17.5)]),
        (3, [(1, 2, 10.5, 15.5), (4, 7, 14.5, 8.5), (8, 8, 9.5, 16.5), (9, 9, 15.5, 12.5), (10, 10, 13.5, 17.5)]),
        (5, [(1, 2, 10.5, 15.5), (5, 7, 14.5, 8.5), (8, 10, 9.5, 17.5)]),
    ],
)
def test_point_and_figure_worked_by_hand(reversal, expected):
    """Boxes lie around whole prices; a bar that extends its column (the eighth) does not turn it as well."""
    assert spelled(point_figure(of_ranges(HIGHS_LOWS), size=1.0, reversal=reversal)) == expected


def test_a_first_column_may_fall_and_a_bar_that_reaches_both_sides_rises():
    assert spelled(point_figure(of_ranges([(10.0, 8.0)]), size=1.0)) == [(0, 0, 9.5, 7.5)]
    assert spelled(point_figure(of_ranges([(12.0, 8.0)]), size=1.0)) == [(0, 0, 10.5, 12.5)]
    assert spelled(point_figure(of_ranges([(10.9, 9.1)]), size=1.0)) == []


@given(walks(), st.sampled_from([1, 2, 3, 5]))
@settings(max_examples=40)
def test_columns_take_turns_and_reach_exactly_what_the_bars_reached(bars, reversal):
    if not len(bars):
        return
    size = 0.25
    found = point_figure(bars, size, reversal)
    rising = found.close > found.open
    assert (rising[1:] != rising[:-1]).all()
    boxes = np.rint((found.high - found.low) / size)
    assert (boxes[1:] >= reversal).all()
    for at in range(len(rising)):
        part = slice(int(found.first[at]), int(found.last[at]) + 1)
        top, bottom = found.high[at] - size / 2, found.low[at] + size / 2
        reached = bars.high[part].max() if rising[at] else bars.low[part].min()
        assert (0 <= reached - top < size) if rising[at] else (0 <= bottom - reached < size)
    np.testing.assert_allclose(found.open[1:], found.close[:-1] + np.where(rising[1:], 1.0, -1.0) * size)


@given(walks(), st.integers(15, 160))
@settings(max_examples=50)
def test_no_element_looks_ahead(bars, cut):
    """A prefix of the bars has a prefix of the elements; only the last Point & Figure column may still grow."""
    if len(bars) < cut:
        return
    head = bars[:cut]
    candles, early = heikin_ashi(bars), heikin_ashi(head)
    np.testing.assert_array_equal(candles.open[:cut], early.open)
    assert spelled(renko(head)) == [row for row in spelled(renko(bars)) if row[1] < cut]
    before, after = spelled(point_figure(head)), spelled(point_figure(bars))
    assert before[:-1] == after[: len(before)][:-1]
    if before:
        grown = after[len(before) - 1]
        assert (before[-1][0], before[-1][2]) == (grown[0], grown[2])
        assert abs(grown[3] - grown[2]) >= abs(before[-1][3] - before[-1][2])


@pytest.mark.parametrize("temper", ["walk", "gaps", "spikes"])
def test_the_default_size_is_the_first_average_true_range_on_the_tick(temper):
    bars = random_bars(5, 60, temper)
    first = talib.ATR(bars.high, bars.low, bars.close, 14)[14]
    assert default_size(bars) == pytest.approx(round(first, 3), abs=1e-12)
    assert default_size(bars, tick=0.05) == pytest.approx(round(first / 0.05) * 0.05)


def test_the_default_size_of_a_price_that_stands_still_is_one_tick():
    assert default_size(of_closes([1.25] * 20)) == 0.01
    assert default_size(of_closes([1.25] * 20), tick=0.05) == 0.05


@pytest.mark.parametrize("make", [renko, point_figure])
@pytest.mark.parametrize("size", [0.0, -1.0, float("nan"), float("inf"), 1e-14])
def test_a_size_that_cannot_be_is_refused(make, size):
    with pytest.raises(ParameterError, match="brick or box size"):
        make(of_closes(CLOSES), size=size)


def test_more_bricks_than_anybody_can_mean_are_refused():
    with pytest.raises(ParameterError, match="take a greater size"):
        renko(of_closes([1.0, 1000.0, 1.0]), size=0.0001)


@pytest.mark.parametrize("reversal", [0, -3, 1.5])
def test_a_reversal_that_cannot_be_is_refused(reversal):
    with pytest.raises(ParameterError, match="take a whole number from 1"):
        point_figure(of_closes(CLOSES), size=1.0, reversal=reversal)


def test_a_tick_that_cannot_be_is_refused():
    with pytest.raises(ParameterError, match="positive price step"):
        default_size(random_bars(1, 20, timeframe=Timeframe.H1), tick=-1.0)
