"""Every indicator by the name the field uses: described, checked and computed.

TA-Lib is the engine wherever it has the indicator, pandas-ta-classic for the rest (`core.indicators.pandas_ta_table`
says which and what was left out). The strategies read the small fixed set of `core.indicators.snapshot`; this is the
whole shelf. No indicator looks ahead: the value at a bar does not depend on bars after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.bars import Bars, Floats, validate
from core.errors import ParameterError
from core.indicators import pandas_ta_source, talib_source
from core.indicators.pandas_ta_source import PandasFunction, pandas_function
from core.indicators.pandas_ta_table import ALIASES
from core.indicators.parameters import Parameter, closest, read_all
from core.indicators.talib_source import TalibFunction, talib_function

_TALIB = frozenset(talib_source.NAMES)
_PANDAS = frozenset(pandas_ta_source.NAMES)
# How many names a refusal offers.
_OFFERED = 5


@dataclass(frozen=True)
class IndicatorInfo:
    """What there is to know about an indicator.

    `inputs` are columns of the bars, `outputs` the columns of `compute`, `source` is "TA-Lib" or "pandas-ta-classic".
    """

    name: str
    family: str
    source: str
    inputs: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    outputs: tuple[str, ...]

    def warm_up(self, parameters: Mapping[str, object] | None = None) -> int:
        """Bars before the first value.

        Raises:
            ParameterError: a parameter that it does not take.
        """
        return _find(self.name).warm_up(read_all(self.name, self.parameters, parameters or {}))


def names() -> tuple[str, ...]:
    """All names, in alphabetical order; pandas-ta's other names for TA-Lib's functions work too but are not listed."""
    return tuple(sorted(_TALIB | _PANDAS))


def describe(name: str) -> IndicatorInfo:
    """The indicator called `name`, in any case.

    Raises:
        ParameterError: there is none; the closest names are offered.
    """
    found = _find(name)
    source = "TA-Lib" if isinstance(found, TalibFunction) else "pandas-ta-classic"
    return IndicatorInfo(found.name, found.family, source, found.inputs, found.parameters, found.outputs)


def compute(
    bars: Bars, name: str, parameters: Mapping[str, object] | None = None, *, checked: bool = False
) -> dict[str, Floats]:
    """The output columns of an indicator, each of shape (n,), by name.

    NaN through the warm-up (all of it when there are no more bars than that) and where the indicator is not defined,
    as an RSI of prices that do not move; never an infinity. `checked` skips validating bars that have been validated.

    Raises:
        ParameterError: an unknown name or parameter, or a value out of bounds.
        BarsError: the bars break their contract.
    """
    found = _find(name)
    values = read_all(found.name, found.parameters, parameters or {})
    return found.compute(bars if checked else validate(bars), values)


def _find(name: str) -> TalibFunction | PandasFunction:
    wanted = name.strip().upper()
    wanted = ALIASES.get(wanted, wanted)
    if wanted in _TALIB:
        return talib_function(wanted)
    if wanted in _PANDAS:
        return pandas_function(wanted)
    offered = ", ".join(closest(wanted, names())[:_OFFERED])
    raise ParameterError(f"there is no indicator {name!r}; the closest names are {offered}.", name)
