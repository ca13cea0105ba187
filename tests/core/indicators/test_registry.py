"""The registry: nothing looks ahead, nothing is infinite, nothing is made up, and what is wrong is refused."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pandas_ta_classic as ta
import pytest
import talib
from talib import abstract

from core.bars import Bars, Floats
from core.errors import BarsError, ParameterError
from core.indicators.pandas_ta_table import ALIASES, ENTRIES
from core.indicators.parameters import Value
from core.indicators.registry import IndicatorInfo, compute, describe, names
from core.timeframe import Timeframe
from tests.real_bars import sample_bars
from tests.series import bars_of, random_bars

PRICES = ("open", "high", "low", "close")
WALK, GAPS = random_bars(3, 400), random_bars(9, 400, "gaps")
TALIB_ONLY = [name for name in names() if describe(name).source == "TA-Lib"]
PANDAS_ONLY = [name for name in names() if describe(name).source != "TA-Lib"]


def variants(info: IndicatorInfo) -> list[dict[str, Value]]:
    """The defaults, and everything about halved and nearly doubled."""
    found: list[dict[str, Value]] = [{}]
    for share in (0.5, 1.7):
        values: dict[str, Value] = {}
        for parameter in info.parameters:
            if parameter.kind == "choice":
                continue
            value = min(max(float(parameter.default) * share, parameter.low), parameter.high)
            values[parameter.name] = round(value) if parameter.kind == "int" else value
        found.append(values)
    return found if info.parameters else found[:1]


def scaled(bars: Bars, factor: float) -> Bars:
    return replace(bars, **{name: getattr(bars, name) * factor for name in PRICES})


@pytest.mark.parametrize("name", names())
def test_no_value_depends_on_later_bars(name: str) -> None:
    info = describe(name)
    for values in variants(info):
        warm_up = info.warm_up(values)
        for bars in (WALK, GAPS):
            whole = compute(bars, name, values)
            for count in {1, warm_up, warm_up + 1, warm_up + 2, warm_up + 17, 251} - {0}:
                part = compute(bars[:count], name, values)
                assert list(part) == list(whole) == list(info.outputs)
                for output in part:
                    np.testing.assert_allclose(
                        part[output], whole[output][:count], rtol=1e-9, atol=1e-9, err_msg=f"{name}.{output} {values}"
                    )


@pytest.mark.parametrize("name", names())
def test_the_warm_up_is_told(name: str) -> None:
    """NaN before it; and from it on every output that once begins is there, but for those that come and go."""
    info = describe(name)
    columns = compute(WALK, name)
    warm_up = info.warm_up()
    assert all(np.isnan(column[:warm_up]).all() for column in columns.values())
    assert all(column.shape == (len(WALK),) for column in columns.values())
    for output, column in columns.items():
        begun = np.flatnonzero(np.isfinite(column))
        if len(begun) == len(WALK) - (begun[0] if len(begun) else 0):
            assert begun[0] == warm_up, output
        else:
            assert name in COME_AND_GO, output


COME_AND_GO = {"ACOS", "ASIN", "HILO", "QQE", "EMV", "EOM", "TD_SEQ"}
"""Columns of one side only, a logarithm of no bars, arcs of numbers above one, ratios of a bar without range."""


def extremes() -> dict[str, Bars]:
    flat = bars_of([(12.3, 12.3, 12.3, 12.3)] * 400)
    halts = random_bars(4, 400, "flat")
    return {
        "constant": flat,
        "constant tiny": scaled(flat, 1e-9),
        "constant huge": scaled(flat, 1e7),
        "halts": halts,
        "no volume": replace(WALK, volume=np.zeros(400)),
        "no volume at first": replace(WALK, volume=np.where(np.arange(400) < 200, 0.0, WALK.volume)),
        "tiny": scaled(WALK, 1e-10),
        "huge": scaled(WALK, 1e6),
        "spikes": random_bars(5, 400, "spikes"),
    }


EXTREMES = extremes()


@pytest.mark.parametrize("name", names())
def test_nothing_is_infinite(name: str) -> None:
    for case, bars in EXTREMES.items():
        for output, column in compute(bars, name).items():
            assert not np.isinf(column).any(), (case, output)


# They measure the price itself, not its moves, so that their value depends on the currency.
OF_THE_UNIT = {"ACOS", "ASIN", "ATAN", "CEIL", "COS", "COSH", "EXP", "FLOOR", "LN", "LOG10", "SIN", "SINH", "SQRT"}
OF_THE_UNIT |= {"TAN", "TANH", "LINEARREG_ANGLE", "DECAY"}


@pytest.mark.parametrize("name", [name for name in names() if name not in OF_THE_UNIT])
def test_the_currency_makes_no_difference(name: str) -> None:
    """Prices of 1e-8 and 1e8 give what prices of 100 give, to the power of the factor that the output has."""
    usual, tiny, huge = (compute(bars, name) for bars in (WALK, scaled(WALK, 2.0**-33), scaled(WALK, 2.0**20)))
    for output, column in usual.items():
        agree = [
            np.allclose(tiny[output] * 2.0 ** (33 * power), column, rtol=1e-6, atol=1e-9, equal_nan=True)
            and np.allclose(huge[output] / 2.0 ** (20 * power), column, rtol=1e-6, atol=1e-9, equal_nan=True)
            for power in (-1, 0, 1, 2)
        ]
        assert any(agree), output


@pytest.mark.parametrize(
    "name",
    [
        "RSI",
        "STOCH",
        "STOCHF",
        "STOCHRSI",
        "KDJ",
        "WILLR",
        "MFI",
        "ULTOSC",
        "VORTEX",
        "ER",
        "CORREL",
        "BETA",
        "HT_DCPERIOD",
        "HT_DCPHASE",
        "HT_SINE",
        "HT_TRENDMODE",
        "SKEW",
        "KURTOSIS",
        "ZSCORE",
        "FISHER",
        "MSW",
        "STC",
        "EBSW",
        "LRSI",
        "RVGI",
        "BRAR",
        "TTM_TREND",
        "SQUEEZE",
    ],
)
def test_prices_that_do_not_move_have_no_oscillator(name: str) -> None:
    """Zero divided by zero is not an extreme reading."""
    for case in ("constant", "constant tiny", "constant huge"):
        assert all(np.isnan(column).all() for column in compute(EXTREMES[case], name).values()), case


def test_a_halt_after_moves_keeps_the_rsi_and_clears_the_stochastic() -> None:
    moves = [
        (float(p), p + 1.0, p - 1.0, float(p)) for p in (10, 11, 12, 11, 13, 12, 14, 13, 15, 14, 16, 15, 17, 16, 18, 17)
    ]
    bars = bars_of([*moves, *[(17.0, 17.0, 17.0, 17.0)] * 30])
    strength = compute(bars, "RSI")["real"]
    assert strength[-1] == pytest.approx(strength[15])
    stochastic = compute(bars, "STOCH")["slowk"]
    assert np.isfinite(stochastic[8:20]).all()
    assert np.isnan(stochastic[20:]).all()


def test_volume_indicators_without_volume() -> None:
    dry = EXTREMES["no volume"]
    for name in ("VWAP", "VWMA", "MFI", "RVOL"):
        assert np.isnan(compute(dry, name)["real"]).all(), name
    assert (compute(dry, "OBV")["real"] == 0).all()
    late = compute(EXTREMES["no volume at first"], "VWAP")["real"]
    assert np.isnan(late[:200]).all()
    assert np.isfinite(late[200:]).all()


@pytest.mark.parametrize("name", TALIB_ONLY)
def test_values_are_talibs(name: str) -> None:
    frame = {column: getattr(WALK, column) for column in (*PRICES, "volume")}
    expected = abstract.Function(name)(frame)
    expected = expected if isinstance(expected, list) else [expected]
    for ours, theirs in zip(compute(WALK, name).values(), expected, strict=True):
        warm_up = describe(name).warm_up()
        np.testing.assert_array_equal(ours[warm_up:], np.asarray(theirs, dtype=np.float64)[warm_up:])


def library(bars: Bars) -> dict[str, tuple[dict[str, object], dict[str, Floats]]]:
    """Name -> parameters, output -> pandas-ta's own computation of it, without TA-Lib."""
    index = pd.to_datetime(bars.time, unit="ms", utc=True)
    frame = bars.frame().set_index(index)
    high, low, close, volume = frame["high"], frame["low"], frame["close"], frame["volume"]
    bands = ta.bbands(close, 20, 2.0, ddof=0, talib=False)
    crossing = ta.macd(close, 12, 26, 9, talib=False)
    slow = ta.stoch(high, low, close, 14, 3, 3, talib=False)
    directional = ta.adx(high, low, close, 14, talib=False)

    def column(table: pd.DataFrame, start: str) -> Floats:
        return table[next(name for name in table.columns if name.startswith(start))].to_numpy()

    return {
        "SMA": ({"timeperiod": 20}, {"real": ta.sma(close, 20, talib=False).to_numpy()}),
        "EMA": ({"timeperiod": 20}, {"real": ta.ema(close, 20, talib=False).to_numpy()}),
        "WMA": ({"timeperiod": 20}, {"real": ta.wma(close, 20, talib=False).to_numpy()}),
        "RSI": ({}, {"real": ta.rsi(close, 14, talib=False).to_numpy()}),
        "ATR": ({}, {"real": ta.atr(high, low, close, 14, talib=False).to_numpy()}),
        "OBV": ({}, {"real": ta.obv(close, volume, talib=False).to_numpy()}),
        "CCI": ({}, {"real": ta.cci(high, low, close, 14, talib=False).to_numpy()}),
        "WILLR": ({}, {"real": ta.willr(high, low, close, 14, talib=False).to_numpy()}),
        "ROC": ({}, {"real": ta.roc(close, 10, talib=False).to_numpy()}),
        "BBANDS": (
            {"timeperiod": 20},
            {f"{side}band": column(bands, f"BB{side[0].upper()}_") for side in ("upper", "middle", "lower")},
        ),
        "MACD": (
            {},
            {
                "macd": column(crossing, "MACD_"),
                "macdsignal": column(crossing, "MACDs"),
                "macdhist": column(crossing, "MACDh"),
            },
        ),
        "STOCH": (
            {"fastk_period": 14, "slowk_period": 3, "slowd_period": 3},
            {"slowk": column(slow, "STOCHk"), "slowd": column(slow, "STOCHd")},
        ),
        "ADX": ({}, {"real": column(directional, "ADX_")}),
        "PLUS_DI": ({}, {"real": column(directional, "DMP")}),
        "MINUS_DI": ({}, {"real": column(directional, "DMN")}),
    }


@pytest.mark.parametrize("bars", [sample_bars("IBM", 800), random_bars(3, 800)], ids=["IBM", "walk"])
def test_the_main_indicators_agree_with_an_independent_implementation(bars: Bars) -> None:
    for name, (values, expected) in library(bars).items():
        ours = compute(bars, name, values)
        for output, theirs in expected.items():
            # Averages may start from different seeds; after 600 bars the seed has faded out.
            reference = theirs[600:] - (theirs[599] - ours[output][599] if name == "OBV" else 0)
            np.testing.assert_allclose(ours[output][600:], reference, rtol=1e-6, atol=1e-7, err_msg=f"{name}.{output}")


def test_supertrend_is_the_standard_recursion() -> None:
    """By hand, since pandas-ta's turns on other bars now and then."""
    bars = random_bars(8, 600, "gaps")
    ours = compute(bars, "SUPERTREND", {"timeperiod": 10, "multiplier": 3.0})
    line, direction = _supertrend(bars, 10, 3.0)
    np.testing.assert_allclose(ours["supertrend"][10:], line[10:], rtol=1e-12)
    np.testing.assert_array_equal(ours["trend"][10:], direction[10:])


def _supertrend(bars: Bars, period: int, factor: float) -> tuple[Floats, Floats]:
    """Wilder's ATR around the middle of the bar; a band only tightens until the close crosses it."""
    high, low, close = bars.high, bars.low, bars.close
    before = np.concatenate([[np.nan], close[:-1]])
    true_range = np.fmax(high - low, np.fmax(abs(high - before), abs(low - before)))
    count = len(bars)
    atr, line, direction = np.full(count, np.nan), np.full(count, np.nan), np.full(count, np.nan)
    atr[period] = true_range[1 : period + 1].mean()
    upper = lower = 0.0
    for t in range(period, count):
        if t > period:
            atr[t] = (atr[t - 1] * (period - 1) + true_range[t]) / period
        middle, reach = (high[t] + low[t]) / 2, factor * atr[t]
        if t == period:
            upper, lower, now = middle + reach, middle - reach, 1
        else:
            upper = middle + reach if middle + reach < upper or close[t - 1] > upper else upper
            lower = middle - reach if middle - reach > lower or close[t - 1] < lower else lower
            now = -1 if now > 0 and close[t] < lower else 1 if now < 0 and close[t] > upper else now
        line[t], direction[t] = (lower if now > 0 else upper), now
    return line, direction


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.function)
def test_the_defaults_are_pandas_tas_own(entry: object) -> None:
    index = pd.to_datetime(WALK.time, unit="ms", utc=True)
    columns = {
        "open_" if name == "open" else name: pd.Series(getattr(WALK, name), index) for name in entry.inputs.split()
    }
    found = getattr(ta, entry.function)(**columns, **dict(entry.fixed))
    table = found.to_numpy(np.float64).reshape(len(WALK), -1).copy()
    ours = compute(WALK, entry.function)
    warm_up = describe(entry.function).warm_up()
    assert len(ours) == table.shape[1]
    if entry.power is None:
        table[~np.isfinite(table)] = np.nan
        for column, theirs in zip(ours.values(), table.T, strict=True):
            np.testing.assert_allclose(column[warm_up:], theirs[warm_up:], rtol=1e-9, atol=1e-12)


def test_every_function_of_talib_is_here_or_left_out_on_purpose() -> None:
    candles = set(talib.get_function_groups()["Pattern Recognition"])
    assert set(TALIB_ONLY) == set(talib.get_functions()) - candles - {"MAVP"}
    left_out = {"VP", "LONG_RUN", "SHORT_RUN", "TSIGNALS", "XSIGNALS", "TOS_STDEVALL", "DM"}
    left_out |= {"CDL_DOJI", "CDL_INSIDE", "CDL_PATTERN", "CDL_Z"}
    everything = {name.upper() for group in ta.Category.values() for name in group}
    assert everything - {"MAVP"} == (set(names()) | left_out | set(ALIASES)) & everything
    assert len(names()) == len(TALIB_ONLY) + len(PANDAS_ONLY) > 200


def test_a_description_says_what_can_be_set() -> None:
    info = describe("bbands")
    assert (info.name, info.family, info.source, info.inputs) == ("BBANDS", "overlap", "TA-Lib", ("close",))
    assert info.outputs == ("upperband", "middleband", "lowerband")
    period, up, _, kind = info.parameters
    assert (period.name, period.kind, period.default, period.low, period.high) == ("timeperiod", "int", 20, 2, 100_000)
    assert (up.kind, up.default) == ("float", 2.0)
    assert (kind.name, kind.default) == ("matype", "SMA")
    assert (info.warm_up(), info.warm_up({"timeperiod": 50}), info.warm_up({"matype": "TEMA"})) == (19, 49, 57)
    assert describe("HL2").name == "MEDPRICE"
    assert describe("MACD").warm_up() == 33


def test_a_moving_average_is_named_or_numbered() -> None:
    named, numbered = (compute(WALK, "MA", {"matype": kind})["real"] for kind in ("wma", 2))
    np.testing.assert_array_equal(named, numbered)
    np.testing.assert_array_equal(named, compute(WALK, "WMA")["real"])


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("BBAND", {}, "no indicator 'BBAND'; the closest names are BBANDS"),
        ("SUPER TREND", {}, "SUPERTREND"),
        ("", {}, "no indicator ''"),
        ("BBANDS", {"period": 20}, "no parameter 'period'; it takes timeperiod"),
        ("OBV", {"timeperiod": 20}, "none at all"),
        ("SMA", {"timeperiod": 0}, "timeperiod = 0 cannot be used; it must be a whole number from 1 to 100000"),
        ("SMA", {"timeperiod": 2.5}, "whole number"),
        ("SMA", {"timeperiod": "20"}, "whole number"),
        ("SMA", {"timeperiod": True}, "whole number"),
        ("SMA", {"timeperiod": None}, "whole number"),
        ("BBANDS", {"nbdevup": float("nan")}, "nbdevup = nan cannot be used; it must be a number"),
        ("MA", {"matype": "XMA"}, "one of SMA, EMA, WMA"),
        ("MA", {"matype": 99}, "one of SMA, EMA, WMA"),
        ("MAMA", {"fastlimit": 2.0}, "a number from 0.01 to 0.99"),
        ("KST", {"roc1": 0}, "roc1 = 0"),
        ("CE", {"mamode": "magic"}, "one of sma, ema, wma, rma"),
        ("AOBV", {"fast": 12}, "AOBV gives no usable columns"),
    ],
)
def test_what_is_wrong_is_refused_with_the_allowed_named(
    name: str, parameters: dict[str, object], message: str
) -> None:
    with pytest.raises(ParameterError, match=message):
        compute(WALK, name, parameters)


def test_bars_that_break_their_contract_are_refused() -> None:
    broken = replace(WALK, close=np.where(np.arange(400) == 7, np.nan, WALK.close))
    with pytest.raises(BarsError, match="bar 7"):
        compute(broken, "SMA")


@pytest.mark.parametrize("name", names())
def test_no_bars_and_one_bar_are_no_error(name: str) -> None:
    for count in (0, 1):
        assert all(len(column) == count for column in compute(WALK[:count], name).values())


def test_pandas_ta_is_loaded_only_when_asked_for() -> None:
    code = "import sys, core.indicators.registry as r; r.names(); r.describe('RSI'); print(*sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "talib" in answer.stdout.split()
    assert "pandas_ta_classic" not in answer.stdout.split()


def test_weekly_bars_do_too() -> None:
    assert len(compute(random_bars(1, 60, timeframe=Timeframe.W1), "ICHIMOKU", {"senkou": 10})["isa"]) == 60
