"""Support and resistance worked by hand; swings have one bar on each side."""

from __future__ import annotations

import pytest

from core.bars import Bars
from core.patterns.detect import DetectorSettings, average_true_range, detect
from core.patterns.events import EventLog, Kind, Status
from tests.core.patterns.scenes import events, mirrored, scaled, statuses
from tests.series import bars_of

Row = tuple[float, float, float, float]

# Fifteen equal bars set an ATR of 1. Then highs of 12, 12.08 and 12.1 at bars 15, 17 and 19, lows between them.
QUIET: tuple[Row, ...] = tuple((10.0, 10.5, 9.5, 10.0) for _ in range(15))
BETWEEN = (11.0, 11.2, 10.4, 10.5)


def high(price: float) -> Row:
    return (10.5, price, 10.4, 11.0)


THREE = (high(12), BETWEEN, high(12.08), BETWEEN, high(12.1), BETWEEN)


def found(bars: Bars, lookback: int = 30) -> EventLog:
    return detect(bars, DetectorSettings(swing_length=1, level_lookback=lookback), ("levels",))


def scene(*rows: Row) -> Bars:
    return bars_of([*QUIET, *rows])


def test_three_highs_within_a_quarter_of_an_atr_are_resistance_at_their_mean() -> None:
    bars = scene(*THREE)
    assert 1.0 < average_true_range(bars, 14)[20] < 1.3
    log = found(bars)
    assert events(log, Kind.LEVEL) == [(-1, 15, 19, 12.06, 20)]
    assert events(found(bars[:20]), Kind.LEVEL) == []
    level = log.events[0]
    assert (level["price_low"], level["price_high"]) == (12.0, 12.1)


def test_two_or_three_too_far_apart_are_none() -> None:
    assert not len(found(scene(*THREE[:4])))
    # 0.4 between the outer two; a quarter of the ATR is 0.3 at most
    assert not len(found(scene(high(12), BETWEEN, high(12.2), BETWEEN, high(12.4), BETWEEN)))


def test_highs_and_lows_count_alike() -> None:
    above = ((11.0, 13.0, 11.0, 13.0), (13.0, 13.2, 12.4, 12.6), (12.6, 13.0, 12.05, 12.5), (12.5, 13.0, 12.2, 12.8))
    log = found(scene(*THREE[:4], *above))
    # highs 12 and 12.08 from below, then the low 12.05 of bar 21 from above: price lies above it, so it is support
    assert [event[:3] for event in events(log, Kind.LEVEL)] == [(1, 15, 21)]
    assert log.events["level"][0] == pytest.approx((12 + 12.08 + 12.05) / 3)


def test_strength_is_touches_weighted_by_age() -> None:
    log = found(scene(*THREE))
    # known at bar 20: touches 5, 3 and 1 bars old, halved every 100 bars; four are full score
    assert log.events["score"][0] == pytest.approx((0.5**0.05 + 0.5**0.03 + 0.5**0.01) / 4)


def test_a_fourth_touch_makes_no_other_level() -> None:
    more = (high(12.05), BETWEEN, high(12.1), BETWEEN, high(12.0), BETWEEN)
    assert len(events(found(scene(*THREE, *more)), Kind.LEVEL)) == 1


def test_swings_out_of_the_look_back_are_forgotten() -> None:
    """With two swings remembered, three can never meet."""
    bars = scene(*THREE)
    assert len(events(found(bars, lookback=5), Kind.LEVEL)) == 1
    assert len(events(found(bars, lookback=2), Kind.LEVEL)) == 0


BROKEN = (*THREE, (10.5, 12.5, 10.5, 12.4))


class TestBreakAndRetest:
    """The ATR is about 1.2: a close must lie 0.12 beyond 12.06."""

    def test_the_first_close_beyond_by_a_tenth_of_an_atr_breaks_it(self) -> None:
        log = found(scene(*BROKEN))
        assert statuses(log, Kind.LEVEL) == [(Status.BROKEN, 21)]
        assert events(log, Kind.LEVEL_BREAK) == [(1, 15, 21, 12.06, 21)]

    def test_a_wick_or_a_close_just_beyond_does_not(self) -> None:
        log = found(scene(*THREE, (10.5, 12.5, 10.5, 12.1), (12.1, 12.5, 11, 11)))
        assert statuses(log, Kind.LEVEL) == []

    def test_the_first_touch_from_the_other_side_retests_it(self) -> None:
        later = ((12.4, 13, 12.3, 12.9), (12.9, 13, 12.07, 12.5), (12.5, 13, 12.06, 12.6), (12.6, 12.7, 12, 12.5))
        log = found(scene(*BROKEN, *later))
        assert statuses(log, Kind.LEVEL) == [(Status.BROKEN, 21), (Status.RETESTED, 24)]
        assert events(log, Kind.LEVEL_RETEST) == [(1, 15, 24, 12.06, 24)]

    def test_without_a_break_a_touch_is_no_retest(self) -> None:
        log = found(scene(*THREE, high(12.06), BETWEEN))
        assert not len(log.of(Kind.LEVEL_RETEST))

    def test_the_mirror_is_support(self) -> None:
        later = ((12.4, 13, 12.3, 12.9), (12.9, 13, 12.06, 12.5))
        log = found(mirrored(scene(*BROKEN, *later), 22))
        assert events(log, Kind.LEVEL) == [(1, 15, 19, 9.94, 20)]
        assert events(log, Kind.LEVEL_BREAK) == [(-1, 15, 21, 9.94, 21)]
        assert events(log, Kind.LEVEL_RETEST) == [(-1, 15, 23, 9.94, 23)]

    def test_a_broken_level_has_a_successor_of_new_swings_only(self) -> None:
        below = (12.4, 12.5, 10.4, 10.5)
        two = (below, BETWEEN, high(12.05), BETWEEN, high(12.07), BETWEEN)
        assert len(events(found(scene(*BROKEN, *two)), Kind.LEVEL)) == 1
        log = found(scene(*BROKEN, *two, high(12.06), BETWEEN))
        assert [event[:3] for event in events(log, Kind.LEVEL)] == [(-1, 15, 19), (-1, 24, 28)]


@pytest.mark.parametrize("factor", [1e-9, 1e7])
def test_at_prices_of_a_hundred_millionth_and_a_hundred_million(factor: float) -> None:
    log = found(scaled(scene(*BROKEN), factor))
    assert events(log, Kind.LEVEL) == [(-1, 15, 19, pytest.approx(12.06 * factor), 20)]
    assert [event[:3] for event in events(log, Kind.LEVEL_BREAK)] == [(1, 15, 21)]
