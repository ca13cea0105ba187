"""TA-Lib's C functions by name, without its wrapper.

The wrapper looks for pandas and polars, which takes longer than many of the functions. These take float64 arrays in C
order, as `core.bars.Bars` holds them.
"""

from __future__ import annotations

from importlib import import_module
from inspect import unwrap
from types import SimpleNamespace
from typing import Any

_core: Any = import_module("talib._ta_lib")

FUNCTION_NAMES: tuple[str, ...] = tuple(_core.__TA_FUNCTION_NAMES__)

talib: Any = SimpleNamespace(**{name: unwrap(getattr(_core, name)) for name in FUNCTION_NAMES})
