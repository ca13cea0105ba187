"""The columns a rule can name: prices, the indicators of a view, and any indicator of the registry with parameters.

`CLOSE`, `RSI14`, `EMA(50)`, `MACD(12, 26, 9).macdhist`, `BBANDS(timeperiod=20).lowerband`: the name, in brackets its
parameters by position or by name, after a dot the output where it has several (by default the first).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from core.bars import Floats
from core.errors import ParameterError
from core.indicators import registry
from core.indicators.snapshot import INDICATORS
from core.strategies.base import View

PRICES = ("OPEN", "HIGH", "LOW", "CLOSE", "VOLUME")

_SPELLING = re.compile(r"\s*([A-Za-z0-9_]+)\s*(?:\(([^()]*)\))?\s*(?:\.\s*([A-Za-z0-9_]+))?\s*")
_FAMILIES = {"momentum": "momentum", "cycles": "momentum", "volatility": "strength", "volume": "structure"}
_OF_SNAPSHOT = {
    "RSI14": "momentum",
    "MACD_HIST": "momentum",
    "ATR14": "strength",
    "ADX14": "strength",
    "PLUS_DI14": "strength",
    "MINUS_DI14": "strength",
    "BB_POSITION20": "strength",
    "VOLUME_FLOW20": "structure",
    "VOLUME": "structure",
}


@dataclass(frozen=True)
class Column:
    """A column as it was spelt: an indicator of the registry with its parameters, or a fixed name without."""

    name: str
    parameters: tuple[tuple[str, int | float | str], ...] = ()
    output: str = ""
    family: str = "trend"


@lru_cache(maxsize=512)
def parse_column(text: str) -> Column:
    """The column a text spells.

    Raises:
        ParameterError: no such indicator, output or parameter; the allowed ones are named.
    """
    match = _SPELLING.fullmatch(text)
    if match is None:
        raise ParameterError(f"'{text}' spells no indicator: write it like EMA(50) or MACD(12, 26, 9).macdhist.", text)
    name, inside, output = match[1].upper(), match[2], match[3] or ""
    if name in (*PRICES, *INDICATORS):
        if inside or output:
            raise ParameterError(f"{name} takes no parameters: write it alone.", text)
        return Column(name, family=_OF_SNAPSHOT.get(name, "trend"))
    info = registry.describe(name)
    given = _parameters(text, inside or "", [parameter.name for parameter in info.parameters])
    info.warm_up(given)  # which reads every one of them
    outputs = {column.lower(): column for column in info.outputs}
    if output and output.lower() not in outputs:
        raise ParameterError(f"{info.name} has no output '{output}': use {', '.join(info.outputs)}.", text)
    chosen = outputs[output.lower()] if output else info.outputs[0]
    return Column(info.name, tuple(given.items()), chosen, _FAMILIES.get(info.family, "trend"))


def values_of(view: View, column: Column) -> Floats:
    """A column over the bars of a view, shape (n,), NaN while it warms up or is not defined."""
    if column.name in PRICES:
        prices: Floats = getattr(view.bars, column.name.lower())
        return prices
    if not column.output:
        return view.indicators[column.name]
    return registry.compute(view.bars, column.name, dict(column.parameters), checked=True)[column.output]


def _parameters(text: str, inside: str, names: list[str]) -> dict[str, int | float | str]:
    given: dict[str, int | float | str] = {}
    for position, part in enumerate(piece.strip() for piece in inside.split(",") if piece.strip()):
        name, found, value = part.rpartition("=")
        if not found:
            if position >= len(names):
                raise ParameterError(f"'{text}' has too many parameters: {', '.join(names) or 'it takes none'}.", text)
            name = names[position]
        given[name.strip()] = _value(value.strip())
    return given


def _value(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
