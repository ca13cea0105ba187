"""Entry points: one pattern of each sort worked by hand, what is no entry any more, and promises on random markets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.bars import Bars
from core.indicators.snapshot import indicators
from core.patterns.detect import detect
from core.patterns.events import EVENT, STATUS, EventLog, Kind, Status
from core.patterns.families import ALL
from core.signals.confidence import band, confidence
from core.signals.entry_points import EntryPoint, entry_point, entry_points
from core.signals.entry_rules import NEUTRAL, RULES
from core.signals.outcome import Plan
from core.strategies.base import View
from core.timeframe import Timeframe
from tests.series import TEMPERS, random_bars

M15, H4 = Timeframe.M15, Timeframe.H4
COUNT = 20
UP = {"EMA20": 99.0, "EMA50": 98.0, "EMA200": 95.0, "RSI14": 60.0, "MACD_HIST": 0.2, "ATR14": 2.0, "ADX14": 30.0,
      "PLUS_DI14": 25.0, "MINUS_DI14": 10.0, "BB_POSITION20": 0.5, "VOLUME_FLOW20": 0.25}  # fmt: skip


def event(kind: Kind, low: float, high: float, level: float, *, direction: int = 1, age: int = 1, score: float = 0.5):
    """An event known at the close of the bar `age` bars from the end."""
    end = (COUNT - age) * M15.ms
    return (kind, direction, end - 2 * M15.ms, end, low, high, level, end + M15.ms, score)


def view(
    *events: Any, statuses: tuple[tuple[int, Status], ...] = (), timeframe: Timeframe = M15, **lows: float
) -> View:
    """Twenty bars that stand at 100, 99.5 to 100.5, with an ATR of 2; `bar_5=98` gives a bar another low."""
    time = np.arange(COUNT, dtype=np.int64) * timeframe.ms
    close = np.full(COUNT, 100.0)
    bars = Bars(timeframe, time, close, close + 0.5, close - 0.5, close.copy(), np.ones(COUNT))
    for name, low in lows.items():
        bars.low[int(name.removeprefix("bar_"))] = low
    became = np.array([(at, status, COUNT * M15.ms) for at, status in statuses], STATUS)
    columns = {name: np.full(COUNT, value) for name, value in UP.items()}
    return View(bars, EventLog(np.array(list(events), EVENT), became), columns)


def point(*events: Any, tick: float = 0.01, **more: Any) -> EntryPoint | str:
    return entry_point({M15: view(*events, **more)}, M15, 0, tick)


@pytest.mark.parametrize(
    ("made", "entry", "stop", "target", "kind"),
    [
        # limit at the near edge 98; 0.1 ATR of 2 below 97; two risks of 1.2 above
        (event(Kind.ORDER_BLOCK, 97, 98, 98, age=5), 98.0, 96.8, 100.4, "BUY_LIMIT"),
        (event(Kind.FAIR_VALUE_GAP, 102, 103, 102, direction=-1), 102.0, 103.2, 99.6, "SELL_LIMIT"),
        # half an ATR below the lowest of its swings
        (event(Kind.LEVEL, 98.8, 99.2, 99, age=9), 99.0, 97.8, 101.4, "BUY_LIMIT"),
        (event(Kind.LEVEL_BREAK, 99, 100, 99), 99.0, 98.0, 101.0, "BUY_LIMIT"),
        (event(Kind.BOS, 100, 101, 101, direction=-1), 101.0, 102.0, 99.0, "SELL_LIMIT"),
        (event(Kind.CHOCH, 99, 100, 99), 99.0, 98.0, 101.0, "BUY_LIMIT"),
        # one tick above the retesting bar; 0.1 ATR below it or the level, whichever is lower
        (event(Kind.LEVEL_RETEST, 99.5, 100.5, 99.4), 100.51, 99.2, 103.13, "BUY_STOP"),
        (event(Kind.LEVEL_RETEST, 99.5, 100.5, 100.2, direction=-1), 99.49, 100.7, 97.07, "SELL_STOP"),
        (event(Kind.SWEEP, 98.5, 100.5, 99), 100.0, 98.3, 103.4, "BUY"),
        (event(Kind.SWEEP, 99.5, 101.5, 101, direction=-1), 100.0, 101.7, 96.6, "SELL"),
        # neckline 99.5, bottom 95.5, top 99.5: 4 high, so the middle is 97.5 and the measured move 103.5
        (event(Kind.DOUBLE_BOTTOM, 95.5, 99.5, 99.5), 100.0, 97.5, 103.5, "BUY"),
        (event(Kind.DOUBLE_BOTTOM, 95.5, 99.5, 99.5, age=4), 99.5, 97.5, 103.5, "BUY_LIMIT"),
        (event(Kind.HEAD_AND_SHOULDERS, 100.5, 106.5, 100.5, direction=-1), 100.0, 103.5, 94.5, "SELL"),
        (event(Kind.CDL_HAMMER, 98, 100.2, 100), 100.21, 97.8, 105.03, "BUY_STOP"),
        (event(Kind.CDL_ENGULFING, 99.8, 101, 100, direction=-1), 99.79, 101.2, 96.97, "SELL_STOP"),
    ],
)  # fmt: skip
def test_each_pattern_worked_by_hand(made, entry, stop, target, kind):
    found = point(made)
    assert isinstance(found, EntryPoint), found
    assert (found.entry, found.stop, found.target, found.entry_type) == (entry, stop, target, kind)
    assert found.reward_risk == pytest.approx((target - entry) / (entry - stop), abs=1e-4)


def test_the_next_liquidity_is_the_target_when_it_pays():
    block = event(Kind.ORDER_BLOCK, 97, 98, 98)
    assert point(block, event(Kind.SWING_HIGH, 104, 105, 105.0, direction=-1)).target == 105.0
    # 99 pays 1 / 1.2, less than 1R
    assert point(block, event(Kind.LIQUIDITY_POOL, 98.9, 99, 99.0)).target == 100.4


@pytest.mark.parametrize(
    ("made", "more", "why"),
    [
        (event(Kind.ORDER_BLOCK, 97, 98, 98), {"statuses": ((0, Status.MITIGATED),)}, "back in the zone"),
        (event(Kind.FAIR_VALUE_GAP, 97, 98, 98), {"statuses": ((0, Status.TOUCHED),)}, "back in the zone"),
        (event(Kind.ORDER_BLOCK, 100.5, 101, 101), {}, "beyond the stop"),
        (event(Kind.ORDER_BLOCK, 99, 100, 100), {}, "at the entry already"),
        (event(Kind.LEVEL, 99, 99, 99), {"statuses": ((0, Status.BROKEN),)}, "level is broken"),
        (event(Kind.LEVEL_BREAK, 99, 100, 99, age=5), {"bar_17": 98.9}, "has been retested"),
        (event(Kind.LEVEL_RETEST, 99.5, 100.5, 99.4, age=4), {}, "older than 3 bars"),
        (event(Kind.SWEEP, 98.5, 100.5, 99, age=4), {}, "older than 3 bars"),
        (event(Kind.CDL_HAMMER, 98, 100.2, 100, age=4), {}, "older than 3 bars"),
        (event(Kind.CDL_HAMMER, 98, 99.2, 99, age=2), {}, "left the pattern already"),
        (event(Kind.CDL_HAMMER, 101, 102, 101.5, age=2), {}, "beyond the stop"),
        (event(Kind.DOUBLE_BOTTOM, 95.5, 99.5, 99.5), {"statuses": ((0, Status.INVALIDATED),)}, "met its target or"),
        (event(Kind.DOUBLE_BOTTOM, 97.5, 98.5, 98.5), {}, "target has been passed"),
        (event(Kind.CDL_DOJI, 99.5, 100.5, 100), {}, "no entry by itself"),
        (event(Kind.SWING_LOW, 97, 98, 97), {}, "no entry by itself"),
    ],
)
def test_what_is_no_entry_says_why(made, more, why):
    found = point(made, **more)
    assert isinstance(found, str), found
    assert why in found


def test_too_few_bars_give_none():
    few = view(event(Kind.ORDER_BLOCK, 97, 98, 98))
    few.indicators["ATR14"][-1] = np.nan
    assert entry_points({M15: few}, M15, 0.01) == []
    empty = View(few.bars[:0], few.log, {name: column[:0] for name, column in few.indicators.items()})
    assert entry_points({M15: empty}, M15, 0.01) == []


def test_confidence_structure_and_context_worked_by_hand():
    own = view(event(Kind.ORDER_BLOCK, 97, 98, 98), event(Kind.BOS, 99.9, 100, 99.9, age=3))
    above = view(event(Kind.CHOCH, 99, 100, 100, direction=-1), timeframe=H4)
    found = entry_point({M15: own, H4: above}, M15, 0, 0.01)
    assert (found.structure, found.context) == (1, ((H4, -1),))
    votes = [(vote.name, vote.vote, vote.weight, vote.strength) for vote in found.votes[:3]]
    assert votes == [("M15 order block", 1, 2.0, 0.75), ("M15 trend", 1, 2.0, 1.0), ("H4 trend", -1, 1.0, 1.0)]
    # the indicators: flat EMA(50) abstains; 5 above EMA(200) is full; 0.5, 0.4, 0.6, 0.5 and 0.5 as they stand
    assert found.confidence == pytest.approx((2 * 0.75 + 2 + 1 + 0.5 + 0.4 + 0.6 + 0.5 + 0.5) / 12, abs=5e-5)
    assert found.band == band(found.confidence)


def test_the_surest_comes_first():
    blocks = [
        event(Kind.ORDER_BLOCK, 97, 98, 98, score=score, age=age) for score, age in ((0.2, 3), (0.9, 2), (0.5, 1))
    ]
    found = entry_points({M15: view(*blocks)}, M15, 0.01)
    assert [item.event for item in found] == [1, 2, 0]


def test_every_kind_is_either_traded_or_named_as_neutral():
    candles = {kind for kind in Kind if kind.name.startswith("CDL_")}
    assert len(candles) == 61
    assert candles == (set(RULES) & candles) | NEUTRAL
    assert set(range(Kind.HEAD_AND_SHOULDERS, Kind.BEAR_FLAG + 1)) & set(map(int, Kind)) <= set(map(int, RULES))


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), temper=st.sampled_from(TEMPERS))
def test_promises_on_random_markets(seed, temper):
    whole = random_bars(seed, 300, temper)
    for count in range(60, 301, 60):
        bars = whole[:count]
        views = {M15: View(bars, detect(bars, families=ALL), indicators(bars))}
        for found in entry_points(views, M15, 0.001):
            Plan(
                M15,
                found.direction,
                found.entry_type,
                found.entry,
                found.stop,
                found.target,
                bars.as_of,
                bars.as_of + 1,
            )
            assert found.known_at <= bars.as_of
            assert found.confidence == confidence(found.votes)
            assert found.reward_risk > 0
            ahead = (found.entry - bars.close[-1]) * found.direction
            assert found.entry_type.removeprefix("BUY").removeprefix("SELL") == (
                "" if ahead == 0 else "_STOP" if ahead > 0 else "_LIMIT"
            )


def test_all_six_entry_types_occur():
    types = set()
    for seed in range(6):
        bars = random_bars(seed, 300)
        for count in range(100, 301, 10):
            part = bars[:count]
            views = {M15: View(part, detect(part, families=ALL), indicators(part))}
            types |= {found.entry_type for found in entry_points(views, M15, 0.001)}
    assert types == {"BUY", "SELL", "BUY_LIMIT", "SELL_LIMIT", "BUY_STOP", "SELL_STOP"}
