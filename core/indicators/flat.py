"""Where an indicator of TA-Lib is not defined because nothing moved or nothing was traded.

TA-Lib answers such a division of zero by zero with a number, mostly 0. Where that number would be read as a value (an
RSI of 0 is an extreme, not "no movement") the registry says NaN. Where 0 says the same as "nothing happened" (CCI, CMO,
ADX, MOM ...) it stays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numba import njit
from numpy.typing import NDArray

from core.bars import Bars, Floats, Times
from core.indicators.engine import talib
from core.indicators.parameters import Value

Undefined = Callable[[Bars, Mapping[str, Value]], NDArray[np.bool_]]


@njit(cache=True)
def unmoved(top: Floats, bottom: Floats) -> Times:
    """For each bar the number of bars, itself included, over which one price stood still (top equals bottom)."""
    run = np.zeros(len(top), dtype=np.int64)
    for t in range(len(top)):
        if top[t] == bottom[t]:
            run[t] = run[t - 1] + 1 if t > 0 and run[t - 1] > 0 and top[t] == top[t - 1] else 1
    return run


@njit(cache=True)
def within(found: NDArray[np.bool_], span: int) -> NDArray[np.bool_]:
    """Whether any of the last `span` entries, the own one included, is true."""
    out = np.zeros(len(found), dtype=np.bool_)
    last = -span
    for t in range(len(found)):
        if found[t]:
            last = t
        out[t] = t - last < span
    return out


def _still(bars: Bars, count: int) -> NDArray[np.bool_]:
    """High and low have been one price for `count` bars."""
    return unmoved(bars.high, bars.low) >= count


def _rsi(bars: Bars, given: Mapping[str, Value]) -> NDArray[np.bool_]:
    run = unmoved(bars.close, bars.close)
    return (run > int(given["timeperiod"])) & (talib.RSI(bars.close, int(given["timeperiod"])) == 0)


def _stochastic(*smoothing: str) -> Undefined:
    def undefined(bars: Bars, given: Mapping[str, Value]) -> NDArray[np.bool_]:
        span = 1 + sum(int(given[name]) - 1 for name in smoothing)
        return within(_still(bars, int(given["fastk_period"])), span)

    return undefined


def _stochastic_rsi(bars: Bars, given: Mapping[str, Value]) -> NDArray[np.bool_]:
    strength = talib.RSI(bars.close, int(given["timeperiod"]))
    flat = unmoved(strength, strength) >= int(given["fastk_period"])
    return within(flat, int(given["fastd_period"]))


def _one_price(name: str) -> Undefined:
    return lambda bars, given: _still(bars, int(given[name]))


def _true_range(name: str, extra: int = 1) -> Undefined:
    return lambda bars, given: _still(bars, int(given[name]) + extra)


def _no_path(bars: Bars, given: Mapping[str, Value]) -> NDArray[np.bool_]:
    return unmoved(bars.close, bars.close) > int(given["timeperiod"])


def _no_variance(extra: int) -> Undefined:
    def undefined(bars: Bars, given: Mapping[str, Value]) -> NDArray[np.bool_]:
        count = int(given["timeperiod"]) + extra
        return (unmoved(bars.high, bars.high) >= count) | (unmoved(bars.low, bars.low) >= count)

    return undefined


def _no_money_flow(bars: Bars, given: Mapping[str, Value]) -> NDArray[np.bool_]:
    typical = talib.TYPPRICE(bars.high, bars.low, bars.close)
    flows = (np.diff(typical, prepend=typical[:1]) != 0) & (bars.volume > 0)
    return ~within(flows, int(given["timeperiod"]))


def _no_cycle(count: int) -> Undefined:
    return lambda bars, given: unmoved(bars.close, bars.close) >= count


UNDEFINED: dict[str, Undefined] = {
    "RSI": _rsi,
    "STOCH": _stochastic("slowk_period", "slowd_period"),
    "STOCHF": _stochastic("fastd_period"),
    "KDJ": _stochastic("slowk_period", "slowd_period"),
    "STOCHRSI": _stochastic_rsi,
    "WILLR": _one_price("timeperiod"),
    "MFI": _no_money_flow,
    "ULTOSC": _true_range("timeperiod1"),
    "VORTEX": _true_range("timeperiod"),
    "ER": _no_path,
    "CORREL": _no_variance(0),
    "BETA": _no_variance(1),
    "HT_DCPERIOD": _no_cycle(32),
    "HT_DCPHASE": _no_cycle(63),
    "HT_SINE": _no_cycle(63),
    "HT_TRENDMODE": _no_cycle(63),
    "VWAP": lambda bars, given: np.cumsum(bars.volume) == 0,
}
"""Name -> which bars (shape (n,)) have no value, given the whole set of parameters."""
