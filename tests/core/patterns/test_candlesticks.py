"""Candlesticks: TA-Lib bar for bar, the span and the score of an event, nothing repainted."""

from __future__ import annotations

import numpy as np
import pytest
import talib
from hypothesis import given, settings
from hypothesis import strategies as st

from core.bars import Bars
from core.patterns.candlesticks import CANDLES, KINDS, PENETRATION
from core.patterns.detect import average_true_range, detect
from core.patterns.events import EventLog, Kind
from tests.real_bars import REAL_BARS
from tests.series import TEMPERS, bars_of, random_bars, walks

NAMES = talib.get_function_groups()["Pattern Recognition"]
QUIET = [(10.0, 10.6, 9.4, 10.5), (10.5, 11.1, 9.9, 10.0)] * 10
"""Twenty candles with a body of 0.5 and wicks of about 0.6."""
# the two that no random series brings up
STARS_IN_THE_SOUTH = [(10.0, 10.1, 6.5, 8.5), (8.9, 9.0, 7.2, 8.2), (8.2, 8.2, 7.9, 7.9)]
MAT_HOLD = [(10.0, 12.1, 9.9, 12.0), (12.4, 12.5, 12.1, 12.2), (12.1, 12.2, 11.7, 11.8), (11.9, 12.0, 11.5, 11.6)]
MAT_HOLD += [(11.7, 13.1, 11.6, 13.0)]
STARS = {"CDLABANDONEDBABY", "CDLEVENINGDOJISTAR", "CDLEVENINGSTAR", "CDLMORNINGDOJISTAR", "CDLMORNINGSTAR"}


def candles(bars: Bars) -> EventLog:
    return detect(bars, families=("candlesticks",))


def found(log: EventLog, kind: Kind) -> list[tuple[int, int]]:
    events = log.events[log.of(kind)]
    return sorted(zip(events["end"].tolist(), events["direction"].tolist(), strict=True))


def reference(bars: Bars, name: str) -> list[tuple[int, int]]:
    depth = {"penetration": 0.3} if name in STARS else {}
    if name in ("CDLDARKCLOUDCOVER", "CDLMATHOLD"):
        depth = {"penetration": 0.5}
    output = getattr(talib, name)(bars.open, bars.high, bars.low, bars.close, **depth)
    return [(int(bars.time[i]), int(np.sign(output[i]))) for i in np.flatnonzero(output)]


def test_every_function_of_talib_is_a_kind() -> None:
    assert len(NAMES) == 61
    assert {f"CDL_{name[3:]}" for name in NAMES} == {kind.name for kind in KINDS}
    assert [int(kind) for kind in KINDS] == list(range(101, 162))
    assert {kind.name.replace("CDL_", "CDL") for kind, depth in PENETRATION.items() if depth == 0.3} == STARS


@pytest.mark.parametrize("name", NAMES)
def test_bars_and_signs_equal_talib(name: str) -> None:
    kind = Kind[f"CDL_{name[3:]}"]
    for bars in ALL_BARS:
        assert found(logs()[id(bars)], kind) == reference(bars, name)


def busy_bars(seed: int) -> Bars:
    """Candles of a few sizes with frequent gaps and equal prices, so that rare patterns come up."""
    draw = np.random.default_rng(seed)
    count = 20_000
    body = draw.choice([-3.0, -1.0, -0.1, 0.0, 0.1, 1.0, 3.0], count)
    gap = draw.choice([-1.0, -0.1, 0.0, 0.0, 0.1, 1.0], count)
    open_, close = np.empty(count), np.empty(count)
    last = 1000.0
    for i in range(count):
        open_[i] = last + gap[i] + (1000.0 - last) * 0.01
        close[i] = last = open_[i] + body[i]
    high = np.maximum(open_, close) + draw.choice([0.0, 0.05, 1.0, 3.0], count)
    low = np.minimum(open_, close) - draw.choice([0.0, 0.05, 1.0, 3.0], count)
    return bars_of(list(zip(open_, high, low, close, strict=True)))


ALL_BARS = [random_bars(5, 3000, temper) for temper in TEMPERS] + [make() for make in REAL_BARS.values()]
ALL_BARS += [busy_bars(1), bars_of([*QUIET, *STARS_IN_THE_SOUTH, *QUIET, *MAT_HOLD])]
_LOGS: dict[int, EventLog] = {}


def logs() -> dict[int, EventLog]:
    if not _LOGS:
        _LOGS.update({id(bars): candles(bars) for bars in ALL_BARS})
    return _LOGS


def test_the_series_hold_every_pattern() -> None:
    """Guards the comparison above against comparing nothing with nothing."""
    seen = {kind for log in logs().values() for kind in log.events["kind"].tolist()}
    assert set(map(int, KINDS)) == seen


@settings(max_examples=60)
@given(bars=walks(120), share=st.floats(0, 1))
def test_a_prefix_knows_exactly_what_was_known_then(bars: Bars, share: float) -> None:
    part = bars[: round(share * len(bars))]
    expected = candles(bars).known(part.as_of).events if len(part) else []
    assert candles(part).events.tolist() == list(map(tuple, expected))


@pytest.mark.parametrize("name", REAL_BARS)
def test_every_prefix_of_real_bars(name: str) -> None:
    bars = REAL_BARS[name]()[:300]
    whole = candles(bars)
    for length in range(1, len(bars) + 1):
        assert candles(bars[:length]).events.tolist() == whole.known(bars[:length].as_of).events.tolist()


def test_an_engulfing_spans_its_two_candles() -> None:
    bars = bars_of([*QUIET, (10.0, 10.2, 9.0, 9.2), (9.1, 10.9, 8.8, 10.8)])
    log = candles(bars)
    (event,) = log.events[log.of(Kind.CDL_ENGULFING)][-1:]
    assert (event["start"], event["end"]) == (bars.time[20], bars.time[21])
    assert (event["direction"], event["price_low"], event["price_high"], event["level"]) == (1, 8.8, 10.9, 10.8)
    assert event["known_at"] == bars.close_time[21]
    true_range = average_true_range(bars, 14)[21]
    assert event["score"] == pytest.approx(0.25 + 0.5 * 2.1 / (3 * true_range))


def test_a_falling_candle_inside_a_rising_one_is_no_bullish_engulfing() -> None:
    bars = bars_of([*QUIET, (9.1, 10.9, 8.8, 10.8), (10.5, 10.7, 10.1, 10.2)])
    log = candles(bars)
    assert not (log.events["kind"][log.events["end"] == bars.time[21]] == Kind.CDL_ENGULFING).any()
    (harami,) = log.events[log.of(Kind.CDL_HARAMI)][-1:]
    assert (harami["direction"], harami["end"]) == (-1, bars.time[21])


def test_a_morning_star_spans_three_candles_and_needs_its_penetration() -> None:
    star = [*QUIET, (10.0, 10.1, 7.9, 8.0), (7.5, 7.7, 7.3, 7.6)]
    deep, shallow = bars_of([*star, (8.0, 9.1, 7.9, 9.0)]), bars_of([*star, (7.7, 8.6, 7.6, 8.5)])
    log = candles(deep)
    (event,) = log.events[log.of(Kind.CDL_MORNINGSTAR)]
    assert (event["direction"], event["start"], event["end"]) == (1, deep.time[20], deep.time[22])
    assert (event["price_low"], event["price_high"]) == (7.3, 10.1)
    assert not len(candles(shallow).of(Kind.CDL_MORNINGSTAR))


def test_a_confirmed_hikkake_reaches_back_to_its_first_candle() -> None:
    inside = [(10.0, 11.0, 9.0, 10.5), (10.2, 10.6, 9.5, 10.0), (9.8, 10.2, 9.2, 9.6)]
    bars = bars_of([*QUIET, *inside, (9.6, 10.3, 9.4, 10.2), (10.2, 11.2, 10.1, 11.0)])
    log = candles(bars)
    first, confirmed = log.events[log.of(Kind.CDL_HIKKAKE)][-2:]
    assert (first["direction"], first["start"], first["end"]) == (1, bars.time[20], bars.time[22])
    assert (confirmed["direction"], confirmed["start"], confirmed["end"]) == (1, bars.time[20], bars.time[24])
    assert confirmed["score"] >= 0.5


def test_scores_spans_and_kinds_keep_the_contract() -> None:
    for log in logs().values():
        events = log.events
        assert ((events["score"] >= 0) & (events["score"] <= 1)).all()
        assert (events["start"] <= events["end"]).all()
        assert (events["price_low"] <= events["level"]).all()
        assert (events["level"] <= events["price_high"]).all()
        assert set(np.unique(events["direction"]).tolist()) <= {-1, 1}
    assert set(CANDLES.values()) == {2, 3, 4, 5}


@pytest.mark.parametrize("price", [1e-8, 1e8])
def test_constant_prices_are_doji_and_nothing_else(price: float) -> None:
    flat = bars_of([(price, price, price, price)] * 60)
    kinds = {Kind(kind).name for kind in candles(flat).events["kind"].tolist()}
    expected = {f"CDL_{name[3:]}" for name in NAMES if reference(flat, name)}
    assert kinds == expected
    assert (candles(flat).events["score"] <= 0.25).all()


def test_too_few_bars_have_no_patterns() -> None:
    assert not len(candles(bars_of([])))
    assert not len(candles(bars_of([(1.0, 2.0, 0.5, 1.5)])))
