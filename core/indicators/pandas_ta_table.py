"""The indicators of pandas-ta-classic that TA-Lib lacks: inputs, parameters, warm-up.

pandas-ta's signatures say neither defaults nor bounds, and a value it does not like is silently replaced by its own:
so they are written down here, and the tests hold them to the library.

Left out, and why:

- TOS_STDEVALL fits one line through the whole series: every value depends on bars to come.
- ICHIMOKU's chikou is the close of 26 bars later; the other four columns are causal and are here. DPO and FRACTAL come
  from TA-Lib, where they wait for what they need.
- VP (volume profile) answers with price buckets, not with a value for every bar.
- LONG_RUN, SHORT_RUN, TSIGNALS and XSIGNALS work on other indicators, not on bars.
- CDL_DOJI, CDL_INSIDE, CDL_PATTERN and CDL_Z are candles, see `core.patterns.candlesticks`.
- DM, LINREG, STDEV, UO and so on are TA-Lib's under another name, see `ALIASES`.
- PSAR is SAR; its reversal columns are the difference of neighbouring bars.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.indicators.parameters import Parameter

WarmUp = Callable[[Mapping[str, Any]], int]

LONGEST = 100_000
AVERAGES = ("sma", "ema", "wma", "rma")


@dataclass(frozen=True)
class Entry:
    """One indicator: pandas-ta's function, its inputs in call order, and the bars before its first value.

    `fixed` are arguments that are always passed. `still` is after how many bars of one price there is no value, where
    pandas-ta divides what rounding leaves over (None: it is defined on such prices, or says NaN itself). `power` is
    for functions that compare prices with constants of their own, such as 0.001: they get prices of about a million,
    and their output is brought back by that power of the factor.
    """

    function: str
    family: str
    inputs: str
    warm_up: WarmUp
    parameters: tuple[Parameter, ...] = ()
    fixed: tuple[tuple[str, Any], ...] = ()
    still: WarmUp | None = None
    power: int | None = None


def whole(name: str, default: int, low: int = 1, high: int = LONGEST) -> Parameter:
    """A period or another whole number."""
    return Parameter(name, "int", default, low, high)


def real(name: str, default: float, low: float = 0.001, high: float = 1e6) -> Parameter:
    """A factor."""
    return Parameter(name, "float", default, low, high)


def average(default: str) -> Parameter:
    """A moving average by its name."""
    return Parameter("mamode", "choice", default, choices=AVERAGES)


def length(less: int = 1) -> WarmUp:
    """The length less `less` bars."""
    return lambda given: int(given["length"]) - less


def none(given: Mapping[str, Any]) -> int:
    """Defined from the first bar."""
    return 0


def _length(default: int, low: int = 1) -> tuple[Parameter, ...]:
    return (whole("length", default, low),)


_MACD = (whole("fast", 12), whole("slow", 26), whole("signal", 9))
_KST = tuple(whole(f"roc{i}", roc) for i, roc in enumerate((10, 15, 20, 30), 1))
_KST += tuple(whole(f"sma{i}", sma) for i, sma in enumerate((10, 10, 10, 15), 1))
_SQUEEZE = (whole("mom_length", 12), whole("mom_smooth", 6), average("sma"))


def _slower(given: Mapping[str, Any]) -> int:
    return max(int(given["fast"]), int(given["slow"])) - 1


def _macd(given: Mapping[str, Any]) -> int:
    return _slower(given) + int(given["signal"]) - 1


def _kst(given: Mapping[str, Any]) -> int:
    return max(int(given[f"roc{i}"]) + int(given[f"sma{i}"]) - 1 for i in range(1, 5)) + int(given["signal"]) - 1


def _squeeze(given: Mapping[str, Any]) -> int:
    bands = max(int(given["bb_length"]) - 1, int(given["kc_length"]))
    return max(bands, int(given["mom_length"]) + int(given["mom_smooth"]) - 1)


def _bands(given: Mapping[str, Any]) -> int:
    return min(int(given["bb_length"]), int(given["kc_length"]))


def _ichimoku(given: Mapping[str, Any]) -> int:
    return max(int(given["tenkan"]), int(given["kijun"]), int(given["senkou"])) - 1 + int(given["kijun"])


ENTRIES = (
    Entry("alma", "overlap", "close", length(), (*_length(10), real("sigma", 6.0), real("distribution_offset", 0.85))),
    Entry("fwma", "overlap", "close", length(), _length(10)),
    Entry(
        "hilo",
        "overlap",
        "high low close",
        lambda given: max(int(given["high_length"]), int(given["low_length"])),
        (whole("high_length", 13, 2), whole("low_length", 21, 2), average("sma")),
    ),
    Entry(
        "hwma",
        "overlap",
        "close",
        none,
        (real("na", 0.2, high=0.999), real("nb", 0.1, high=0.999), real("nc", 0.1, high=0.999)),
    ),
    Entry(
        "ichimoku",
        "overlap",
        "high low close",
        _ichimoku,
        (whole("tenkan", 9), whole("kijun", 26), whole("senkou", 52)),
        (("include_chikou", False), ("as_dataframe", True)),
    ),
    Entry("jma", "overlap", "close", length(), (*_length(7), real("phase", 0.0, -100.0, 100.0))),
    Entry("mcgd", "overlap", "close", length(), (*_length(10), real("c", 1.0, high=1.0))),
    Entry("mmar", "overlap", "close", lambda given: int(given["length"]) + 24, _length(10)),
    Entry("pwma", "overlap", "close", length(), _length(10)),
    Entry("rainbow", "overlap", "close", lambda given: 10 * int(given["length"]) - 1, _length(2)),
    Entry("sinwma", "overlap", "close", length(), _length(14)),
    Entry("ssf", "overlap", "close", length(), (*_length(10), whole("poles", 2, 2, 3))),
    Entry("swma", "overlap", "close", length(), _length(10)),
    Entry("vidya", "overlap", "close", length(), _length(14)),
    Entry(
        "amat",
        "trend",
        "close",
        lambda given: _slower(given) + int(given["lookback"]),
        (whole("fast", 8), whole("slow", 21), whole("lookback", 2), average("ema")),
    ),
    Entry(
        "chop",
        "trend",
        "high low close",
        lambda given: int(given["length"]) - 1 + int(given["atr_length"]),
        (*_length(14, 2), whole("atr_length", 1)),
    ),
    Entry(
        "cksp",
        "trend",
        "high low close",
        lambda given: int(given["p"]) + int(given["q"]) - 1,
        (whole("p", 10), real("x", 3.0), whole("q", 20)),
    ),
    Entry("cpr", "trend", "open high low close", lambda given: 1),
    Entry(
        "decay",
        "trend",
        "close",
        length(),
        (*_length(5), Parameter("mode", "choice", "linear", choices=("linear", "exp"))),
    ),
    Entry("decreasing", "trend", "close", length(0), _length(1)),
    Entry("edecay", "trend", "close", length(), _length(5)),
    Entry("increasing", "trend", "close", length(0), _length(1)),
    Entry("pmax", "trend", "high low close", length(0), (*_length(10), real("multiplier", 3.0), average("ema"))),
    Entry("ttm_trend", "trend", "high low close", length(), _length(6), still=length(0)),
    Entry("entropy", "statistics", "close", length(), (*_length(10), real("base", 2.0, 1.001))),
    Entry("kurtosis", "statistics", "close", length(), _length(30, 4), still=length(0)),
    Entry("mad", "statistics", "close", length(), _length(30)),
    Entry("md", "statistics", "close", length(), _length(30)),
    Entry("median", "statistics", "close", length(), _length(30)),
    Entry("quantile", "statistics", "close", length(), (*_length(30), real("q", 0.5, 0.001, 0.999))),
    Entry("skew", "statistics", "close", length(), _length(30, 3), still=length(0)),
    Entry("stderr", "statistics", "close", length(), _length(14, 3)),
    Entry("zscore", "statistics", "close", length(), (*_length(30, 2), real("std", 1.0, 1.0)), still=length(0)),
    Entry("dsp", "cycles", "close", length(), _length(14)),
    Entry("ebsw", "cycles", "close", length(), (whole("length", 40, 39), whole("bars", 10)), still=length(0)),
    Entry(
        "msw",
        "cycles",
        "close",
        lambda given: int(given["period"]),
        (whole("period", 5, 2),),
        still=lambda given: int(given["period"]),
        power=0,
    ),
    Entry("drawdown", "performance", "close", none),
    Entry("log_return", "performance", "close", length(0), _length(1)),
    Entry("percent_return", "performance", "close", length(0), _length(1)),
    Entry(
        "aberration",
        "volatility",
        "high low close",
        lambda given: max(int(given["length"]) - 1, int(given["atr_length"])),
        (*_length(5), whole("atr_length", 15)),
    ),
    Entry("avolume", "volatility", "close", length(0), _length(20, 2)),
    Entry("ce", "volatility", "high low close", length(0), (*_length(22), real("multiplier", 3.0), average("rma"))),
    Entry("hvol", "volatility", "close", length(0), (*_length(20, 2), real("annualization", 252.0))),
    Entry(
        "hwc", "volatility", "close", none, tuple(real(f"n{c}", 0.2 if c == "a" else 0.1, high=0.999) for c in "abcd")
    ),
    Entry("pdist", "volatility", "open high low close", lambda given: 1, power=1),
    Entry(
        "thermo",
        "volatility",
        "high low",
        length(0),
        (*_length(20), real("long", 2.0), real("short", 0.5), average("ema")),
    ),
    Entry("ui", "volatility", "close", lambda given: 2 * (int(given["length"]) - 1), _length(14)),
    Entry(
        "aobv",
        "volume",
        "close volume",
        lambda given: _slower(given) + max(int(given["max_lookback"]), int(given["min_lookback"])),
        (whole("fast", 4), whole("slow", 12), whole("max_lookback", 2), whole("min_lookback", 2), average("ema")),
    ),
    Entry("emv", "volume", "high low volume", lambda given: 1),
    Entry("eom", "volume", "high low close volume", length(0), (*_length(14), real("divisor", 1e8, 1.0, 1e12))),
    Entry(
        "kvo",
        "volume",
        "high low close volume",
        lambda given: _macd(given) + 1,
        (whole("fast", 34), whole("slow", 55), whole("signal", 13), average("ema")),
    ),
    Entry("pvol", "volume", "close volume", none),
    Entry("pvr", "volume", "close volume", lambda given: 1),
    Entry(
        "vfi",
        "volume",
        "close volume",
        lambda given: 2 * int(given["length"]) + 1,
        (*_length(130, 2), real("coef", 0.2), real("vcoef", 2.5), average("ema")),
    ),
    Entry("vosc", "volume", "volume", _slower, (whole("fast", 14), whole("slow", 28))),
    Entry("bias", "momentum", "close", length(), (*_length(26), average("sma"))),
    Entry("brar", "momentum", "open high low close", length(0), _length(26), still=length(0)),
    Entry("cfo", "momentum", "close", length(), _length(9, 2)),
    Entry("cg", "momentum", "close", length(), _length(10)),
    Entry("cti", "momentum", "close", length(), _length(12, 3)),
    Entry(
        "fisher",
        "momentum",
        "high low",
        lambda given: int(given["length"]) + int(given["signal"]) - 1,
        (*_length(9), whole("signal", 1)),
        still=length(0),
        power=0,
    ),
    Entry(
        "inertia",
        "momentum",
        "close",
        lambda given: int(given["length"]) + 2 * int(given["rvi_length"]) - 2,
        (*_length(20, 2), whole("rvi_length", 14, 2), average("ema")),
    ),
    Entry("kst", "momentum", "close", _kst, (*_KST, whole("signal", 9))),
    Entry("lrsi", "momentum", "close", length(), (*_length(14), real("gamma", 0.5, high=0.999)), still=length(0)),
    Entry("pgo", "momentum", "high low close", lambda given: 2 * int(given["length"]) - 1, _length(14)),
    Entry("po", "momentum", "close", length(), _length(14, 2)),
    Entry("psl", "momentum", "close", length(0), _length(12)),
    Entry(
        "qqe",
        "momentum",
        "close",
        lambda given: 5 * int(given["length"]) + int(given["smooth"]) - 3,
        (*_length(14, 2), whole("smooth", 5), real("factor", 4.236), average("ema")),
        still=length(-1),
    ),
    Entry("rsx", "momentum", "close", length(), _length(14, 2)),
    Entry(
        "rvgi",
        "momentum",
        "open high low close",
        lambda given: int(given["length"]) + 2 * int(given["swma_length"]) - 3,
        (*_length(14), whole("swma_length", 4)),
        still=length(0),
    ),
    Entry("slope", "momentum", "close", length(0), _length(1)),
    Entry("smc_sweep", "momentum", "open high low close", length(0), (*_length(15), real("wick_mult", 1.5))),
    Entry(
        "squeeze",
        "momentum",
        "high low close",
        _squeeze,
        (whole("bb_length", 20, 2), real("bb_std", 2.0), whole("kc_length", 20, 2), real("kc_scalar", 1.5), *_SQUEEZE),
        still=_bands,
    ),
    Entry(
        "squeeze_pro",
        "momentum",
        "high low close",
        _squeeze,
        (
            whole("bb_length", 20, 2),
            real("bb_std", 2.0),
            whole("kc_length", 20, 2),
            real("kc_scalar_wide", 2.0),
            real("kc_scalar_normal", 1.5),
            real("kc_scalar_narrow", 1.0),
            *_SQUEEZE,
        ),
        still=_bands,
    ),
    Entry(
        "stc",
        "momentum",
        "close",
        lambda given: _slower(given) + int(given["tclength"]) - 1,
        (whole("tclength", 10), whole("fast", 12), whole("slow", 26), real("factor", 0.5, high=1.0)),
        still=lambda given: int(given["tclength"]),
    ),
    Entry("td_seq", "momentum", "close", lambda given: 4),
    Entry(
        "trixh",
        "momentum",
        "close",
        lambda given: 3 * (int(given["length"]) - 1) + int(given["signal"]),
        (*_length(18), whole("signal", 9)),
    ),
    Entry("vwmacd", "momentum", "close volume", _macd, _MACD),
)

ALIASES = {
    "HL2": "MEDPRICE",
    "HLC3": "TYPPRICE",
    "OHLC4": "AVGPRICE",
    "WCP": "WCLPRICE",
    "LINREG": "LINEARREG",
    "LINREGANGLE": "LINEARREG_ANGLE",
    "LINREGINTERCEPT": "LINEARREG_INTERCEPT",
    "LINREGSLOPE": "LINEARREG_SLOPE",
    "STDEV": "STDDEV",
    "VARIANCE": "VAR",
    "TRUE_RANGE": "TRANGE",
    "UO": "ULTOSC",
    "PSAR": "SAR",
    "ZLMA": "ZLEMA",
}
"""pandas-ta's name of a function that TA-Lib has, and TA-Lib's."""
