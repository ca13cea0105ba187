"""What a kind was worth: cases worked by hand, and that no bar is used before it is there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.bars import Bars
from core.patterns.detect import ALL, average_true_range, detect
from core.patterns.events import EVENT, STATUS, EventLog, Kind
from core.patterns.families import FAMILIES
from core.patterns.naming import FAMILY_TITLES, family_of, kind_named, title
from core.stats.journal import wilson_interval
from core.stats.patterns import HORIZON, follow_events, pattern_records
from tests.series import TEMPERS, bars_of, random_bars, walks

FLAT = (100.0, 100.2, 99.8, 100.0)


def log_of(bars: Bars, *, kind: Kind = Kind.CHOCH, direction: int = 1, known: int = 0) -> EventLog:
    """One event from 99 to 101 that bar `known` made known."""
    events = np.zeros(1, EVENT)
    events["kind"], events["direction"] = kind, direction
    events["start"] = events["end"] = bars.time[known]
    events["price_low"], events["price_high"], events["level"] = 99.0, 101.0, 100.0
    events["known_at"] = bars.close_time[known]
    return EventLog(events, np.empty(0, STATUS))


def traded(rows: list[tuple[float, float, float, float]], **event: int) -> tuple[list[int], list[float]]:
    """Bars that decided the two targets, and their results, of an entry at 100 with an ATR of 10: risk 2."""
    bars = bars_of([FLAT, *rows])
    trials = follow_events(bars, log_of(bars, **event).events, np.full(len(bars), 10.0))
    return trials.ended[0].tolist(), trials.result[0].tolist()


def test_targets_of_a_long_and_a_short() -> None:
    # Stop 99 - 0.1 x 10 = 98, risk 2: targets 102 and 104; for a short 101 + 1 = 102, targets 98 and 96.
    assert traded([(100, 102, 99, 101.5), (101.5, 104, 101, 103)]) == ([1, 2], [1.0, 2.0])
    assert traded([(100, 101, 98, 98.5), (98.5, 99, 96, 96.5)], direction=-1) == ([1, 2], [1.0, 2.0])


def test_the_stop_first_where_a_bar_holds_both() -> None:
    assert traded([(100, 105, 98, 104)]) == ([1, 1], [-1.0, -1.0])


def test_a_gap_through_the_stop_fills_at_the_open_and_one_through_the_target_no_better() -> None:
    assert traded([(97, 97.5, 96, 97)]) == ([1, 1], [-1.5, -1.5])
    assert traded([(106, 107, 105, 106)]) == ([1, 1], [1.0, 2.0])


def test_what_is_undecided_ends_at_the_close_of_the_last_bar_allowed() -> None:
    quiet = [FLAT] * (HORIZON - 1)
    assert traded([*quiet, (100, 101.5, 99.5, 101)]) == ([HORIZON, HORIZON], [0.5, 0.5])
    ended, result = traded(quiet)
    assert ended == [-1, -1]
    assert np.isnan(result).all()


def test_the_bar_that_made_it_known_decides_nothing() -> None:
    bars = bars_of([(100, 110, 90, 100), FLAT])
    assert follow_events(bars, log_of(bars).events, np.full(2, 10.0)).ended.tolist() == [[-1, -1]]


@pytest.mark.parametrize(
    ("kind", "atr", "close"),
    [
        (Kind.LIQUIDITY_POOL, 10.0, 100.0),
        (Kind.CHOCH, np.nan, 100.0),
        (Kind.CHOCH, 0.0, 100.0),
        (Kind.CHOCH, 10.0, 98.9),
    ],
)
def test_no_trade_without_a_side_an_atr_or_room_to_the_stop(kind: Kind, atr: float, close: float) -> None:
    bars = bars_of([(100, 100.2, 98, close), (100, 105, 98, 104)])
    assert np.isnan(follow_events(bars, log_of(bars, kind=kind).events, np.full(2, atr)).risk).all()


def test_a_record_by_hand() -> None:
    """Three events with 50 bars behind them, +1 R, -1 R and +0.5 R by time, and a fourth that is too young."""
    win, loss, late = [(100, 102.5, 99, 100)], [(100, 101, 97.9, 100)], [(100, 101.5, 99.5, 101)]
    rows = [FLAT, *win, *[FLAT] * 9, *loss, *[FLAT] * 49, *late, *[FLAT] * 20]
    bars = bars_of(rows)
    known = (0, 10, 11, len(rows) - 30)
    events = np.concatenate([log_of(bars, known=at).events for at in known])
    (record,) = pattern_records(bars, EventLog(events, np.empty(0, STATUS)), np.full(len(bars), 10.0))
    assert (record.kind, record.count, record.per_1000) == (Kind.CHOCH, 4, pytest.approx(4000 / len(bars)))
    one = record.odds[0]
    assert one is not None
    assert (one.cases, one.hits) == (3, 1)
    assert (one.rate_low, one.rate_high) == wilson_interval(1, 3)
    assert one.expectancy == pytest.approx(0.5 / 3)
    # Sample variance of 1, -1, 0.5: mean 1/6, squares 2.25 - 3/36 = 13/6 over 2.
    assert one.high == pytest.approx(0.5 / 3 + 1.959964 * np.sqrt(13 / 12 / 3), abs=1e-6)


def test_a_kind_without_a_side_is_counted_only() -> None:
    bars = bars_of([FLAT] * 100)
    (record,) = pattern_records(bars, log_of(bars, kind=Kind.CDL_DOJI), np.full(100, 10.0))
    assert record.count == 1
    assert record.odds == (None, None)


@settings(max_examples=40)
@given(walks(240), st.integers(0, 240))
def test_no_later_bar_is_used(bars: Bars, cut: int) -> None:
    """What was decided by a moment is what the bars until then say, event for event."""
    part = bars[:cut]
    whole, early = detect(bars, families=ALL), detect(part, families=ALL)
    later = follow_events(bars, whole.events[: len(early)], average_true_range(bars, 14))
    sooner = follow_events(part, early.events, average_true_range(part, 14))
    decided = (later.ended >= 0) & (later.ended < len(part))
    np.testing.assert_array_equal(sooner.ended, np.where(decided, later.ended, -1))
    np.testing.assert_array_equal(sooner.result, np.where(decided, later.result, np.nan))
    np.testing.assert_array_equal(sooner.hit, later.hit & decided)


@pytest.mark.parametrize("temper", TEMPERS)
def test_every_result_lies_within_its_target(temper: str) -> None:
    bars = random_bars(7, 1500, temper)
    trials = follow_events(bars, detect(bars, families=ALL).events, average_true_range(bars, 14))
    decided = trials.ended >= 0
    assert (trials.result[decided] <= np.broadcast_to((1.0, 2.0), decided.shape)[decided]).all()
    assert np.isfinite(trials.result[decided]).all()
    assert trials.hit[~decided].sum() == 0


def test_nothing_is_no_error() -> None:
    bars = bars_of([])
    assert pattern_records(bars, detect(bars, families=ALL), np.empty(0)) == []


def test_every_kind_has_a_family_and_a_name_of_its_own() -> None:
    assert list(FAMILY_TITLES) == list(FAMILIES)
    assert len({title(kind) for kind in Kind}) == len(Kind)
    bars = random_bars(1, 3000)
    for name in FAMILIES:
        found = detect(bars, families=[name]).events["kind"]
        assert {family_of(Kind(int(kind))) for kind in np.unique(found)} == {name}
    assert [kind_named(kind.name.lower()) for kind in Kind] == list(Kind)
    assert (title(Kind.CDL_3INSIDE), title(Kind.FAIR_VALUE_GAP)) == ("Three inside", "Fair value gap")
