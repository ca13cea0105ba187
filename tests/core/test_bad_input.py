"""Whatever bars come in: a clear error or an empty result, never a wrong event, value or signal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from core.bars import Bars
from core.errors import BarsError
from core.indicators import registry
from core.indicators.snapshot import indicators
from core.patterns.detect import ALL, DetectorSettings, detect
from core.patterns.events import Kind
from core.patterns.families import FAMILIES
from core.scan import scan
from core.signals.entry_points import entry_points
from core.strategies.base import Strategy, View
from core.strategies.confluence import Confluence
from core.strategies.smc_mtf import SmcMtf
from core.timeframe import Timeframe
from tests.series import bars_of, random_bars

M15 = Timeframe.M15
PRICES = ("open", "high", "low", "close")
WALK = random_bars(3, 500)
CHOSEN = DetectorSettings(swing_length=3)


def changed(column: str, row: int, value: float) -> Bars:
    values = getattr(WALK, column).copy()
    values[row] = value
    return replace(WALK, **{column: values})


BROKEN = {
    "no number": changed("close", 300, np.nan),
    "no number at first": changed("open", 0, np.nan),
    "infinite": changed("high", 499, np.inf),
    "nothing": changed("low", 40, 0.0),
    "absurd": changed("high", 300, 1e300),
    "volume no number": changed("volume", 300, np.nan),
    "volume negative": changed("volume", 300, -1.0),
    "volume absurd": changed("volume", 300, 1e300),
    "unsorted": changed("time", 300, 0),
    "time twice": changed("time", 300, WALK.time[299]),
    "high below low": changed("high", 300, WALK.low[300] / 2),
    "close outside": changed("close", 300, WALK.high[300] * 2),
    "a column too short": replace(WALK, close=WALK.close[:-1]),
}
STRATEGIES: dict[str, Strategy] = {
    "smc_mtf": SmcMtf(M15, M15, M15, swing_length=2, minimum_families=0),
    "confluence": Confluence((M15,), minimum_share=0.5, minimum_families=0),
}


@pytest.mark.parametrize("case", BROKEN)
def test_bars_that_break_their_contract_are_refused_by_everything(case: str) -> None:
    bars = BROKEN[case]
    for family in FAMILIES:
        with pytest.raises(BarsError):
            detect(bars, families=(family,))
    for name in registry.names():
        with pytest.raises(BarsError):
            registry.compute(bars, name)
    for strategy in STRATEGIES.values():
        with pytest.raises(BarsError):
            scan(strategy, {M15: bars}, 0.001)


def scaled(bars: Bars, power: int) -> Bars:
    """Prices of 100 times a power of two, so that no comparison is decided by rounding."""
    return replace(bars, **{name: getattr(bars, name) * 2.0**power for name in PRICES})


SIZES = {"1e-8": -33, "1e8": 20}
"""The powers that make a price of 100 that small and that large."""


@pytest.mark.parametrize("power", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("family", FAMILIES)
def test_the_size_of_prices_changes_no_event(family: str, power: int) -> None:
    for seed in range(4):
        bars = random_bars(seed, 500)
        usual, other = (detect(found, CHOSEN, (family,)) for found in (bars, scaled(bars, power)))
        for name in ("price_low", "price_high", "level"):
            usual.events[name] *= 2.0**power
        assert len(usual)
        assert usual.events.tolist() == other.events.tolist()
        assert usual.statuses.tolist() == other.statuses.tolist()


@pytest.mark.parametrize("power", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("name", STRATEGIES)
def test_the_size_of_prices_changes_no_signal(name: str, power: int) -> None:
    tick, made = 2.0**-10, 0
    for seed in range(12):
        bars = random_bars(seed, 500)
        factor = 2.0**power
        usual = scan(STRATEGIES[name], {M15: bars}, tick).verdict.suggestion
        other = scan(STRATEGIES[name], {M15: scaled(bars, power)}, tick * factor).verdict.suggestion
        assert (usual is None) == (other is None)
        if usual is not None and other is not None:
            made += 1
            assert (usual.source_key, usual.entry_type) == (other.source_key, other.entry_type)
            assert usual.confidence == pytest.approx(other.confidence, abs=1e-3)
            found = (other.entry, other.stop, other.targets[0].price)
            wanted = (usual.entry, usual.stop, usual.targets[0].price)
            assert np.array(found) == pytest.approx(np.array(wanted) * factor, rel=1e-6)
    assert made


@pytest.mark.parametrize("price", [1e-8, 1.0, 1e8])
def test_a_constant_price_has_nothing_but_its_days_and_candles_without_a_body(price: float) -> None:
    flat = bars_of([(price, price, price, price)] * 500)
    log = detect(flat, CHOSEN, ALL)
    kinds = {Kind(kind).name for kind in log.events["kind"].tolist()}
    assert {kind for kind in kinds if not kind.startswith(("CDL_", "SESSION_", "PREVIOUS_"))} == set()
    assert (log.events["price_low"] == price).all()
    assert (log.events["price_high"] == price).all()
    assert not len(log.statuses)
    for strategy in STRATEGIES.values():
        assert scan(strategy, {M15: flat}, price / 1000).verdict.suggestion is None
    assert entry_points({M15: View(flat, log, indicators(flat))}, M15, price / 1000) == []


def test_without_volume_there_are_the_same_events_and_no_vote_of_it() -> None:
    dry = replace(WALK, volume=np.zeros(len(WALK)))
    assert detect(dry, CHOSEN, ALL).events.tolist() == detect(WALK, CHOSEN, ALL).events.tolist()
    assert np.isnan(indicators(dry)["VOLUME_FLOW20"]).all()
    votes = []
    for name, strategy in STRATEGIES.items():
        for seed in range(12):
            bars = random_bars(seed, 500)
            made = scan(strategy, {M15: replace(bars, volume=np.zeros(500))}, 0.001).verdict.suggestion
            votes += [(name, vote.vote) for vote in made.votes if "olume" in vote.name] if made else []
    assert {name for name, _ in votes} == set(STRATEGIES)
    assert {vote for _, vote in votes} == {0}


@pytest.mark.parametrize("family", FAMILIES)
def test_too_few_bars_have_only_the_events_that_they_show(family: str) -> None:
    whole = detect(WALK, CHOSEN, (family,))
    assert not len(detect(WALK[:0], CHOSEN, (family,)))
    for count in range(1, 40):
        part = detect(WALK[:count], CHOSEN, (family,))
        assert part.events.tolist() == whole.known(WALK[:count].as_of).events.tolist()


@pytest.mark.parametrize("name", registry.names())
def test_no_indicator_has_a_value_before_its_warm_up(name: str) -> None:
    warm_up = registry.describe(name).warm_up()
    for count in {1, warm_up // 2, warm_up} - {0}:
        for output, column in registry.compute(WALK[:count], name, checked=True).items():
            assert np.isnan(column[:warm_up]).all(), (output, count)


@pytest.mark.parametrize("make", [lambda bars: bars[:0], lambda bars: bars[:1], lambda bars: bars[:14]])
@pytest.mark.parametrize("name", STRATEGIES)
def test_too_few_bars_make_no_signal_and_say_so(name: str, make: Callable[[Bars], Bars]) -> None:
    verdict = scan(STRATEGIES[name], {M15: make(WALK)}, 0.001).verdict
    assert verdict.suggestion is None
    assert "too few bars" in verdict.reason
