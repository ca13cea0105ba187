"""Trend and reversal worked by hand; swings have one bar on each side."""

from __future__ import annotations

import pytest

from core.bars import Bars
from core.patterns.detect import DetectorSettings, detect
from core.patterns.events import EventLog, Kind
from tests.core.patterns.scenes import events, path

TRENDS = (Kind.TREND_UP, Kind.TREND_DOWN, Kind.TREND_SIDEWAYS)


def found(bars: Bars, *families: str) -> EventLog:
    return detect(bars, DetectorSettings(swing_length=1), families or ("trend",))


def turns(*prices: float) -> Bars:
    """Turning points two bars apart, so that the second price is at bar 2."""
    return path(*((2 * at, price) for at, price in enumerate(prices)))


def test_higher_highs_and_higher_lows_are_an_up_trend_when_the_fourth_swing_is_known() -> None:
    log = found(turns(10, 14, 12, 16, 13, 18))
    # tops 14 and 16, bottoms 12 and 13; the bottom of bar 8 is known at bar 9
    assert events(log, Kind.TREND_UP) == [(1, 2, 8, 13.0, 9)]
    event = log.events[0]
    assert (event["price_low"], event["price_high"]) == (12.0, 16.0)


def test_one_event_at_each_change_and_none_between() -> None:
    log = found(turns(10, 14, 12, 16, 13, 18, 15, 17, 14, 15))
    changes = log.events["kind"][log.of(*TRENDS)].tolist()
    assert changes == [Kind.TREND_UP, Kind.TREND_SIDEWAYS, Kind.TREND_DOWN]
    # the lower top 17 of bar 14 spoils it; its range runs from the bottom 15 to that top
    assert events(log, Kind.TREND_SIDEWAYS) == [(-1, 8, 14, 16.0, 15)]
    assert events(log, Kind.TREND_DOWN) == [(-1, 10, 16, 17.0, 17)]


def test_lower_both_is_a_down_trend() -> None:
    assert events(found(turns(20, 16, 18, 14, 17, 12)), Kind.TREND_DOWN) == [(-1, 2, 8, 17.0, 9)]


@pytest.mark.parametrize(
    ("prices", "direction"),
    [
        ((10, 14, 12, 16, 11, 18), 1),  # a higher top, a lower bottom that decides it
        ((10, 14, 12, 14, 13, 18), 1),  # equal tops
        ((20, 16, 18, 14, 19, 12), -1),
    ],
)
def test_anything_else_is_sideways(prices: tuple[float, ...], direction: int) -> None:
    log = found(turns(*prices))
    assert [event[:3] for event in events(log, Kind.TREND_SIDEWAYS)] == [(direction, 2, 8)]
    assert not len(log.of(Kind.TREND_UP, Kind.TREND_DOWN))


def test_three_swings_are_no_trend() -> None:
    assert not len(found(turns(10, 14, 12, 16, 13)).of(*TRENDS))


def test_a_reversal_is_a_change_of_character() -> None:
    bars = path(*enumerate((10, 12, 11, 13, 12.5, 14, 12, 13.5, 11.5, 12.5, 10)))
    log = found(bars, "smart_money", "trend")
    assert events(log, Kind.REVERSAL) == events(log, Kind.CHOCH) == [(-1, 6, 8, 12.0, 8)]
