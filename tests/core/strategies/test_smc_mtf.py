"""The strategy on a set-up spelt out event by event, and its promises on random markets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.bars import Bars
from core.errors import ParameterError
from core.indicators.snapshot import INDICATORS
from core.patterns.events import EVENT, STATUS, EventLog, Kind, Status
from core.scan import scan
from core.signals.confidence import confidence
from core.strategies.base import Suggestion, View
from core.strategies.registry import make_strategy
from core.strategies.smc_mtf import SmcMtf
from core.timeframe import Timeframe
from tests.series import TEMPERS, random_bars

NOW = 1_000 * Timeframe.H4.ms
STRATEGY = SmcMtf()
AGREE = {"EMA50": 99.0, "EMA200": 99.0, "RSI14": 60.0, "MACD_HIST": 0.2, "ATR14": 1.0, "ADX14": 30.0,
         "PLUS_DI14": 25.0, "MINUS_DI14": 10.0, "BB_POSITION20": 0.5, "VOLUME_FLOW20": 0.25, "EMA20": 99.0}  # fmt: skip


def flat(timeframe: Timeframe, price: float = 101.0, count: int = 100) -> Bars:
    """Bars that stand at `price`; the last closes at NOW."""
    time = NOW - timeframe.ms * np.arange(count, 0, -1)
    column = np.full(count, price)
    return Bars(timeframe, time, column, column.copy(), column.copy(), column.copy(), np.ones(count))


def event(kind: Kind, direction: int, bars: Bars, span: tuple[int, int], zone: tuple[float, float], level: float,
          score: float = 1.0) -> tuple[Any, ...]:  # fmt: skip
    """An event over the bars `span` (negative: from the end), known at the close of the last of them."""
    start, end = bars.time[span[0]], bars.time[span[1]]
    return (kind, direction, start, end, *zone, level, end + bars.timeframe.ms, score)


def view(bars: Bars, *rows: tuple[Any, ...], status: tuple[int, Status] | None = None, **changed: float) -> View:
    events = np.sort(np.array(list(rows), EVENT), order="known_at")
    statuses = np.array([(status[0], status[1], NOW)] if status else [], STATUS)
    columns = {name: np.full(len(bars), (AGREE | changed)[name]) for name in INDICATORS}
    columns["EMA50"] = np.linspace(98, AGREE["EMA50"], len(bars))
    return View(bars, EventLog(events, statuses), columns)


def long_setup() -> dict[Timeframe, View]:
    """Up on H4 in a range of 90 to 110; M15 dipped to 97 and shifted up; an order block 99 to 100 waits on M5."""
    h4, m15, m5 = flat(Timeframe.H4), flat(Timeframe.M15), flat(Timeframe.M5)
    m15.low[-20] = 97.0
    return {
        Timeframe.H4: view(
            h4,
            event(Kind.SWING_LOW, 1, h4, (-30, -30), (90, 91), 90.0),
            event(Kind.SWING_HIGH, -1, h4, (-20, -20), (109, 110), 110.0),
            event(Kind.BOS, 1, h4, (-40, -15), (105, 106), 105.0, 0.5),
        ),
        Timeframe.M15: view(
            m15,
            event(Kind.CHOCH, 1, m15, (-25, -10), (99, 100), 99.0, 0.8),
            event(Kind.LIQUIDITY_POOL, 1, m15, (-60, -40), (105, 106), 106.0, 0.5),
        ),
        Timeframe.M5: view(
            m5,
            event(Kind.ORDER_BLOCK, 1, m5, (-12, -8), (99, 100), 100.0, 0.6),
        ),
    }


def judge(views: Mapping[Timeframe, View], strategy: SmcMtf = STRATEGY) -> Suggestion:
    verdict = strategy.evaluate(views, 0.01)
    assert verdict.suggestion is not None, verdict.reason
    return verdict.suggestion


def test_the_set_up_worked_by_hand() -> None:
    made = judge(long_setup())
    assert (made.direction, made.entry_type, made.timeframe) == (1, "BUY_LIMIT", Timeframe.M5)
    # entry at the near edge; stop 0.1 ATR (of 1.0) below the far edge 99
    assert (made.entry, made.stop) == (100.0, 98.9)
    # risk 1.1: liquidity at 106 pays 6 / 1.1, then 2R at 102.2 and 3R at 103.3
    assert [(target.name, target.price, target.r) for target in made.targets] == [
        ("liquidity", 106.0, 5.4545),
        ("2R", 102.2, 2.0),
        ("3R", 103.3, 3.0),
    ]
    assert made.as_of == NOW
    assert made.expires_at == NOW + 96 * Timeframe.M5.ms
    assert [item.role for item in made.evidence] == ["structure", "shift", "entry zone", "target"]


def test_its_confidence_worked_by_hand() -> None:
    made = judge(long_setup())
    strengths = {
        "H4 structure": (2, 0.75),  # half for being there, half of its score 0.5
        "M15 shift": (2, 0.9),
        "M5 zone": (2, 0.8),
        "M5 liquidity sweep": (1, 0),
        "EMA(50) over 5 bars": (1, 0.101),  # rose by 5/99 of 1, against half an ATR
        "Close against EMA(200)": (1, 1.0),  # 2 above, 2 ATR is full
        "RSI(14)": (1, 0.5),
        "MACD histogram": (1, 0.8),
        "ADX(14) and directional movement": (1, 0.6),
        "Close between the Bollinger bands": (1, 0.5),
        "Volume flow (OBV, 20 bars)": (1, 0.5),
    }
    assert {vote.name: (vote.weight, vote.strength) for vote in made.votes} == strengths
    expected = sum(weight * strength for weight, strength in strengths.values()) / 14
    assert made.confidence == pytest.approx(expected, abs=5e-5)
    assert made.band == "MEDIUM"


def test_the_short_mirror() -> None:
    def flip(found: View) -> View:
        bars = found.bars
        turned = Bars(
            bars.timeframe, bars.time, *(202 - c for c in (bars.open, bars.low, bars.high, bars.close)), bars.volume
        )
        events = found.log.events.copy()
        swap = {Kind.SWING_HIGH: Kind.SWING_LOW, Kind.SWING_LOW: Kind.SWING_HIGH}
        events["kind"] = [swap.get(kind, kind) for kind in events["kind"]]
        events["direction"] *= -1
        events["price_low"], events["price_high"] = (
            202 - found.log.events["price_high"],
            202 - found.log.events["price_low"],
        )
        events["level"] = 202 - events["level"]
        columns = dict(found.indicators)
        columns["EMA50"], columns["EMA200"] = 202 - columns["EMA50"], 202 - columns["EMA200"]
        columns["RSI14"] = 100 - columns["RSI14"]
        columns["PLUS_DI14"], columns["MINUS_DI14"] = columns["MINUS_DI14"], columns["PLUS_DI14"]
        for name in ("MACD_HIST", "BB_POSITION20", "VOLUME_FLOW20"):
            columns[name] = -columns[name]
        return View(turned, EventLog(events, found.log.statuses), columns)

    up = judge(long_setup())
    down = judge({timeframe: flip(found) for timeframe, found in long_setup().items()})
    assert (down.direction, down.entry_type, down.entry, down.stop) == (-1, "SELL_LIMIT", 102.0, 103.1)
    assert [target.r for target in down.targets] == [target.r for target in up.targets]
    assert down.confidence == up.confidence


def test_a_sweep_beyond_the_zone_moves_the_stop() -> None:
    views = long_setup()
    m5 = views[Timeframe.M5].bars
    swept = event(Kind.SWEEP, 1, m5, (-30, -14), (98.0, 100.5), 98.5, 0.7)
    views[Timeframe.M5] = view(m5, swept, event(Kind.ORDER_BLOCK, 1, m5, (-12, -8), (99, 100), 100.0, 0.6))
    assert judge(views).stop == 97.9


def test_without_liquidity_the_first_target_is_2r() -> None:
    views = long_setup()
    m15 = views[Timeframe.M15].bars
    views[Timeframe.M15] = view(m15, event(Kind.CHOCH, 1, m15, (-25, -10), (99, 100), 99.0))
    assert [target.name for target in judge(views).targets] == ["2R", "3R"]


def changed(timeframe: Timeframe, change: Callable[[View], View]) -> dict[Timeframe, View]:
    views = long_setup()
    views[timeframe] = change(views[timeframe])
    return views


def touched(found: View) -> View:
    return View(
        found.bars, EventLog(found.log.events, np.array([(0, Status.MITIGATED, NOW)], STATUS)), found.indicators
    )


def no_pull_back(found: View) -> View:
    found.bars.low[-20] = 101.0
    return found


def near_liquidity(found: View) -> View:
    found.log.events["level"][found.log.events["kind"] == Kind.LIQUIDITY_POOL] = 101.5
    return found


def turned_down(found: View) -> View:
    found.log.events["direction"][found.log.events["kind"] == Kind.CHOCH] = -1
    return found


def against(found: View) -> View:
    down = {"RSI14": 40.0, "MACD_HIST": -0.2, "PLUS_DI14": 5.0, "BB_POSITION20": -0.5}
    columns = dict(found.indicators) | {name: np.full(100, value) for name, value in down.items()}
    return View(found.bars, found.log, columns)


def below_the_zone(found: View) -> View:
    found.bars.close[-1] = 99.5
    return found


def thin(found: View) -> View:
    found.log.events["price_low"] = 99.76
    return found


def no_structure(found: View) -> View:
    return View(found.bars, EventLog(found.log.events[:0], found.log.statuses[:0]), found.indicators)


@pytest.mark.parametrize(
    ("timeframe", "change", "reason"),
    [
        (Timeframe.H4, no_structure, "no trend"),
        (Timeframe.M15, turned_down, "has not shifted up"),
        (Timeframe.M15, no_pull_back, "did not pull back into the discount"),
        (Timeframe.M15, near_liquidity, "pays 1.36R, less than 1.5R"),
        (Timeframe.M15, against, r"Only 2 of 4 families agree \(trend, structure\)"),
        (Timeframe.M5, touched, "No untouched M5 zone"),
        (Timeframe.M5, below_the_zone, "No untouched M5 zone"),
        (Timeframe.M5, thin, "No untouched M5 zone"),
    ],
)
def test_each_missing_condition_is_named(timeframe: Timeframe, change: Callable[[View], View], reason: str) -> None:
    verdict = STRATEGY.evaluate(changed(timeframe, change), 0.01)
    assert verdict.suggestion is None
    with pytest.raises(AssertionError, match=reason):
        raise AssertionError(verdict.reason)


def test_ages_are_counted_in_their_own_bars() -> None:
    young = replace(STRATEGY, shift_bars=10)
    # known at the close of the tenth bar from the end: nine bars ago
    assert young.evaluate(long_setup(), 0.01).suggestion
    assert "older than 9 bars" in replace(STRATEGY, shift_bars=9).evaluate(long_setup(), 0.01).reason
    assert replace(STRATEGY, zone_bars=8).evaluate(long_setup(), 0.01).suggestion
    assert "last 7 bars" in replace(STRATEGY, zone_bars=7).evaluate(long_setup(), 0.01).reason


@settings(max_examples=60, suppress_health_check=[HealthCheck.filter_too_much])
@given(seed=st.integers(0, 2**32 - 1), temper=st.sampled_from(TEMPERS))
def test_promises_on_random_markets(seed: int, temper: str) -> None:
    """Every suggestion: sides, minimum R, votes that give its confidence, and nothing from the future."""
    bars = random_bars(seed, 400, temper, Timeframe.D1)
    strategy = SmcMtf(Timeframe.D1, Timeframe.D1, Timeframe.D1, swing_length=2, minimum_families=0)
    for length in range(60, len(bars) + 1, 20):
        made = scan(strategy, {Timeframe.D1: bars[:length]}, 0.001).verdict.suggestion
        if made is None:
            continue
        assert (made.entry - made.stop) * made.direction > 0
        assert all((target.price - made.entry) * made.direction > 0 for target in made.targets)
        assert made.targets[0].r >= strategy.minimum_r
        assert made.confidence == confidence(made.votes)
        assert made.as_of == bars[:length].as_of
        assert all(item.known_at <= made.as_of for item in made.evidence)
        zone = next(item for item in made.evidence if item.role == "entry zone")
        later = bars[:length].low[bars[:length].time >= zone.known_at] if made.direction > 0 else -bars[:length].high[
            bars[:length].time >= zone.known_at]  # fmt: skip
        assert (later > made.entry * made.direction).all(), "the zone was touched before the signal"


def test_a_scan_of_too_little_says_so() -> None:
    bars = random_bars(1, 10, timeframe=Timeframe.D1)
    strategy = SmcMtf(Timeframe.D1, Timeframe.D1, Timeframe.D1)
    for count in (0, 1, 10):
        verdict = scan(strategy, {Timeframe.D1: bars[:count]}, 0.01).verdict
        assert verdict.suggestion is None
        assert "too few bars" in verdict.reason


class TestParameters:
    def test_stored_parameters_make_the_strategy_and_back(self) -> None:
        made = make_strategy("smc_mtf", {"structure": "W1", "shift": "1d", "entry": 1440, "minimum_r": 2})
        assert made == SmcMtf(Timeframe.W1, Timeframe.D1, Timeframe.D1, minimum_r=2.0)
        assert make_strategy("smc_mtf", made.parameters()) == made

    @pytest.mark.parametrize(
        ("kind", "parameters", "words"),
        [
            ("smc", {}, "use one of smc_mtf"),
            ("smc_mtf", {"swing": 5}, "has no parameter 'swing': use structure, shift, entry"),
            ("smc_mtf", {"entry": "M7"}, "use one of M1, M5"),
            ("smc_mtf", {"minimum_r": "two"}, "must be a number"),
            ("smc_mtf", {"swing_length": 2.5}, "must be a whole number"),
            ("smc_mtf", {"swing_length": 0}, "at least 1"),
            ("smc_mtf", {"structure": "M1"}, "must be the longest"),
            ("smc_mtf", {"minimum_families": 5}, "from 0 to 4"),
        ],
    )
    def test_bad_ones_are_refused_with_what_is_allowed(self, kind: str, parameters: dict[str, Any], words: str) -> None:
        with pytest.raises(ParameterError, match=words):
            make_strategy(kind, parameters)
