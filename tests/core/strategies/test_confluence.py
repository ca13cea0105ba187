"""Indicators that vote: every rule and the strategy worked by hand, and its promises on random markets."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.bars import Bars
from core.errors import ParameterError
from core.indicators.snapshot import INDICATORS
from core.patterns.events import EVENT, STATUS, EventLog, Kind
from core.scan import scan
from core.signals.confidence import confidence
from core.signals.outcome import Plan
from core.strategies.base import View
from core.strategies.columns import parse_column
from core.strategies.confluence import Confluence
from core.strategies.indicator_rules import IndicatorRule, read_rules
from core.strategies.registry import describe, make_strategy
from core.timeframe import Timeframe
from tests.real_bars import sample_bars
from tests.series import TEMPERS, random_bars

NAN = float("nan")
M15, H1 = Timeframe.M15, Timeframe.H1
NOW = 10_000 * H1.ms


def view(timeframe: Timeframe = M15, count: int = 6, events: list[Any] | None = None, **columns: Any) -> View:
    """Bars that stand at 100 and close at NOW; indicators as given, the rest for higher prices."""
    time = NOW - timeframe.ms * np.arange(count, 0, -1)
    close = np.array(columns.pop("CLOSE", [100.0] * count), float)
    bars = Bars(timeframe, time, close.copy(), close + 1, close - 1, close, np.ones(count))
    up = {"EMA20": 99.0, "EMA50": 98.0, "EMA200": 95.0, "RSI14": 60.0, "MACD_HIST": 0.2, "ATR14": 2.0, "ADX14": 30.0,
          "PLUS_DI14": 25.0, "MINUS_DI14": 10.0, "BB_POSITION20": 0.5, "VOLUME_FLOW20": 0.25}  # fmt: skip
    made = {name: np.array(columns.get(name, np.full(count, up[name])), float) for name in INDICATORS}
    return View(bars, EventLog(np.array(events or [], EVENT), np.empty(0, STATUS)), made)


@pytest.mark.parametrize(
    ("rule", "column", "signs"),
    [
        ({"rule": "above", "against": 50}, [NAN, 49, 50, 51, 60, 40], [0, -1, 0, 1, 1, -1]),
        ({"rule": "above", "against": 50, "margin": 5}, [NAN, 44, 45, 55, 56, 40], [0, -1, 0, 0, 1, -1]),
        ({"rule": "below", "against": 50, "margin": 20}, [NAN, 29, 30, 71, 70, 50], [0, 1, 0, -1, 0, 0]),
        ({"rule": "cross", "against": 50}, [NAN, 49, 51, 52, 50, 49], [0, 0, 1, 0, 0, -1]),
        ({"rule": "cross", "against": 50, "bars": 2}, [49, 51, 52, 53, 49, 48], [0, 1, 1, 0, -1, -1]),
        ({"rule": "cross", "against": 50, "bars": 3}, [49, 51, 49, 49, 51, 49], [0, 1, -1, -1, 1, -1]),
        ({"rule": "slope", "bars": 2}, [NAN, 50, 50, 51, 49, 51], [0, 0, 0, 1, -1, 0]),
        ({"rule": "slope", "bars": 2, "margin": 1}, [50, 50, 50, 51, 52, 49], [0, 0, 0, 0, 1, -1]),
        ({"rule": "slope", "bars": 9}, [50, 50, 50, 51, 52, 49], [0] * 6),
    ],
)
def test_each_rule_worked_by_hand(rule, column, signs):
    assert IndicatorRule("RSI14", **rule).signs(view(RSI14=column)).tolist() == signs


def test_a_rule_can_compare_two_columns_and_any_indicator_of_the_registry():
    close = np.linspace(100, 130, 40)
    rising = view(count=40, CLOSE=close)
    assert IndicatorRule("CLOSE", "above", "EMA200").signs(rising)[-1] == 1
    against = IndicatorRule("SMA(3)", "above", "SMA(timeperiod=10)").signs(rising)
    assert against.tolist() == [0] * 9 + [1] * 31
    assert IndicatorRule("MACD(3, 6, 2).macdhist", "slope").signs(rising).shape == (40,)


@pytest.mark.parametrize(
    ("text", "name", "parameters", "output", "family"),
    [
        ("close", "CLOSE", {}, "", "trend"),
        ("RSI14", "RSI14", {}, "", "momentum"),
        ("ema(50)", "EMA", {"timeperiod": 50}, "real", "trend"),
        ("MACD(12, 26, 9).MACDhist", "MACD", {"fastperiod": 12, "slowperiod": 26, "signalperiod": 9}, "macdhist",
         "momentum"),
        ("BBANDS(20, nbdevup=2.5)", "BBANDS", {"timeperiod": 20, "nbdevup": 2.5}, "upperband", "trend"),
        ("OBV", "OBV", {}, "real", "structure"),
        ("NATR", "NATR", {}, "real", "strength"),
    ],
)  # fmt: skip
def test_columns_as_they_are_spelt(text, name, parameters, output, family):
    found = parse_column(text)
    assert (found.name, dict(found.parameters), found.output, found.family) == (name, parameters, output, family)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"indicator": "RSI15X"}, "closest names"),
        ({"indicator": "EMA(1, 2)"}, "too many parameters: timeperiod"),
        ({"indicator": "EMA(length=5)"}, "length"),
        ({"indicator": "EMA(0)"}, "timeperiod"),
        ({"indicator": "EMA(5"}, "spells no indicator"),
        ({"indicator": "MACD.hist"}, "no output 'hist': use macd, macdsignal, macdhist"),
        ({"indicator": "RSI14(5)"}, "takes no parameters"),
        ({"indicator": 5}, "5 is no name"),
        ({"indicator": "RSI14", "rule": "over"}, "use one of above, below, cross, slope"),
        ({"indicator": "RSI14", "against": NAN}, "cannot stand against nan"),
        ({"indicator": "RSI14", "against": "SMAX9"}, "closest names"),
        ({"indicator": "RSI14", "margin": -1}, "at least 0"),
        ({"indicator": "RSI14", "weight": 0}, "weight above 0"),
        ({"indicator": "RSI14", "bars": 0}, "from 1 to 100"),
        ({"indicator": "RSI14", "family": "luck"}, "use one of trend, momentum"),
        ({"indicator": "RSI14", "length": 3}, "no field 'length': use indicator, rule"),
        ({"rule": "above"}, "names its indicator"),
        ("RSI14", "names its indicator"),
    ],
)
def test_rules_that_cannot_be_are_refused(rule, words):
    with pytest.raises(ParameterError, match=words):
        read_rules([rule])


STRATEGY = Confluence(
    timeframes=(H1, M15),
    rules=(IndicatorRule("RSI14", "above", 50.0, weight=3.0), IndicatorRule("MACD_HIST", "above", 0.0)),
)
RSI = [40.0, 60, 60, 40, 60, 60]


def views(hour: dict[str, Any] | None = None, quarter: dict[str, Any] | None = None) -> dict[Timeframe, View]:
    return {H1: view(H1, **(hour or {})), M15: view(M15, **({"RSI14": RSI} | (quarter or {})))}


def test_the_set_up_worked_by_hand():
    verdict = STRATEGY.evaluate(views(), 0.01)
    made = verdict.suggestion
    assert verdict.reason == "Long: H1 +100%, M15 +100%; 4 of 4 families agree."
    # at market, 2 ATR of 2.0 below for the stop
    assert (made.direction, made.entry_type, made.entry, made.stop) == (1, "BUY", 100.0, 96.0)
    assert [(target.name, target.price, target.r) for target in made.targets] == [("2R", 108, 2.0), ("3R", 112, 3.0)]
    assert (made.timeframe, made.as_of, made.expires_at) == (M15, NOW, NOW + 24 * M15.ms)
    # the present agreement began with the fifth bar
    assert made.source_key == f"M15-confluence-+1-{NOW - 2 * M15.ms}"
    rules = [(vote.name, vote.family, vote.vote, vote.weight, vote.strength) for vote in made.votes[:4]]
    assert rules == [
        ("H1 RSI14 above 50", "momentum", 1, 3.0, 1.0),
        ("H1 MACD_HIST above 0", "momentum", 1, 1.0, 1.0),
        ("M15 RSI14 above 50", "momentum", 1, 3.0, 1.0),
        ("M15 MACD_HIST above 0", "momentum", 1, 1.0, 1.0),
    ]
    assert len(made.votes) == 4 + 7
    assert made.confidence == confidence(made.votes)


@pytest.mark.parametrize(
    ("changed", "entry", "kind", "stop"),
    [
        ({"entry": "limit"}, 99.0, "BUY_LIMIT", 95.0),
        ({"entry": "stop", "entry_atr": 1.0}, 102.0, "BUY_STOP", 98.0),
        ({"stop_atr": 0.5}, 100.0, "BUY", 99.0),
        ({"stop": "swing"}, 100.0, "BUY", 94.8),  # a tenth of the ATR behind the swing at 95
    ],
)
def test_entries_and_stops(changed, entry, kind, stop):
    swing = (Kind.SWING_LOW, 1, 0, 0, 95.0, 96.0, 95.0, NOW, 1.0)
    made = replace(STRATEGY, **changed).evaluate(views(quarter={"events": [swing]}), 0.01).suggestion
    assert (made.entry, made.entry_type, made.stop) == (entry, kind, stop)


@pytest.mark.parametrize(
    ("strategy", "hour", "quarter", "reason"),
    [
        ({}, {"RSI14": [40.0] * 6}, {}, r"do not agree on 70% of their votes \(H1 -75%, M15 \+100%\)"),
        ({}, {"MACD_HIST": [0.0] * 6}, {"RSI14": [NAN] * 6}, r"\(H1 \+75%, M15 \+25%\)"),
        ({"minimum_share": 0.8}, {"MACD_HIST": [0.0] * 6}, {}, r"\(H1 \+75%, M15 \+100%\)"),
        ({}, {}, {"ATR14": [NAN] * 6}, "M15 has too few bars"),
        ({}, {"count": 0}, {}, "H1 has too few bars"),
        ({}, {}, {"RSI14": [60.0] * 6}, "M15 has agreed for over 24 bars"),
        ({"stop": "swing"}, {}, {}, "no swing below the entry"),
        ({}, {}, {"ATR14": [0.0] * 6}, "No sensible prices: the stop 100 must be below the entry 100"),
        ({"minimum_families": 4}, {}, {"ADX14": [10.0] * 6, "BB_POSITION20": [-0.5] * 6},
         r"Only 3 of 4 families agree \(trend, momentum, structure\)"),
    ],
)  # fmt: skip
def test_each_missing_condition_is_named(strategy, hour, quarter, reason):
    verdict = replace(STRATEGY, **strategy).evaluate(views(hour, quarter), 0.01)
    assert verdict.suggestion is None
    assert re.search(reason, verdict.reason), verdict.reason


def test_one_agreement_makes_one_signal_however_long_it_lasts():
    def key(rsi):
        return STRATEGY.evaluate(views(quarter={"RSI14": rsi}), 0.01).suggestion.source_key

    # seen by five scans in a row: the bars move back by one each time, and so does the beginning
    for bars_ago in range(1, 6):
        rsi = [40.0] * (6 - bars_ago) + [60.0] * bars_ago
        assert key(rsi) == f"M15-confluence-+1-{NOW - bars_ago * M15.ms}"
    assert key([60.0, 60, 60, 60, 40, 60]) == key([40.0, 40, 40, 40, 40, 60])


def test_an_agreement_older_than_the_window_makes_no_signal_at_each_new_bar():
    """Every scan sees the last 500 bars only, whose first 199 have no EMA(200) to agree with."""
    bars = sample_bars("AAPL", 800)
    strategy = Confluence((Timeframe.D1,), (IndicatorRule("CLOSE", "above", "EMA200"),), minimum_families=0)
    made = []
    for end in range(500, len(bars) + 1):
        found = scan(strategy, {Timeframe.D1: bars[end - 500 : end]}, 0.01).verdict.suggestion
        made.append((found.direction, found.source_key) if found else None)
    pairs = [pair for pair in pairwise(made) if None not in pair and pair[0][0] == pair[1][0]]
    assert len(pairs) > 30
    assert all(before == after for before, after in pairs)
    assert STRATEGY.evaluate(views(quarter={"RSI14": [NAN] * 5 + [60.0]}), 0.01).suggestion is None


@settings(max_examples=40)
@given(
    seed=st.integers(0, 2**32 - 1), temper=st.sampled_from(TEMPERS), kind=st.sampled_from(["market", "limit", "stop"])
)
def test_promises_on_random_markets(seed, temper, kind):
    bars = random_bars(seed, 400, temper, Timeframe.D1)
    strategy = Confluence(timeframes=(Timeframe.D1,), minimum_share=0.5, minimum_families=0, entry=kind)
    for length in range(60, len(bars) + 1, 40):
        verdict = scan(strategy, {Timeframe.D1: bars[:length]}, 0.001).verdict
        assert verdict.reason
        made = verdict.suggestion
        if made is not None:
            for target in made.targets:
                Plan(made.timeframe, made.direction, made.entry_type, made.entry, made.stop, target.price, made.as_of,
                     made.expires_at)  # fmt: skip
            assert made.confidence == confidence(made.votes)
            assert made.as_of == bars[:length].as_of
            assert (
                made.entry_type.endswith({"market": "Y", "limit": "_LIMIT", "stop": "_STOP"}[kind]) or kind == "market"
            )


class TestParameters:
    def test_stored_parameters_make_the_strategy_and_back(self):
        made = make_strategy("confluence", {"timeframes": ["1d", "H4"], "rules": [{"indicator": "EMA(9)", "against":
                             "EMA(21)"}], "targets": [1, 2.5]})  # fmt: skip
        assert made == Confluence((Timeframe.D1, Timeframe.H4), (IndicatorRule("EMA(9)", "above", "EMA(21)"),),
                                  targets=(1.0, 2.5))  # fmt: skip
        assert make_strategy("confluence", made.parameters()) == made
        assert make_strategy("confluence", Confluence().parameters()) == Confluence()

    @pytest.mark.parametrize(
        ("parameters", "words"),
        [
            ({"timeframes": []}, "different ones, at least one"),
            ({"timeframes": ["H4", "4h"]}, "different ones"),
            ({"timeframes": "H4"}, "must be a list"),
            ({"rules": []}, "at least one rule"),
            ({"rules": [{"indicator": "RSI14"}, {"indicator": "RSI14"}]}, "rules must be different"),
            ({"minimum_share": 0.4}, "from 0.5 to 1, not 0.4"),
            ({"entry": "now"}, "'entry' cannot be 'now': use one of market, limit, stop"),
            ({"entry": "limit", "entry_atr": 0}, "distance above 0"),
            ({"targets": [3, 2]}, "targets must rise"),
            ({"targets": ["x"]}, "must be a number"),
            ({"stop_atr": NAN}, "from 0.1 to 20"),
            ({"expiry": 3}, "has no parameter 'expiry': use timeframes, rules"),
        ],
    )
    def test_bad_ones_are_refused(self, parameters, words):
        with pytest.raises(ParameterError, match=words):
            make_strategy("confluence", parameters)

    def test_a_form_can_show_them(self):
        found = {info.name: info for info in describe("confluence")}
        assert (found["entry"].type, found["entry"].choices) == ("choice", ("market", "limit", "stop"))
        assert (found["timeframes"].type, found["timeframes"].default) == ("timeframes", ["H4", "H1", "M15"])
        assert (found["rules"].type, found["rules"].default[0]["indicator"]) == ("rules", "CLOSE")
        assert (found["targets"].type, found["targets"].default) == ("numbers", [2.0, 3.0])
        assert all(info.help for kind in ("confluence", "smc_mtf") for info in describe(kind))
        types = {info.name: info.type for info in describe("smc_mtf")}
        assert (types["structure"], types["swing_length"], types["stop_atr"]) == ("timeframe", "int", "float")
