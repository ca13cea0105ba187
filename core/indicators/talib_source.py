"""TA-Lib's functions as indicators: described from `talib.abstract`, called in its C core.

Left out: the 61 CDL functions (candlestick patterns are events, see `core.patterns.candlesticks`) and MAVP, which needs
a series of periods beside the bars. Functions of two series (ADD, BETA, CORREL ...) take high and low, as TA-Lib's own
default is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any

import numpy as np

from core.bars import Bars, Floats
from core.errors import ParameterError
from core.indicators.engine import FUNCTION_NAMES, talib
from core.indicators.flat import UNDEFINED
from core.indicators.parameters import Parameter, Value

# the module that describes TA-Lib's functions
abstract: Any = import_module("talib.abstract")

_AVERAGES = ("SMA", "EMA", "WMA", "DEMA", "TEMA", "TRIMA", "KAMA", "MAMA", "T3", "HMA", "NONE", "DEFAULT")
MOVING_AVERAGES = (*_AVERAGES, "ZLEMA", "RMA")
"""The words for TA-Lib's `matype`, in the order of its numbers."""

# The bounds of real parameters in TA-Lib are round numbers: tried from the widest.
_WIDEST = 1e37
_LOWEST = (-_WIDEST, 0.0, 0.001, 0.01, 0.1, 1.0)
_HIGHEST = (_WIDEST, 1e6, 1000.0, 100.0, 1.0, 0.99, 0.9, 0.5)


@dataclass(frozen=True)
class TalibFunction:
    """One function of TA-Lib."""

    name: str
    family: str
    inputs: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    outputs: tuple[str, ...]
    call: Callable[..., Any]

    may_be_infinite: bool

    def warm_up(self, values: Mapping[str, Value]) -> int:
        """Bars before the first value."""
        return _plan(self.name, tuple(values.items()))[1]

    def compute(self, bars: Bars, values: Mapping[str, Value]) -> dict[str, Floats]:
        """The output columns of shape (n,), NaN through the warm-up and where nothing moved."""
        arguments, warm_up = _plan(self.name, tuple(values.items()))
        count = len(bars)
        if count <= warm_up:
            return {name: np.full(count, np.nan) for name in self.outputs}
        found = self.call(*[getattr(bars, column) for column in self.inputs], *arguments)
        columns = found if isinstance(found, tuple | list) else (found,)
        undefined = UNDEFINED[self.name](bars, values) if self.name in UNDEFINED else None
        return {
            name: self._clean(column, warm_up, undefined) for name, column in zip(self.outputs, columns, strict=True)
        }

    def _clean(self, column: Any, warm_up: int, undefined: Any) -> Floats:
        """Whole-number outputs as floats; never an infinity."""
        values: Floats = column if column.dtype == np.float64 else column.astype(np.float64)
        values[:warm_up] = np.nan
        if undefined is not None:
            values[undefined] = np.nan
        if self.may_be_infinite:
            values[np.isinf(values)] = np.nan
        return values


@lru_cache(maxsize=4096)
def _plan(name: str, values: tuple[tuple[str, Value], ...]) -> tuple[tuple[int | float, ...], int]:
    """Parameters as TA-Lib wants them, and the warm-up that follows from them."""
    arguments = {key: MOVING_AVERAGES.index(value) if isinstance(value, str) else value for key, value in values}
    function = abstract.Function(name)
    if arguments:
        function.parameters = arguments
    warm_up = int(function.lookback)
    if warm_up < 0:
        raise ParameterError(f"{name}: these parameters cannot be combined; change one of them.", dict(values))
    return tuple(arguments.values()), warm_up


NAMES = tuple(name for name in FUNCTION_NAMES if not name.startswith("CDL") and name != "MAVP")
"""Every function of TA-Lib that bars alone can feed."""

_MAY_BE_INFINITE = "Output can be NaN or infinite"
_FAMILIES = {
    "Overlap Studies": "overlap",
    "Momentum Indicators": "momentum",
    "Volume Indicators": "volume",
    "Volatility Indicators": "volatility",
    "Cycle Indicators": "cycles",
    "Price Transform": "price",
    "Statistic Functions": "statistics",
    "Math Transform": "mathematics",
    "Math Operators": "mathematics",
}


@lru_cache(maxsize=256)
def talib_function(name: str) -> TalibFunction:
    """The function of that name, one of `NAMES`."""
    info = abstract.Function(name).info
    inputs = [[found] if isinstance(found, str) else found for found in info["input_names"].values()]
    return TalibFunction(
        name,
        _FAMILIES[info["group"]],
        tuple(column for part in inputs for column in part),
        tuple(_parameter(name, key, default) for key, default in info["parameters"].items()),
        tuple(info["output_names"]),
        getattr(talib, name),
        _FAMILIES[info["group"]] == "mathematics" or _MAY_BE_INFINITE in (info["function_flags"] or ()),
    )


def _parameter(function: str, key: str, default: float) -> Parameter:
    if key.endswith("matype"):
        return Parameter(key, "choice", MOVING_AVERAGES[int(default)], choices=MOVING_AVERAGES)
    if isinstance(default, int):
        return Parameter(key, "int", default, *_whole_bounds(function, key, default))
    low = next(bound for bound in _LOWEST if bound <= default and _accepts(function, key, bound))
    high = next(bound for bound in _HIGHEST if bound >= default and _accepts(function, key, bound))
    return Parameter(
        key, "float", default, -math.inf if low == -_WIDEST else low, math.inf if high == _WIDEST else high
    )


def _whole_bounds(function: str, key: str, default: int) -> tuple[int, int]:
    """The least and the greatest whole number that TA-Lib accepts, found by halving: it does not publish them."""
    edges = []
    for refused in (-2, 200_000):
        good, bad = default, refused
        while abs(good - bad) > 1:
            middle = (good + bad) // 2
            good, bad = (middle, bad) if _accepts(function, key, middle) else (good, middle)
        edges.append(good)
    return edges[0], edges[1]


def _accepts(function: str, key: str, value: float) -> bool:
    tried = abstract.Function(function)
    tried.parameters = {key: value}
    return int(tried.lookback) >= 0
