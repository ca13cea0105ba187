"""Each definition worked by hand on a few bars, where it holds and where it just does not."""

from __future__ import annotations

import numpy as np
import pytest

from core.bars import Bars
from core.patterns.detect import DetectorSettings, average_true_range, detect
from core.patterns.events import EventLog, Kind, Status
from core.patterns.liquidity import opposing_liquidity
from core.patterns.structure import last_break
from core.patterns.swings import dealing_range
from core.timeframe import Timeframe
from tests.series import bars_of

M = Timeframe.M15.ms
ONE = DetectorSettings(swing_length=1)


def events(log: EventLog, kind: Kind) -> list[tuple[int, int, int, float, int]]:
    """(direction, start bar, end bar, level, bar at which it is known) of every event of a kind."""
    rows = log.events[log.of(kind)]
    return [
        (int(e["direction"]), e["start"] // M, e["end"] // M, float(e["level"]), e["known_at"] // M - 1) for e in rows
    ]


def statuses(log: EventLog, kind: Kind) -> list[tuple[Status, int]]:
    """(status, bar at which it is known) of every status row of a kind's events."""
    rows = [row for row in log.statuses if log.events["kind"][row["event"]] == kind]
    return [(Status(int(row["status"])), row["known_at"] // M - 1) for row in rows]


def closes(*prices: float) -> Bars:
    """Bars that open at the last close and have no wicks."""
    opened = (prices[0], *prices[:-1])
    return bars_of([(o, max(o, c), min(o, c), c) for o, c in zip(opened, prices, strict=True)])


class TestSwings:
    def test_a_high_above_both_sides_is_known_length_bars_later(self) -> None:
        bars = bars_of([(1, 2, 1, 1), (1, 3, 1, 1), (1, 5, 1, 1), (1, 3, 1, 1), (1, 2, 1, 1)])
        log = detect(bars, DetectorSettings(swing_length=2))
        assert events(log, Kind.SWING_HIGH) == [(-1, 2, 2, 5.0, 4)]

    def test_an_equal_high_after_it_counts_an_equal_high_before_it_does_not(self) -> None:
        bars = bars_of([(1, 2, 1, 1), (1, 5, 1, 1), (1, 5, 1, 1), (1, 2, 1, 1)])
        assert events(detect(bars, ONE), Kind.SWING_HIGH) == [(-1, 1, 1, 5.0, 2)]

    def test_a_low_mirrors_it(self) -> None:
        bars = bars_of([(9, 9, 8, 9), (9, 9, 5, 9), (9, 9, 5, 9), (9, 9, 8, 9)])
        assert events(detect(bars, ONE), Kind.SWING_LOW) == [(1, 1, 1, 5.0, 2)]

    def test_the_last_bars_have_no_swing_yet(self) -> None:
        assert not len(detect(bars_of([(1, 2, 1, 1), (1, 5, 1, 1)]), ONE))

    def test_the_dealing_range_lies_between_the_last_known_swings(self) -> None:
        log = detect(closes(10, 14, 9, 16, 8, 15), ONE)
        leg = dealing_range(log)
        # the highs 14 and 16 and the lows 9 and 8 are swings; the last bar could still be one
        assert leg is not None
        assert (leg.low, leg.high, leg.equilibrium) == (8.0, 16.0, 12.0)


class TestBreaks:
    def test_the_first_close_beyond_a_swing_is_a_bos_and_consumes_it(self) -> None:
        bars = closes(10, 12, 11, 11.5, 13, 14)
        assert events(detect(bars, ONE), Kind.BOS) == [(1, 1, 4, 12.0, 4)]

    def test_a_wick_beyond_is_no_break(self) -> None:
        bars = bars_of([(10, 10, 10, 10), (10, 12, 10, 12), (12, 12, 11, 11), (11, 13, 11, 11.9), (11.9, 12, 11, 12)])
        assert not events(detect(bars, ONE), Kind.BOS)

    def test_a_swing_cannot_be_broken_before_it_is_known(self) -> None:
        # With length 2 the high of bar 2 is known at bar 4 only.
        bars = closes(8, 9, 12, 11, 10, 12.5)
        assert events(detect(bars, DetectorSettings(swing_length=2)), Kind.BOS) == [(1, 2, 5, 12.0, 5)]

    def test_a_break_against_the_trend_is_a_choch_and_turns_it(self) -> None:
        bars = closes(10, 12, 11, 13, 12.5, 14, 12, 13.5, 11.5, 12.5, 10)
        log = detect(bars, ONE)
        # up: the high 12 breaks at bar 3, the high 13 at bar 5; down: the low 12 of bar 6 breaks at bar 8, 11.5 at 10
        assert events(log, Kind.BOS) == [(1, 1, 3, 12.0, 3), (1, 3, 5, 13.0, 5), (-1, 8, 10, 11.5, 10)]
        assert events(log, Kind.CHOCH) == [(-1, 6, 8, 12.0, 8)]
        newest = last_break(log)
        assert newest is not None
        assert newest["direction"] == -1


class TestFairValueGaps:
    GAP = ((10, 11, 9, 10.5), (10.5, 14, 10.5, 13.8), (13.8, 15, 12, 14))

    def test_the_room_between_first_high_and_third_low(self) -> None:
        log = detect(bars_of([*self.GAP]), ONE)
        assert events(log, Kind.FAIR_VALUE_GAP) == [(1, 0, 2, 12.0, 2)]
        gap = log.events[log.of(Kind.FAIR_VALUE_GAP)[0]]
        assert (gap["price_low"], gap["price_high"]) == (11.0, 12.0)

    def test_touched_at_the_near_edge_filled_at_the_far_one(self) -> None:
        log = detect(bars_of([*self.GAP, (14, 14, 12, 13), (13, 13, 11.01, 12), (12, 12, 11, 12)]), ONE)
        assert statuses(log, Kind.FAIR_VALUE_GAP) == [(Status.TOUCHED, 3), (Status.FILLED, 5)]

    def test_one_tick_short_is_no_touch(self) -> None:
        log = detect(bars_of([*self.GAP, (14, 14, 12.01, 13)]), ONE)
        assert statuses(log, Kind.FAIR_VALUE_GAP) == []
        assert log.untouched()[log.of(Kind.FAIR_VALUE_GAP)].all()

    @pytest.mark.parametrize(
        "bars",
        [
            [(10, 12, 9, 10.5), (10.5, 14, 10.5, 13.8), (13.8, 15, 12, 14)],  # the edges meet
            [(10, 11, 9, 10.5), (13.8, 14, 10.5, 10.6), (13.8, 15, 12, 14)],  # the middle bar runs against it
        ],
    )
    def test_no_gap(self, bars: list[tuple[float, float, float, float]]) -> None:
        assert not len(detect(bars_of(bars), ONE).of(Kind.FAIR_VALUE_GAP))

    def test_the_bearish_mirror(self) -> None:
        log = detect(bars_of([(20, 21, 19, 19.5), (19.5, 19.5, 15, 15.5), (15.5, 18, 15, 15)]), ONE)
        assert events(log, Kind.FAIR_VALUE_GAP) == [(-1, 0, 2, 18.0, 2)]


class TestOrderBlocks:
    # The high 12 of bar 1 is broken at bar 5; the lowest low between them is 9, on bars 3 and 4.
    UP = ((10, 11, 10, 11), (11, 12, 11, 11.5), (11.5, 11.5, 10, 10), (10, 10.4, 9, 10), (10, 10.5, 9, 10.4),
          (10.4, 13, 10.4, 13))  # fmt: skip

    def test_the_lowest_bar_between_swing_and_break_the_last_on_ties(self) -> None:
        log = detect(bars_of(self.UP), ONE)
        assert events(log, Kind.ORDER_BLOCK) == [(1, 4, 5, 10.5, 5)]
        block = log.events[log.of(Kind.ORDER_BLOCK)[0]]
        assert (block["price_low"], block["price_high"]) == (9.0, 10.5)

    def test_mitigated_at_the_edge_invalidated_only_beyond(self) -> None:
        later = ((13, 13, 10.5, 12), (12, 12, 9, 11), (11, 11, 8.99, 10))
        log = detect(bars_of([*self.UP, *later]), ONE)
        assert statuses(log, Kind.ORDER_BLOCK)[:2] == [(Status.MITIGATED, 6), (Status.INVALIDATED, 8)]

    def test_no_bar_between_no_block(self) -> None:
        log = detect(bars_of([(9, 10, 9, 9.5), (9.5, 12, 9.5, 10), (10, 11, 9.8, 11), (11, 13, 11, 13)]), ONE)
        assert events(log, Kind.BOS) == [(1, 1, 3, 12.0, 3)]
        assert events(log, Kind.ORDER_BLOCK) == [(1, 2, 3, 11.0, 3)]


class TestLiquidity:
    """Fifteen quiet bars set an ATR of 1; then two highs, 0.08 apart, make a pool at the upper one."""

    QUIET = tuple((10.0, 10.5, 9.5, 10.0) for _ in range(15))
    HIGHS = ((10, 12, 10, 11), (11, 11.2, 10.4, 10.5), (10.5, 12.08, 10.5, 11), (11, 11.2, 10.4, 10.5))

    def pools(self, *after: tuple[float, float, float, float]) -> EventLog:
        return detect(bars_of([*self.QUIET, *self.HIGHS, *after]), ONE)

    def test_the_scene_is_as_described(self) -> None:
        atr = average_true_range(bars_of([*self.QUIET, *self.HIGHS]), 14)
        assert atr[14] == pytest.approx(1.0)
        assert 1.0 < atr[-1] < 1.2

    def test_two_equal_highs_make_a_pool_when_the_second_is_known(self) -> None:
        assert events(self.pools(), Kind.LIQUIDITY_POOL) == [(1, 15, 17, 12.08, 18)]

    def test_highs_too_far_apart_do_not(self) -> None:
        apart = ((10, 12, 10, 11), (11, 11.2, 10.4, 10.5), (10.5, 12.2, 10.5, 11), (11, 11.2, 10.4, 10.5))
        assert not len(detect(bars_of([*self.QUIET, *apart]), ONE).of(Kind.LIQUIDITY_POOL))

    def test_beyond_and_back_is_a_sweep_against_the_pool(self) -> None:
        log = self.pools((10.5, 12.09, 10.5, 12.07))
        assert events(log, Kind.SWEEP) == [(-1, 15, 19, 12.08, 19)]
        assert statuses(log, Kind.LIQUIDITY_POOL) == [(Status.SWEPT, 19)]

    def test_touching_the_level_is_no_sweep(self) -> None:
        log = self.pools((10.5, 12.08, 10.5, 12.0))
        assert not events(log, Kind.SWEEP)
        assert statuses(log, Kind.LIQUIDITY_POOL) == []

    def test_a_close_beyond_breaks_the_pool(self) -> None:
        log = self.pools((10.5, 12.5, 10.5, 12.4), (12.4, 12.6, 11, 11))
        assert not events(log, Kind.SWEEP)
        assert statuses(log, Kind.LIQUIDITY_POOL) == [(Status.INVALIDATED, 19)]

    def test_a_high_traded_through_before_is_no_part_of_a_pool(self) -> None:
        between = ((10, 12, 10, 11), (11, 14, 10.4, 10.5), (10.5, 11, 10.4, 10.5), (10.5, 12.05, 10.5, 11),
                   (11, 11.2, 10.4, 10.5))  # fmt: skip
        assert not len(detect(bars_of([*self.QUIET, *between]), ONE).of(Kind.LIQUIDITY_POOL))

    def test_the_mirror_below(self) -> None:
        bars = bars_of([*self.QUIET, *self.HIGHS, (10.5, 12.09, 10.5, 12.07)])
        turned = [22 - column for column in (bars.open, bars.low, bars.high, bars.close)]
        flipped = Bars(bars.timeframe, bars.time, *turned, bars.volume)
        log = detect(flipped, ONE)
        assert [event[:3] for event in events(log, Kind.LIQUIDITY_POOL)] == [(-1, 15, 17)]
        assert [event[:3] for event in events(log, Kind.SWEEP)] == [(1, 15, 19)]

    def test_opposing_liquidity_is_the_nearest_pool_or_swing_that_still_stands(self) -> None:
        bars = bars_of([*self.QUIET, *self.HIGHS])
        pool = opposing_liquidity(detect(bars, ONE), [bars], 1, 11.0)
        assert pool is not None
        assert (Kind(int(pool["kind"])), float(pool["level"])) == (Kind.LIQUIDITY_POOL, 12.08)
        one_high = bars_of([*self.QUIET, (10, 12, 10, 11), (11, 11.2, 10.4, 10.5)])
        swing = opposing_liquidity(detect(one_high, ONE), [one_high], 1, 11.0)
        assert swing is not None
        assert (Kind(int(swing["kind"])), float(swing["level"])) == (Kind.SWING_HIGH, 12.0)
        taken = bars_of([*self.QUIET, (10, 12, 10, 11), (11, 11.2, 10.4, 10.5), (10.5, 12.1, 10, 10)])
        assert opposing_liquidity(detect(taken, ONE), [taken], 1, 11.0) is None

    def test_a_finer_timeframe_may_have_taken_it_since_or_begin_too_late_to_know(self) -> None:
        high, quiet, through = (10, 12, 10, 11), (11, 11.2, 10.4, 10.5), (10.5, 14, 10, 10.5)
        before = bars_of([*self.QUIET, high, quiet, quiet])
        log = detect(before, ONE)
        since = bars_of([*self.QUIET, high, quiet, quiet, through])[-1:]
        assert opposing_liquidity(log, [before], 1, 11.0) is not None
        assert opposing_liquidity(log, [before, since], 1, 11.0) is None
        after = bars_of([*self.QUIET, high, quiet, through, quiet])
        left = opposing_liquidity(detect(after, ONE), [after, after[-1:]], 1, 11.0)
        assert left is not None
        assert left["level"] == 14.0, "the high of 12 was taken before the shorter series begins"


@pytest.mark.parametrize("price", [1e-8, 1.0, 1e8])
def test_constant_prices_have_no_events_and_any_scale_works(price: float) -> None:
    flat = bars_of([(price, price, price, price)] * 60)
    assert not len(detect(flat))
    steps = np.array([1, 1.2, 1.1, 1.15, 1.3, 1.4])
    assert [e[:3] for e in events(detect(closes(*(price * steps)), ONE), Kind.BOS)] == [(1, 1, 4)]
