"""Alternating pivots as they were known bar by bar."""

from __future__ import annotations

from core.bars import Bars
from core.patterns.pivots import find_pivots
from core.patterns.swings import swing_flags
from tests.core.patterns.scenes import path
from tests.series import bars_of


def pivots(bars: Bars, length: int = 1) -> list[tuple[int, int, int, int, int]]:
    """(bar, side, known, until, previous) of every pivot."""
    found = find_pivots(bars, *swing_flags(bars.high, bars.low, length), length)
    columns = (found.bar, found.side, found.known, found.until, found.previous)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def test_tops_and_bottoms_by_turns() -> None:
    bars = path((0, 10), (2, 14), (4, 12), (6, 16), (7, 15))
    assert pivots(bars) == [(2, 1, 3, 8, -1), (4, -1, 5, 8, 0), (6, 1, 7, 8, 1)]


# Lows that rise all the way: there is no swing low between the highs of bars 1, 3 and 5.
RISING = ((9, 10, 9, 9.5), (9.5, 12, 9.5, 10), (10, 11, 9.6, 10.5))


def test_a_higher_top_takes_the_place_of_the_last_once_it_is_known() -> None:
    bars = bars_of([*RISING, (10.5, 14, 9.7, 11), (11, 12, 9.8, 10)])
    assert pivots(bars) == [(1, 1, 2, 4, -1), (3, 1, 4, 5, -1)]


def test_a_lower_or_equal_top_does_not() -> None:
    for high in (11.5, 12):
        bars = bars_of([*RISING, (10.5, high, 9.7, 11), (10.5, 11, 9.8, 10)])
        assert pivots(bars) == [(1, 1, 2, 5, -1)]


def test_a_bar_that_is_both_counts_first_for_the_newest_side() -> None:
    outside = ((10.5, 14, 5, 11), (11, 12, 9.8, 10))
    # The top of bar 3 replaces that of bar 1, and its low follows.
    assert pivots(bars_of([*RISING, *outside])) == [(1, 1, 2, 4, -1), (3, 1, 4, 5, -1), (3, -1, 4, 5, 1)]


def test_a_bar_that_is_both_is_left_out_where_there_is_no_pivot_yet() -> None:
    assert pivots(bars_of([(10, 11, 9, 10), (10, 14, 5, 11), (11, 12, 9.8, 10)])) == []
