"""The OHLCV contract."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.bars import Bars, validate
from core.errors import BarsError
from core.timeframe import Timeframe
from tests.series import bars_of, random_bars

GOOD = [(10.0, 12.0, 9.0, 11.0), (11.0, 13.0, 10.0, 12.0), (12.0, 12.5, 11.0, 11.5)]


def broken(column: str, row: int, value: float) -> Bars:
    bars = bars_of(GOOD)
    getattr(bars, column)[row] = value
    return bars


@pytest.mark.parametrize(
    ("bars", "rule", "row"),
    [
        (broken("close", 1, np.nan), "not a finite number", 1),
        (broken("high", 2, np.inf), "not a finite number", 2),
        (broken("low", 0, 0.0), "not positive", 0),
        (broken("low", 1, -1.0), "not positive", 1),
        (broken("high", 1, 1e300), "above 1e\\+15, which no market has", 1),
        (broken("volume", 2, 1e300), "volume is above 1e\\+18", 2),
        (broken("volume", 1, -1.0), "volume is negative", 1),
        (broken("volume", 0, np.nan), "volume is negative or not a number", 0),
        (broken("high", 1, 9.0), "high is below the low", 1),
        (broken("close", 2, 12.6), "lies outside high and low", 2),
        (broken("open", 2, 10.9), "lies outside high and low", 2),
        (broken("time", 2, 0), "not later than the bar before", 2),
        (broken("time", 1, 2 * Timeframe.M15.ms), "not later than the bar before", 2),
    ],
)
def test_the_rule_and_the_row_that_breaks_it_are_named(bars: Bars, rule: str, row: int) -> None:
    with pytest.raises(BarsError, match=rule) as caught:
        validate(bars)
    assert caught.value.subject == row


@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8])
def test_good_bars_pass_at_any_scale(scale: float) -> None:
    rows = [tuple(price * scale for price in row) for row in GOOD]
    assert validate(bars_of(rows)).close[-1] == 11.5 * scale


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(BarsError, match="not equally long"):
        validate(replace(bars_of(GOOD), close=np.ones(2)))


def test_no_bars_are_good_bars_but_have_no_moment() -> None:
    empty = Bars.from_rows(Timeframe.M5, [])
    assert len(validate(empty)) == 0
    with pytest.raises(BarsError, match="no bars"):
        _ = empty.as_of


def test_until_keeps_only_what_is_complete() -> None:
    bars = random_bars(1, 20, timeframe=Timeframe.M5)
    third = int(bars.close_time[2])
    assert len(bars.until(third)) == 3
    assert len(bars.until(third - 1)) == 2
    assert bars.until(third).as_of == third


def test_frames_and_rows_give_the_same_bars() -> None:
    bars = random_bars(2, 30)
    for again in (
        Bars.from_frame(bars.timeframe, bars.frame()),
        Bars.from_rows(bars.timeframe, list(bars.frame().itertuples(index=False))),
    ):
        assert again.frame().equals(bars.frame())
