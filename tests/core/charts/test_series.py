"""Chart series: which moment each element stands for, and what cannot be drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.bars import Bars
from core.charts.series import BY_TIME, CHART_TYPES, chart_series, moments, positions, span
from core.errors import BarsError, ParameterError
from core.timeframe import Timeframe
from tests.series import bars_of, random_bars

STEP = Timeframe.M15.ms


def leap() -> Bars:
    """Closes 10, 11, 11.5, 14: one brick in the second bar, none in the third, three in the fourth."""
    return bars_of([(close, close, close, close) for close in (10.0, 11.0, 11.5, 14.0)])


@pytest.mark.parametrize("chart_type", CHART_TYPES)
def test_every_element_stands_from_the_open_of_its_first_to_the_close_of_its_last_bar(chart_type):
    bars = random_bars(2, 200)
    series = chart_series(bars, chart_type)
    assert series.type == chart_type
    assert (series.size is None) == (chart_type in BY_TIME)
    assert np.isin(series.start, bars.time).all()
    assert np.isin(series.end, bars.close_time).all()
    assert (series.start < series.end).all()
    assert (np.diff(series.start) >= 0).all()
    assert (np.diff(series.end) >= 0).all()
    assert (series.low <= np.minimum(series.open, series.close)).all()
    assert (series.high >= np.maximum(series.open, series.close)).all()


def test_candles_and_lines_are_the_bars_themselves():
    bars = random_bars(2, 30)
    for chart_type in ("candlestick", "line"):
        series = chart_series(bars, chart_type)
        np.testing.assert_array_equal(series.close, bars.close)
        np.testing.assert_array_equal(series.end, bars.close_time)


def test_bricks_of_one_leap_share_their_bar():
    series = chart_series(leap(), "renko", size=1.0)
    assert (series.start // STEP).tolist() == [0, 2, 3, 3]
    assert (series.end // STEP).tolist() == [2, 4, 4, 4]


def test_a_moment_lies_on_the_last_element_that_had_begun():
    bars = random_bars(2, 5)
    series = chart_series(bars, "candlestick")
    asked = [-1, 0, STEP - 1, STEP, 4 * STEP, 5 * STEP, 7 * STEP + 1]
    assert positions(series, asked).tolist() == [-1, 0, 0, 1, 4, 5, 7]
    bricks = chart_series(leap(), "renko", size=1.0)
    assert positions(bricks, [0, STEP, 2 * STEP, 3 * STEP, 9 * STEP]).tolist() == [0, 0, 1, 3, 3]


def test_a_span_takes_in_every_element_it_touches():
    bricks = chart_series(leap(), "renko", size=1.0)
    assert span(bricks, 3 * STEP, 3 * STEP) == (0.5, 3.5)  # the second brick was under way since the third bar
    assert span(bricks, 0, STEP) == (-0.5, 0.5)
    assert moments(bricks, 0.5, 3.5) == (2 * STEP, 4 * STEP)
    candles = chart_series(leap(), "candlestick")
    assert span(candles, STEP, 2 * STEP) == (0.5, 2.5)
    assert span(candles, -9 * STEP, STEP) == (-0.5, 1.5)
    assert span(candles, -9 * STEP, -5 * STEP) == (-0.5, -0.5)
    assert span(candles, 2 * STEP, 5 * STEP) == (1.5, 5.5)
    assert moments(candles, 0.5, 2.5) == (STEP, 3 * STEP)


def test_an_unknown_type_is_refused_with_the_names_there_are():
    with pytest.raises(ParameterError, match="use one of candlestick, line, heikin_ashi, renko, point_figure"):
        chart_series(leap(), "kagi")


@pytest.mark.parametrize("chart_type", CHART_TYPES)
def test_no_bars_and_prices_that_are_no_numbers_are_refused(chart_type):
    with pytest.raises(ParameterError, match="no bars to draw"):
        chart_series(leap()[:0], chart_type)
    broken = replace(leap(), close=np.array([10.0, np.nan, 11.5, 14.0]))
    with pytest.raises(BarsError, match=r"bar 1 .* not a finite number"):
        chart_series(broken, chart_type)
