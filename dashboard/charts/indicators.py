"""Indicators on the Charts page: which one with which settings, its spelling in the address, and where it is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.bars import Bars, Floats
from core.errors import ParameterError
from core.indicators import registry
from core.indicators.parameters import Parameter, Value, read_all
from core.indicators.titles import full_title
from core.timeframe import Timeframe

_BETWEEN = "~"


@dataclass(frozen=True)
class Chosen:
    """An indicator with a value for each of its parameters, in the registry's order."""

    name: str
    values: tuple[Value, ...] = ()

    @property
    def settings(self) -> dict[str, Value]:
        return dict(zip((one.name for one in parameters_of(self.name)), self.values, strict=True))

    @property
    def label(self) -> str:
        """`EMA 20`, `MACD 12 26 9`; words that are as usual are left out."""
        shown = [
            value if isinstance(value, str) else f"{value:g}"
            for one, value in zip(parameters_of(self.name), self.values, strict=True)
            if one.kind != "choice" or value != one.default
        ]
        return " ".join([self.name, *shown])

    @property
    def spelled(self) -> str:
        """`EMA~20`, without the values at the end that are as usual."""
        parts = [f"{value}" for value in self.values]
        usual = [f"{one.default}" for one in parameters_of(self.name)]
        while parts and parts[-1] == usual[len(parts) - 1]:
            parts.pop()
        return _BETWEEN.join([self.name, *parts])


def parameters_of(name: str) -> tuple[Parameter, ...]:
    return _described(name).parameters


def choose(name: str, settings: Mapping[str, object] | None = None) -> Chosen:
    """The indicator `name` with these settings, the usual ones where none are given.

    Raises:
        ParameterError: there is no such indicator, or a value it does not take.
    """
    info = _described(name)
    return Chosen(info.name, tuple(read_all(info.name, info.parameters, settings or {}).values()))


def read_chosen(spelled: str) -> Chosen:
    """The indicator that an address spells.

    Raises:
        ParameterError: there is no such indicator, or a value it does not take.
    """
    name, *values = spelled.split(_BETWEEN)
    parameters = _described(name).parameters
    if len(values) > len(parameters):
        raise ParameterError(f"{name} takes {len(parameters)} values, not {len(values)}.", spelled)
    return choose(name, {one.name: _typed(one, text) for one, text in zip(parameters, values, strict=False)})


def price_outputs(name: str) -> tuple[str, ...]:
    """The columns that are prices and belong over the candles; empty for an indicator that needs a pane of its own."""
    return _priced(name)


def pane_outputs(name: str) -> tuple[str, ...]:
    """The columns of an indicator that has a pane of its own; empty for one that is drawn over the candles."""
    return () if _priced(name) else _described(name).outputs


def columns(bars: Bars, chosen: Chosen) -> dict[str, Floats]:
    """The columns to draw over `bars`, each of shape (n,).

    Raises:
        ParameterError: settings that cannot be combined.
    """
    wanted = price_outputs(chosen.name) or pane_outputs(chosen.name)
    found = registry.compute(bars, chosen.name, chosen.settings, checked=True)
    return {name: found[name] for name in wanted}


def warm_up(chosen: Chosen) -> int:
    """Bars before the first value."""
    return _described(chosen.name).warm_up(chosen.settings)


@lru_cache(maxsize=1)
def titles() -> dict[str, str]:
    """Every indicator's name with its full title, as the search shows it."""
    return {name: f"{name}: {full_title(name)}" if full_title(name) else name for name in registry.names()}


@lru_cache(maxsize=512)
def _described(name: str) -> registry.IndicatorInfo:
    return registry.describe(name)


def _typed(parameter: Parameter, text: str) -> object:
    if parameter.kind == "choice":
        return text
    try:
        return float(text)
    except ValueError:
        return text


@lru_cache(maxsize=512)
def _priced(name: str) -> tuple[str, ...]:
    """Tried on bars around 3,000 with a volume of millions: what comes out near the price is a price."""
    bars = _example()
    room = float(bars.high.max() - bars.low.min())
    low, high = float(bars.low.min()) - room, float(bars.high.max()) + room
    found = registry.compute(bars, name, checked=True)
    return tuple(key for key, values in found.items() if _within(values[np.isfinite(values)], low, high))


def _within(values: Floats, low: float, high: float) -> bool:
    return bool(len(values)) and low <= float(values.min()) and float(values.max()) <= high


@lru_cache(maxsize=1)
def _example() -> Bars:
    rng, count = np.random.default_rng(1), 300
    close = 3000 + np.cumsum(rng.normal(0, 2, count))
    opened = np.concatenate([[3000.0], close[:-1]])
    high = np.maximum(opened, close) + rng.exponential(2, count)
    low = np.minimum(opened, close) - rng.exponential(2, count)
    time = np.arange(count, dtype=np.int64) * Timeframe.H1.ms
    return Bars(Timeframe.H1, time, opened, high, low, close, rng.uniform(1e6, 2e6, count))
