"""Canonical hashes of inputs and outputs."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from decimal import Decimal
from enum import Enum
from functools import singledispatch
from typing import Any

import numpy as np
from numpy.typing import NDArray


def content_hash(value: Any) -> str:
    """SHA-256 (64 hex digits) of a value's canonical form.

    Equal values hash equally whatever the order of their keys, the sign of a zero or the bits of a NaN; arrays hash by
    dtype, shape and bytes; floats by their shortest exact spelling. An integer and a float are different values.
    Raises TypeError for anything that has no canonical form.
    """
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def canonical_json(value: Any) -> str:
    """JSON with sorted keys and no white space; what JSON lacks (NaN, infinities, Decimal) is spelled as a string."""
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), allow_nan=False)


@singledispatch
def _plain(value: Any) -> Any:
    if value is None:
        return None
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    raise TypeError(f"{type(value).__name__} has no canonical form")


@_plain.register(int)
@_plain.register(str)
def _(value: int | str) -> Any:
    return value


@_plain.register
def _(value: float) -> Any:
    if math.isnan(value):
        return "NaN"
    return value + 0.0 if math.isfinite(value) else str(value)  # -0.0 + 0.0 is 0.0


@_plain.register
def _(value: Decimal) -> Any:
    return str((value + 0).normalize()) if value.is_finite() else str(value)


@_plain.register
def _(value: Enum) -> Any:
    return _plain(value.value)


@_plain.register
def _(value: np.generic) -> Any:
    return _plain(value.item())


@_plain.register
def _(value: dict) -> Any:  # type: ignore[type-arg]
    return {str(key): _plain(item) for key, item in value.items()}


@_plain.register(list)
@_plain.register(tuple)
def _(value: list[Any] | tuple[Any, ...]) -> Any:
    return [_plain(item) for item in value]


@_plain.register(np.ndarray)
def _(value: NDArray[Any]) -> Any:
    return {
        "dtype": value.dtype.str if value.dtype.names is None else str(value.dtype.descr),
        "shape": list(value.shape),
        "sha256": hashlib.sha256(_canonical_array(value).tobytes()).hexdigest(),
    }


def _canonical_array(array: NDArray[Any]) -> NDArray[Any]:
    """The same values with one zero and one NaN, in C order; the fields of a structured array one by one."""
    if array.dtype.hasobject:
        raise TypeError("an array of objects has no canonical form")
    if array.dtype.names is not None:
        kinds = [array.dtype[name] for name in array.dtype.names]
        if sum(kind.itemsize for kind in kinds) == array.dtype.itemsize:
            plain = np.array(array, order="C")
            names = [name for name, kind in zip(array.dtype.names, kinds, strict=True) if kind.kind not in "iub"]
        else:
            plain = np.zeros_like(array, order="C", subok=False)  # padding between fields becomes zero
            names = list(array.dtype.names)
        for name in names:
            plain[name] = _canonical_array(array[name])
        return plain
    if array.dtype.kind == "f":
        one_zero: NDArray[Any] = array + array.dtype.type(0)
        one_zero[np.isnan(one_zero)] = np.nan
        return np.ascontiguousarray(one_zero)
    return np.ascontiguousarray(array)
