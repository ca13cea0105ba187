"""Each classic shape worked by hand, where it holds and where it just does not; every one also upside down.

Swings have two bars on each side, so a pivot is known two bars after it. Pivots lie five bars apart where nothing else
is said. A shape's height is the distance of its extreme pivots, w is 0.15 of it.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from core.bars import Bars
from core.patterns.detect import DetectorSettings, detect
from core.patterns.events import EventLog, Kind, Status
from core.patterns.shapes import far_boundary, measured_move
from tests.core.patterns.scenes import Found, events, mirrored, path, scaled, statuses, with_high
from tests.core.patterns.test_chart_prefix import MIRROR
from tests.series import TEMPERS, bars_of, random_bars


def shapes(bars: Bars, within: int = 100) -> EventLog:
    return detect(bars, DetectorSettings(swing_length=2, confirm_within=within), ("shapes",))


def five(*prices: float) -> tuple[tuple[int, float], ...]:
    """Five pivots at bars 5, 10, 15, 20 and 25."""
    return tuple(zip(range(5, 30, 5), prices, strict=True))


HEADS = five(110, 104, 116, 104, 110)
HEAD = path((0, 100), *HEADS, (32, 100))
SLOPED = path((0, 100), *five(110, 104, 116, 105, 110), (32, 100))
STEEP = path((0, 100), *HEADS, (26, 100), (29, 99))
TWIN = path((0, 102), (5, 110), (18, 100), (30, 109), (36, 97))
ASCENDING = path((0, 103), *five(110, 100, 110, 104, 110), (29, 107.8), (30, 111))
DESCENDING = path((0, 103), *five(110, 100, 107, 100, 105), (28, 103), (32, 95))
SYMMETRIC = path((0, 103), *five(115, 100, 112, 103, 109.5), (28, 107.5), (31, 112))
BROADENING = path((0, 103), *five(108, 104, 111, 101, 114), (33, 94))
RECTANGLE = path((0, 103), *five(110, 100, 110.5, 100.5, 110), (29, 105), (33, 113))

HOLDS: dict[str, tuple[Bars, Kind, Found]] = {
    # Neckline 104; from 110 price falls 1.43 a bar: 104.29 at bar 29, 102.86 at bar 30.
    "head and shoulders": (HEAD, Kind.HEAD_AND_SHOULDERS, (-1, 5, 30, 104.0, 30)),
    # Neckline from 104 at bar 10 to 105 at bar 20: 105.8 at bar 28, where price closes at 105.71.
    "sloping neckline": (SLOPED, Kind.HEAD_AND_SHOULDERS, (-1, 5, 28, 105.8, 28)),
    # Confirmed one bar after the right shoulder, which is a pivot only one bar later.
    "break before the last pivot is known": (STEEP, Kind.HEAD_AND_SHOULDERS, (-1, 5, 26, 104.0, 27)),
    # Tops 110 and 109, 25 bars apart, w 1.5; price falls 2 a bar from bar 30: 101 at bar 34, 99 at bar 35.
    "double top": (TWIN, Kind.DOUBLE_TOP, (-1, 5, 35, 100.0, 35)),
    # The line of the rising lows is at 107.6 at bar 29, where price closes at 107.8; then it closes at 111.
    "ascending triangle": (ASCENDING, Kind.ASCENDING_TRIANGLE, (1, 5, 30, 110.0, 30)),
    # From 103 at bar 28 two a bar: 101 at bar 29, 99 at bar 30.
    "descending triangle": (DESCENDING, Kind.DESCENDING_TRIANGLE, (-1, 5, 30, 100.0, 30)),
    # The line of the falling tops, 112 at bar 15 and 109.5 at bar 25, is at 108.5 at bar 29, where price closes at 109.
    "symmetric triangle": (SYMMETRIC, Kind.SYMMETRIC_TRIANGLE, (1, 5, 29, 108.5, 29)),
    # The line of the falling lows is at 97.7 and 97.4 at bars 31 and 32; price closes at 99 and 96.5.
    "broadening top": (BROADENING, Kind.BROADENING_TOP, (-1, 5, 32, 97.4, 32)),
    # Price closes at 109 and 111 at bars 31 and 32.
    "rectangle top": (RECTANGLE, Kind.RECTANGLE_TOP, (1, 5, 32, 110.5, 32)),
}


@pytest.mark.parametrize("name", HOLDS)
def test_a_shape_is_known_when_a_close_confirms_it(name: str) -> None:
    bars, kind, expected = HOLDS[name]
    assert events(shapes(bars), kind) == [expected]
    before = bars[: expected[4]]
    assert events(shapes(before), kind) == []


@pytest.mark.parametrize("name", HOLDS)
def test_upside_down_it_is_the_mirrored_shape(name: str) -> None:
    bars, kind, (direction, start, end, level, known) = HOLDS[name]
    expected = (-direction, start, end, round(220 - level, 9), known)
    assert events(shapes(mirrored(bars)), MIRROR.get(kind, kind)) == [expected]


@pytest.mark.parametrize("factor", [1e-10, 1e6])
@pytest.mark.parametrize("name", HOLDS)
def test_at_prices_of_a_hundred_millionth_and_a_hundred_million(name: str, factor: float) -> None:
    bars, kind, (*where, level, known) = HOLDS[name]
    assert events(shapes(scaled(bars, factor)), kind) == [(*where, pytest.approx(level * factor), known)]


FAILS: dict[str, tuple[Bars, Kind]] = {
    # Height 7, w 1.05: the head is only 1 above the shoulders.
    "head too low": (path((0, 100), *five(110, 104, 111, 104, 110), (32, 100)), Kind.HEAD_AND_SHOULDERS),
    # Height 12, 2w 3.6: the shoulders differ by 4.
    "shoulders uneven": (path((0, 100), *five(110, 104, 116, 104, 114), (35, 100)), Kind.HEAD_AND_SHOULDERS),
    # Height 18, 2w 5.4: the armpits differ by 6.
    "neckline too steep": (path((0, 100), *five(110, 104, 116, 98, 110), (35, 90)), Kind.HEAD_AND_SHOULDERS),
    "close at the neckline": (path((0, 100), *HEADS, (31, 104), (36, 104)), Kind.HEAD_AND_SHOULDERS),
    "price above the head first": (with_high(HEAD, 28, 117), Kind.HEAD_AND_SHOULDERS),
    "tops 22 bars apart": (path((0, 102), (5, 110), (16, 100), (27, 109), (33, 97)), Kind.DOUBLE_TOP),
    "tops 1.6 apart with w 1.5": (path((0, 102), (5, 110), (18, 100), (30, 108.4), (36, 97)), Kind.DOUBLE_TOP),
    "close at the low between": (path((0, 102), (5, 110), (18, 100), (30, 109), (36, 100), (40, 100)), Kind.DOUBLE_TOP),
    "a higher top between": (
        path((0, 102), (5, 110), (11, 105), (17, 111), (23, 100), (30, 109), (36, 97)),
        Kind.DOUBLE_TOP,
    ),
    "price above the tops first": (with_high(TWIN, 33, 112), Kind.DOUBLE_TOP),
    # Tops 4 apart with w 1.5 and not falling.
    "uneven tops": (path((0, 103), *five(110, 100, 106, 104, 110), (28, 108.5), (31, 113)), Kind.ASCENDING_TRIANGLE),
    "bottoms equal, too": (
        path((0, 103), *five(110, 100, 110, 100, 110), (28, 108), (31, 113)),
        Kind.ASCENDING_TRIANGLE,
    ),
    "bottoms falling": (path((0, 103), *five(110, 103, 110, 100, 110), (28, 108), (31, 113)), Kind.ASCENDING_TRIANGLE),
    "lows not falling": (path((0, 103), *five(108, 101, 111, 101, 114), (33, 94)), Kind.BROADENING_TOP),
    "tops not rising": (path((0, 103), *five(111, 104, 108, 101, 114), (33, 94)), Kind.BROADENING_TOP),
    # Height 10, w 1.5: a top 2 below the others.
    "rectangle with a low top": (
        path((0, 103), *five(108, 100, 110, 100, 110), (29, 105), (33, 113)),
        Kind.RECTANGLE_TOP,
    ),
    # The lines meet at bar 34.1; price leaves only after it.
    "triangle left after its end": (
        path((0, 103), *five(115, 100, 112, 103, 109.5), (28, 107.5), (34, 107.22), (40, 115)),
        Kind.SYMMETRIC_TRIANGLE,
    ),
}


@pytest.mark.parametrize("name", FAILS)
def test_where_the_definition_just_does_not_hold(name: str) -> None:
    bars, kind = FAILS[name]
    assert events(shapes(bars), kind) == []
    assert events(shapes(mirrored(bars)), MIRROR.get(kind, kind)) == []


def test_a_head_too_low_is_a_rectangle() -> None:
    bars, _ = FAILS["head too low"]
    assert [found[:3] for found in events(shapes(bars), Kind.RECTANGLE_TOP)] == [(-1, 5, 30)]


def test_confirmation_must_come_within_the_given_bars() -> None:
    assert events(shapes(HEAD, within=5), Kind.HEAD_AND_SHOULDERS) == [(-1, 5, 30, 104.0, 30)]
    assert events(shapes(HEAD, within=4), Kind.HEAD_AND_SHOULDERS) == []


def test_a_rectangle_may_break_either_way() -> None:
    bars = path((0, 103), *five(110, 100, 110.5, 100.5, 110), (29, 105), (33, 97))
    assert events(shapes(bars), Kind.RECTANGLE_TOP) == [(-1, 5, 32, 100.0, 32)]


def test_of_two_shapes_told_together_the_later_pivots_count() -> None:
    """A sixth pivot, known with the break at bar 30, makes a second ascending triangle out of E2 to E6."""
    bars = path((0, 103), *five(110, 100, 110, 104, 110), (28, 108.5), (31, 113))
    assert events(shapes(bars), Kind.ASCENDING_TRIANGLE) == [(1, 10, 30, 110.0, 30)]


def test_a_replaced_shoulder_confirms_nothing() -> None:
    """The right shoulder at bar 25 gives way to a higher one at bar 31, on which the shape then stands."""
    bars = path((0, 100), *HEADS, (27, 109.5), (31, 111), (38, 100))
    assert events(shapes(bars), Kind.HEAD_AND_SHOULDERS) == [(-1, 5, 36, 104.0, 36)]


def test_a_shoulder_that_grows_too_high_leaves_no_shape() -> None:
    """The right shoulder of 110 gives way to one of 115, more than 2w = 3.6 above the left one."""
    bars = path((0, 100), *HEADS, (27, 109.5), (32, 115), (42, 100))
    assert events(shapes(bars), Kind.HEAD_AND_SHOULDERS) == []


class TestAfterwards:
    """Head and shoulders of height 12 broken at 104: target 92, invalid above 116."""

    def after(self, *points: tuple[int, float]) -> list[tuple[Status, int]]:
        bars = path((0, 100), *HEADS, (30, 102.9), *points)
        return statuses(shapes(bars), Kind.HEAD_AND_SHOULDERS)

    def test_the_measured_move_is_its_target(self) -> None:
        assert self.after((35, 92.5), (36, 92), (37, 120)) == [(Status.TARGET, 36)]

    def test_beyond_the_head_it_is_invalid(self) -> None:
        assert self.after((35, 116), (36, 116.1), (40, 90)) == [(Status.INVALIDATED, 36)]

    def test_one_bar_that_reaches_both_counts_against_it(self) -> None:
        bars = path((0, 100), *HEADS, (30, 102.9), (31, 91))
        assert statuses(shapes(bars), Kind.HEAD_AND_SHOULDERS) == [(Status.TARGET, 31)]
        assert statuses(shapes(with_high(bars, 31, 116.5)), Kind.HEAD_AND_SHOULDERS) == [(Status.INVALIDATED, 31)]

    def test_a_move_that_is_over_before_it_is_known_is_not_told(self) -> None:
        """The right shoulder is a pivot at bar 27; by then price has fallen to the target."""
        bars = path((0, 100), *HEADS, (26, 98), (27, 91), (30, 90))
        assert events(shapes(bars), Kind.HEAD_AND_SHOULDERS) == []


@pytest.mark.parametrize("temper", TEMPERS)
def test_targets_and_far_boundaries_read_off_an_event_are_those_it_is_judged_by(temper: str) -> None:
    bars = random_bars(5, 600, temper)
    log = detect(bars, DetectorSettings(swing_length=3), ("shapes",))
    target, far = measured_move(log.events), far_boundary(log.events)
    for row in log.statuses:
        event, at = row["event"], int(np.searchsorted(bars.close_time, row["known_at"]))
        up = log.events["direction"][event] > 0
        assert (far[event] < log.events["level"][event]) == up
        if row["status"] == Status.TARGET:
            assert bars.high[at] >= target[event] if up else bars.low[at] <= target[event]
        else:
            assert bars.low[at] < far[event] if up else bars.high[at] > far[event]


class TestScore:
    def test_a_perfect_shape_has_full_symmetry_and_size_counts_in_atr(self) -> None:
        log = shapes(HEAD)
        score = log.events["score"][log.of(Kind.HEAD_AND_SHOULDERS)[0]]
        # The closes move 2 a bar up to the head, 2.4 down from it and 1.2, then 1.43: the ATR lies between 1.4 and 2.4.
        assert 0.5 + 0.5 * 12 / (8 * 2.4) < score <= 1.0

    def test_a_crooked_one_has_less(self) -> None:
        even, sloped = (
            log.events["score"][log.of(Kind.HEAD_AND_SHOULDERS)[0]] for log in (shapes(HEAD), shapes(SLOPED))
        )
        assert sloped < even


class TestFlags:
    """Twenty quiet bars set an ATR of 1 and a foot at 99.5; the pole runs 5.5 up to 105 at bar 24.

    The closes then fall by 0.2 a bar. The line through them, moved up to the first bar's high of 105, 0.4 above it,
    lies at 104 at bar 30; the pole's middle at 102.25.
    """

    QUIET = tuple((100.0, 100.5, 99.5, 100.0) for _ in range(20))
    CHANNEL = (104.6, 104.4, 104.2, 104.0, 103.8)

    def scene(self, *channel: float, pole: tuple[float, ...] = (101, 102, 103, 104, 105)) -> Bars:
        closes = (100.0, *pole, *channel)
        moves = pairwise(closes)
        return bars_of([*self.QUIET, *((o, max(o, c), min(o, c), c) for o, c in moves)])

    def test_a_close_above_the_channel_confirms(self) -> None:
        bars = self.scene(*self.CHANNEL, 104.3)
        assert events(shapes(bars), Kind.BULL_FLAG) == [(1, 19, 30, 104.0, 30)]
        assert events(shapes(mirrored(bars)), Kind.BEAR_FLAG) == [(-1, 19, 30, 116.0, 30)]

    def test_it_is_known_no_sooner_than_the_tip_of_its_pole(self) -> None:
        bars = self.scene(*self.CHANNEL, 104.3, 104.2, 104.1)
        log = detect(bars, DetectorSettings(swing_length=8), ("shapes",))
        assert events(log, Kind.BULL_FLAG) == [(1, 19, 30, 104.0, 32)]

    def test_target_is_the_pole_again_and_the_middle_of_the_pole_the_end_of_it(self) -> None:
        reached = self.scene(*self.CHANNEL, 104.3, 107, 109.4, 109.6)
        assert statuses(shapes(reached), Kind.BULL_FLAG) == [(Status.TARGET, 33)]
        failed = self.scene(*self.CHANNEL, 104.3, 102.25, 102.2)
        assert statuses(shapes(failed), Kind.BULL_FLAG) == [(Status.INVALIDATED, 32)]

    @pytest.mark.parametrize(
        "bars",
        [
            pytest.param((*CHANNEL, 103.9), id="close inside the channel"),
            pytest.param((*CHANNEL[:4], 104.5), id="channel of four bars"),
            pytest.param((104.4, 103.8, 103.2, 102.6, 102.2, 104.9), id="more than half of the pole given back"),
            pytest.param((104.0, 104.1, 104.2, 104.3, 104.4, 104.9), id="channel with the pole"),
        ],
    )
    def test_no_flag(self, bars: tuple[float, ...]) -> None:
        assert events(shapes(self.scene(*bars)), Kind.BULL_FLAG) == []
        assert events(shapes(mirrored(self.scene(*bars))), Kind.BEAR_FLAG) == []

    def test_a_pole_under_three_atr_is_none(self) -> None:
        def at(tip: float) -> Bars:
            # Foot 99.5, ATR 1: a tip of 102.5 makes exactly three.
            down = tuple(round(tip - 0.1 - 0.1 * step, 2) for step in range(5))
            return self.scene(*down, tip - 0.1, pole=(100.5, 101, 101.5, 102, tip))

        assert len(events(shapes(at(102.5)), Kind.BULL_FLAG)) == 1
        assert events(shapes(at(102.4)), Kind.BULL_FLAG) == []
