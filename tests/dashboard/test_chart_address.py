"""The address of the Charts page: what it says comes back, and what cannot be is one sentence each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.errors import ParameterError
from core.indicators import registry
from core.timeframe import Timeframe
from dashboard.charts.address import ChartView, first_view, read_view, write_view
from dashboard.charts.indicators import choose, pane_outputs, price_outputs, read_chosen
from dashboard.charts.state import arrange

FULL = ChartView(
    symbol=3,
    timeframes=(Timeframe.M15, Timeframe.H1),
    type="point_figure",
    bars=500,
    sync="bars",
    as_of=1_772_460_300_000,
    size=0.00025,
    reversal=2,
    shown=("volume", "levels"),
    indicators=(choose("BBANDS", {"nbdevup": 2.5, "matype": "EMA"}), choose("RSI", {"timeperiod": 7})),
    signal=12,
    trade=4,
)


@pytest.mark.parametrize("view", [FULL, ChartView(), first_view(), replace(FULL, shown=(), indicators=(), as_of=None)])
def test_what_is_written_is_read_again(view: ChartView) -> None:
    assert read_view(write_view(view), first_view()) == (view, [])


def test_every_indicator_is_spelled_and_read_again() -> None:
    for name in registry.names():
        chosen = choose(name)
        assert read_chosen(chosen.spelled) == chosen
        assert bool(price_outputs(name)) != bool(pane_outputs(name))


@pytest.mark.parametrize("spelling", ["60", "H1", "1h", "h1"])
def test_a_timeframe_in_any_spelling(spelling: str) -> None:
    assert read_view({"symbol": "3", "timeframe": spelling}, first_view())[0].timeframes == (Timeframe.H1,)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("timeframe", "x", "'x' is no timeframe: use one of M1, M5, M15, M30, H1, H4, D1, W1."),
        ("symbol", "1 OR 1=1", "'1 OR 1=1' is no symbol: the address wants its number."),
        ("type", "pie", "'pie' is no chart type: use one of candlestick, line, heikin_ashi, renko, point_figure."),
        ("as_of", "yesterday", "'yesterday' is no moment: write it as 2026-03-02T14:05 (UTC)."),
        ("as_of", "0001-01-01T00:00+23:59", "'0001-01-01T00:00+23:59' lies outside of what a chart can show"),
        ("size", "-1", "'-1' is no size of a brick or box: write a price difference above 0."),
        ("size", "nan", "'nan' is no size of a brick or box"),
        ("show", "gaps", "'gaps' is no part of a chart: use one of volume, signals, trades"),
        ("indicators", "RSI~0", "RSI: timeperiod = 0.0 cannot be used; it must be a whole number from 2 to 100000."),
        ("indicators", "RSI~1~2", "RSI takes 1 values, not 2."),
        ("indicators", " ".join(["RSI"] * 11), "11 indicators are too many: choose at most 10."),
    ],
)
def test_what_cannot_be_is_one_sentence_and_changes_nothing(name: str, value: str, sentence: str) -> None:
    view, complaints = read_view({name: value}, FULL)
    assert len(complaints) == 1
    assert complaints[0].startswith(sentence)
    assert view == replace(FULL, as_of=None, signal=None, trade=None)


def test_what_is_a_price_is_drawn_over_the_candles() -> None:
    assert price_outputs("EMA") == ("real",)
    assert price_outputs("BBANDS") == ("upperband", "middleband", "lowerband")
    assert price_outputs("SUPERTREND") == ("supertrend",)
    for name in ("RSI", "MACD", "OBV", "ATR", "ADX", "AD", "NVI", "STOCH"):
        assert price_outputs(name) == ()


def test_an_unknown_indicator_is_refused_by_name() -> None:
    with pytest.raises(ParameterError, match="closest names"):
        read_chosen("BOLINGER~20")


def test_more_charts_take_timeframes_that_fit_the_span() -> None:
    every = tuple(Timeframe)
    assert arrange((Timeframe.M15,), 4, every) == (Timeframe.M15, Timeframe.H1, Timeframe.M30, Timeframe.M5)
    assert arrange((Timeframe.D1,), 4, (Timeframe.D1, Timeframe.W1)) == (Timeframe.D1, Timeframe.W1)
    assert arrange((Timeframe.H4, Timeframe.M5), 1, every) == (Timeframe.H4,)
