"""Canonical hashes of inputs and outputs."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from functools import lru_cache, singledispatch
from typing import Any, Final

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


_FIELDS: Final[dict[type, tuple[str, ...]]] = {}


def _plain(value: Any) -> Any:
    """The value as what JSON has. The commonest types are told apart first: a signal has hundreds of them."""
    common = _COMMON.get(type(value))
    if common is not None:
        return common(value)
    names = _field_names(type(value))
    return _rarer(value) if names is None else {name: _plain(getattr(value, name)) for name in names}


def _field_names(kind: type) -> tuple[str, ...] | None:
    """The fields of a dataclass; None for any other type."""
    if not dataclasses.is_dataclass(kind):
        return None
    if kind not in _FIELDS:
        _FIELDS[kind] = tuple(field.name for field in dataclasses.fields(kind))
    return _FIELDS[kind]


def _same(value: Any) -> Any:
    return value


def _number(value: float) -> Any:
    if math.isfinite(value):
        return value + 0.0  # -0.0 + 0.0 is 0.0
    return "NaN" if math.isnan(value) else str(value)


def _mapping(value: Mapping[Any, Any]) -> Any:
    return {str(key): _plain(item) for key, item in value.items()}


def _items(value: Sequence[Any]) -> Any:
    return [_plain(item) for item in value]


@singledispatch
def _rarer(value: Any) -> Any:
    raise TypeError(f"{type(value).__name__} has no canonical form")


@_rarer.register(int)
@_rarer.register(str)
def _(value: int | str) -> Any:
    return value


@_rarer.register
def _(value: float) -> Any:
    return _number(float(value))


@_rarer.register
def _(value: Decimal) -> Any:
    return str((value + 0).normalize()) if value.is_finite() else str(value)


@_rarer.register
def _(value: Enum) -> Any:
    return _plain(value.value)


@_rarer.register
def _(value: np.generic) -> Any:
    return _plain(value.item())


@_rarer.register
def _(value: dict) -> Any:  # type: ignore[type-arg]
    return _mapping(value)


@_rarer.register(list)
@_rarer.register(tuple)
def _(value: Sequence[Any]) -> Any:
    return _items(value)


def _array(value: NDArray[Any]) -> Any:
    return {
        "dtype": _type_name(value.dtype),
        "shape": list(value.shape),
        "sha256": hashlib.sha256(_canonical_array(value).reshape(-1).view(np.uint8).data).hexdigest(),
    }


_COMMON: Final[dict[type, Callable[[Any], Any]]] = {
    **dict.fromkeys((str, int, bool, type(None)), _same),
    float: _number,
    dict: _mapping,
    **dict.fromkeys((tuple, list), _items),
    np.ndarray: _array,
}


@lru_cache(maxsize=256)
def _type_name(dtype: np.dtype[Any]) -> str:
    return dtype.str if dtype.names is None else str(dtype.descr)


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
