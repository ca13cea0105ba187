"""Nothing repaints: what was known at a moment does not depend on what came after it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.bars import Bars
from core.indicators.snapshot import INDICATORS, indicators
from core.patterns.detect import DetectorSettings, detect
from core.patterns.events import Kind, Status
from tests.real_bars import REAL_BARS
from tests.series import TEMPERS, random_bars, walks

# Smart-money kinds are numbered below the levels.
LEVELS = 20


def assert_prefix(bars: Bars, length: int, settings_: DetectorSettings) -> None:
    part, whole = detect(bars[:length], settings_), detect(bars, settings_)
    known = whole.known(bars[:length].as_of)
    assert part.events.tolist() == known.events.tolist()
    assert part.statuses.tolist() == known.statuses.tolist()


@settings(max_examples=150)
@given(bars=walks(), share=st.floats(0, 1), swing_length=st.integers(1, 6))
def test_a_prefix_knows_exactly_what_was_known_then(bars: Bars, share: float, swing_length: int) -> None:
    length = round(share * len(bars))
    if length:
        assert_prefix(bars, length, DetectorSettings(swing_length=swing_length))


@pytest.mark.parametrize("temper", TEMPERS)
def test_every_prefix_of_a_walk(temper: str) -> None:
    bars = random_bars(11, 300, temper)
    for length in range(1, len(bars) + 1):
        assert_prefix(bars, length, DetectorSettings(swing_length=3))


@pytest.mark.parametrize("name", REAL_BARS)
def test_every_prefix_of_real_bars(name: str) -> None:
    bars = REAL_BARS[name]()
    for length in range(1, len(bars) + 1):
        assert_prefix(bars, length, DetectorSettings())


def test_the_walks_hold_every_kind_and_status() -> None:
    """Guards the tests above against proving nothing: every detector has something to say on these series."""
    kinds, statuses = set(), set()
    for temper in TEMPERS:
        for seed in range(6):
            log = detect(random_bars(seed, 600, temper), DetectorSettings(swing_length=3))
            kinds |= set(log.events["kind"].tolist())
            statuses |= set(log.statuses["status"].tolist())
    assert kinds == {kind for kind in Kind if kind < LEVELS}
    assert statuses == {
        Status.TOUCHED,
        Status.FILLED,
        Status.MITIGATED,
        Status.INVALIDATED,
        Status.SWEPT,
    }


@settings(max_examples=60)
@given(bars=walks(400), share=st.floats(0, 1))
def test_indicators_do_not_look_ahead(bars: Bars, share: float) -> None:
    length = round(share * len(bars))
    part, whole = indicators(bars[:length]), indicators(bars)
    for name in INDICATORS:
        np.testing.assert_array_equal(part[name], whole[name][:length], err_msg=name)


@settings(max_examples=100)
@given(bars=walks(300))
def test_the_log_keeps_its_contract(bars: Bars) -> None:
    log = detect(bars, DetectorSettings(swing_length=2))
    events = log.events
    assert ((events["score"] >= 0) & (events["score"] <= 1)).all()
    assert (events["start"] <= events["end"]).all()
    assert (events["known_at"] > events["end"]).all()
    assert (events["price_low"] <= events["price_high"]).all()
    assert (np.diff(events["known_at"]) >= 0).all()
    assert (log.statuses["known_at"] > events["known_at"][log.statuses["event"]]).all()
    keys = {tuple(event)[:4] for event in events.tolist()}
    assert len(keys) == len(events), "an event is named by kind, direction, start and end"
