"""Levels, trend and classic shapes: nothing repaints, up mirrors down, and prices have no favourite size."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.bars import Bars
from core.patterns.detect import DetectorSettings, detect
from core.patterns.events import EventLog, Kind, Status
from tests.real_bars import REAL_BARS
from tests.series import TEMPERS, bars_of, random_bars, walks

FAMILIES = ("levels", "trend", "shapes")
KINDS = {kind for kind in Kind if Kind.LEVEL <= kind <= Kind.BEAR_FLAG}
MIRROR = {
    Kind.TREND_UP: Kind.TREND_DOWN,
    Kind.HEAD_AND_SHOULDERS: Kind.INVERSE_HEAD_AND_SHOULDERS,
    Kind.DOUBLE_TOP: Kind.DOUBLE_BOTTOM,
    Kind.ASCENDING_TRIANGLE: Kind.DESCENDING_TRIANGLE,
    Kind.BROADENING_TOP: Kind.BROADENING_BOTTOM,
    Kind.RECTANGLE_TOP: Kind.RECTANGLE_BOTTOM,
    Kind.BULL_FLAG: Kind.BEAR_FLAG,
}
MIRROR |= {down: up for up, down in MIRROR.items()}


def found(bars: Bars, settings_: DetectorSettings) -> EventLog:
    return detect(bars, settings_, FAMILIES)


def assert_prefix(whole: EventLog, bars: Bars, length: int, settings_: DetectorSettings) -> None:
    part, known = found(bars[:length], settings_), whole.known(bars[:length].as_of)
    assert part.events.tolist() == known.events.tolist()
    assert part.statuses.tolist() == known.statuses.tolist()


@settings(max_examples=300)
@given(
    bars=walks(400),
    share=st.floats(0, 1),
    swing_length=st.integers(1, 9),
    within=st.sampled_from([3, 20, 100]),
    lookback=st.sampled_from([3, 30]),
)
def test_a_prefix_knows_exactly_what_was_known_then(
    bars: Bars, share: float, swing_length: int, within: int, lookback: int
) -> None:
    chosen = DetectorSettings(swing_length=swing_length, confirm_within=within, level_lookback=lookback)
    length = round(share * len(bars))
    if length:
        assert_prefix(found(bars, chosen), bars, length, chosen)


@pytest.mark.parametrize("swing_length", [1, 3])
@pytest.mark.parametrize("temper", TEMPERS)
def test_every_prefix_of_a_walk(temper: str, swing_length: int) -> None:
    bars, chosen = random_bars(11, 400, temper), DetectorSettings(swing_length=swing_length)
    whole = found(bars, chosen)
    for length in range(1, len(bars) + 1):
        assert_prefix(whole, bars, length, chosen)


@pytest.mark.parametrize("name", REAL_BARS)
def test_every_prefix_of_real_bars(name: str) -> None:
    bars, chosen = REAL_BARS[name](), DetectorSettings()
    whole = found(bars, chosen)
    assert len(whole) > 20
    for length in range(1, len(bars) + 1):
        assert_prefix(whole, bars, length, chosen)


def test_the_walks_hold_every_kind_both_ways_and_every_status() -> None:
    """Guards the tests above against proving nothing: every detector has something to say on these series."""
    seen, statuses = set(), set()
    for temper in TEMPERS:
        for seed in range(8):
            log = found(random_bars(seed, 600, temper), DetectorSettings(swing_length=3))
            seen |= set(zip(log.events["kind"].tolist(), log.events["direction"].tolist(), strict=True))
            statuses |= {
                (int(kind), int(status))
                for kind, status in zip(log.events["kind"][log.statuses["event"]], log.statuses["status"], strict=True)
            }
    one_way = {
        Kind.TREND_UP: 1,
        Kind.TREND_DOWN: -1,
        Kind.HEAD_AND_SHOULDERS: -1,
        Kind.INVERSE_HEAD_AND_SHOULDERS: 1,
        Kind.DOUBLE_TOP: -1,
        Kind.DOUBLE_BOTTOM: 1,
        Kind.BULL_FLAG: 1,
        Kind.BEAR_FLAG: -1,
    }
    assert seen == {(kind, way) for kind in KINDS for way in (1, -1) if one_way.get(kind, way) == way}
    shapes = {kind for kind in KINDS if kind >= Kind.HEAD_AND_SHOULDERS}
    assert statuses == {(kind, way) for kind in shapes for way in (Status.TARGET, Status.INVALIDATED)} | {
        (Kind.LEVEL, Status.BROKEN),
        (Kind.LEVEL, Status.RETESTED),
    }


@settings(max_examples=150)
@given(bars=walks(400), swing_length=st.integers(1, 4))
def test_the_log_keeps_its_contract(bars: Bars, swing_length: int) -> None:
    log = found(bars, DetectorSettings(swing_length=swing_length))
    events = log.events
    assert np.isin(events["direction"], (-1, 1)).all()
    assert ((events["score"] >= 0) & (events["score"] <= 1)).all()
    assert (events["start"] <= events["end"]).all()
    assert (events["known_at"] > events["end"]).all()
    assert (events["price_low"] <= events["price_high"]).all()
    assert (log.statuses["known_at"] > events["known_at"][log.statuses["event"]]).all()
    keys = {tuple(event)[:4] for event in events.tolist()}
    assert len(keys) == len(events), "an event is named by kind, direction, start and end"


@settings(max_examples=150)
@given(bars=walks(400), swing_length=st.integers(1, 4))
def test_what_holds_upwards_holds_downwards(bars: Bars, swing_length: int) -> None:
    """Negated prices give the mirrored trend and shapes.

    Levels know no such mirror: of a bar that is a swing high and low at once, the high is always looked at first.
    """
    chosen = DetectorSettings(swing_length=swing_length)
    turned = replace(bars, open=-bars.open, high=-bars.low, low=-bars.high, close=-bars.close)
    expected = detect(bars, chosen, ("trend", "shapes")).events.copy()
    expected["kind"] = [MIRROR.get(Kind(kind), kind) for kind in expected["kind"]]
    expected["direction"] *= -1
    expected["level"] *= -1
    expected["price_low"], expected["price_high"] = -expected["price_high"], -expected["price_low"].copy()
    mirrored = detect(turned, chosen, ("trend", "shapes"), checked=True).events
    order = ["known_at", "kind", "start", "direction", "end"]
    expected, mirrored = np.sort(expected, order=order), np.sort(mirrored, order=order)
    for name in expected.dtype.names:
        np.testing.assert_allclose(mirrored[name], expected[name], rtol=1e-12, atol=1e-12, err_msg=name)


@settings(max_examples=60)
@given(bars=walks(400), power=st.sampled_from([-34, -20, 20]))
def test_the_size_of_prices_changes_nothing(bars: Bars, power: int) -> None:
    """Prices from 5e-9 to 1e8, scaled by powers of two so that no comparison is decided by rounding."""
    factor = 2.0**power
    scaled = replace(
        bars, open=bars.open * factor, high=bars.high * factor, low=bars.low * factor, close=bars.close * factor
    )
    expected, log = found(bars, DetectorSettings(swing_length=2)), found(scaled, DetectorSettings(swing_length=2))
    for name in ("price_low", "price_high", "level"):
        expected.events[name] *= factor
    assert log.events.tolist() == expected.events.tolist()
    assert log.statuses.tolist() == expected.statuses.tolist()


@pytest.mark.parametrize("price", [1e-8, 1.0, 1e8])
def test_flat_and_short_series_have_no_events(price: float) -> None:
    flat = bars_of([(price, price, price, price)] * 300)
    assert not len(found(flat, DetectorSettings()))
    for count in range(12):
        assert not len(found(random_bars(3, count), DetectorSettings()))
