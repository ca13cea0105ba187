"""pandas-ta-classic's functions as indicators. The library is heavy and is loaded at the first call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd

from core.bars import Bars, Floats
from core.errors import ParameterError
from core.indicators.flat import unmoved
from core.indicators.pandas_ta_table import ENTRIES, Entry
from core.indicators.parameters import Parameter, Value
from core.timeframe import Timeframe

_BY_NAME = {entry.function.upper(): entry for entry in ENTRIES}
# Prices of 2^20, about a million, dwarf the constants that pandas-ta compares them with.
_LARGE = 20
NAMES = tuple(_BY_NAME)
"""Every indicator of the table."""


@dataclass(frozen=True)
class PandasFunction:
    """One function of pandas-ta-classic.

    Its columns carry the parameters in their names (`KST_10_15_20_30_10_10_10_15`), so `outputs` are those of the
    defaults without the numbers, in lower case, and stay the same for any parameters.
    """

    name: str
    entry: Entry
    outputs: tuple[str, ...]

    @property
    def family(self) -> str:
        """pandas-ta's category."""
        return self.entry.family

    @property
    def inputs(self) -> tuple[str, ...]:
        """The columns of the bars that it reads."""
        return tuple(self.entry.inputs.split())

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What can be set."""
        return self.entry.parameters

    def warm_up(self, values: Mapping[str, Value]) -> int:
        """Bars before the first value."""
        return self.entry.warm_up(values)

    def compute(self, bars: Bars, values: Mapping[str, Value]) -> dict[str, Floats]:
        """The output columns of shape (n,), NaN through the warm-up and where pandas-ta divides by zero."""
        warm_up, count = self.warm_up(values), len(bars)
        if count <= warm_up:
            return {name: np.full(count, np.nan) for name in self.outputs}
        table = self._table(bars, values)
        if table.shape != (count, len(self.outputs)):
            raise ParameterError(f"{self.name} gives no usable columns with {dict(values)}; choose others.", values)
        table[:warm_up] = np.nan
        table[~np.isfinite(table)] = np.nan
        if self.entry.still is not None:
            top, bottom = (bars.high, bars.low) if "high" in self.inputs else (bars.close, bars.close)
            table[unmoved(top, bottom) >= self.entry.still(values)] = np.nan
        return {name: np.ascontiguousarray(table[:, i]) for i, name in enumerate(self.outputs)}

    def _table(self, bars: Bars, values: Mapping[str, Value]) -> Floats:
        power = self.entry.power
        if power is None:
            return _call(self.entry, bars, values).to_numpy(np.float64, copy=True)
        # A power of two changes no digit, and one that follows the first bar cannot look ahead.
        factor = 2.0 ** round(_LARGE - np.log2(bars.close[0]))
        prices = {name: getattr(bars, name) * factor for name in ("open", "high", "low", "close")}
        scaled = replace(bars, **prices)
        table: Floats = _call(self.entry, scaled, values).to_numpy(np.float64, copy=True) / factor**power
        return table


@lru_cache(maxsize=256)
def pandas_function(name: str) -> PandasFunction:
    """The function of that name, one of `NAMES`."""
    entry = _BY_NAME[name]
    values = {parameter.name: parameter.default for parameter in entry.parameters}
    found = _call(entry, _example(entry.warm_up(values) + 60), values)
    return PandasFunction(name, entry, _plain(list(map(str, found.columns))))


def _call(entry: Entry, bars: Bars, values: Mapping[str, Value]) -> pd.DataFrame:
    library: Any = import_module("pandas_ta_classic")
    index = pd.to_datetime(bars.time, unit="ms", utc=True)
    columns = {
        "open_" if name == "open" else name: pd.Series(getattr(bars, name), index, copy=True)
        for name in entry.inputs.split()
    }
    with np.errstate(all="ignore"):
        found = getattr(library, entry.function)(**columns, **values, **dict(entry.fixed))
    if found is None:
        name = entry.function.upper()
        raise ParameterError(f"{name} has no values for {dict(values)} on {len(bars)} bars; choose others.", values)
    return found.to_frame() if isinstance(found, pd.Series) else found


def _plain(columns: list[str]) -> tuple[str, ...]:
    """`['KST_10_15', 'KSTs_9']` -> `('kst', 'ksts')`; numbers stay where they tell columns apart."""
    plain = ["_".join(part for part in name.split("_") if not _numeric(part)) for name in columns]
    if len(set(plain)) < len(plain):
        plain = columns
    return tuple(name.lower() for name in plain)


def _numeric(part: str) -> bool:
    return part.replace(".", "", 1).lstrip("-").isdecimal()


def _example(count: int) -> Bars:
    """A few bars that move, to see which columns come back."""
    return Bars(Timeframe.D1, *_moving(count))


def _moving(count: int) -> tuple[Any, ...]:
    step = np.arange(count, dtype=np.float64)
    close = 100 + 5 * np.sin(step / 3) + step / 10
    opened = close - np.cos(step)
    high, low = np.maximum(close, opened) + 1, np.minimum(close, opened) - 1
    return (step.astype(np.int64) * 86_400_000, opened, high, low, close, 1000 + 100 * np.cos(step / 2))
