"""Parameters of a strategy as its dataclass fields: what a form shows, and how stored JSON becomes values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

from core.errors import ParameterError
from core.timeframe import Timeframe

Reader = Callable[[Any], Any]


@dataclass(frozen=True)
class ParameterInfo:
    """One parameter as a typed form shows it; values are as stored (JSON).

    `type` is `bool`, `int`, `float`, `text`, `choice`, `timeframe`, `timeframes`, `numbers`, or a strategy's own such
    as `rules`. `minimum` and `maximum` are inclusive, None for no limit.
    """

    name: str
    type: str
    default: Any
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    help: str = ""


def parameter(
    default: Any,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: Sequence[str] = (),
    help: str = "",
    type: str = "",
    read: Reader | None = None,
) -> Any:
    """A dataclass field with what a form needs to know of it.

    `type` and `read` (stored JSON -> value, raising ParameterError) are for values of a strategy's own making, which
    have a method `stored()` that gives the JSON back.
    """
    told = {"minimum": minimum, "maximum": maximum, "choices": tuple(choices), "help": help, "type": type, "read": read}
    return field(default=default, metadata=told)


def describe_class(cls: type) -> list[ParameterInfo]:
    """Every parameter of a strategy's dataclass, in order.

    Raises:
        ParameterError: a field without a default, or with one of a type that no form knows.
    """
    return [_info(item) for item in fields(cls)]


def read_values(kind: str, cls: type, stored: dict[str, Any]) -> dict[str, Any]:
    """Stored JSON as values for the dataclass.

    Raises:
        ParameterError: an unknown parameter (the allowed ones are named), a wrong type, or a value out of range.
    """
    known = {item.name: item for item in fields(cls) if item.init}
    for name in stored:
        if name not in known:
            allowed = ", ".join(known) or "none at all"
            raise ParameterError(f"strategy {kind} has no parameter '{name}': use {allowed}.", name)
    return {name: _read(_info(known[name]), known[name].metadata.get("read"), value) for name, value in stored.items()}


def stored_value(value: Any) -> Any:
    """A parameter's value as JSON types."""
    if isinstance(value, Timeframe):
        return value.name
    if isinstance(value, tuple | list):
        return [stored_value(item) for item in value]
    return value.stored() if hasattr(value, "stored") else value


def stored_values(strategy: Any) -> dict[str, Any]:
    """Every parameter of a strategy's dataclass with its value, as JSON types."""
    return {item.name: stored_value(getattr(strategy, item.name)) for item in fields(strategy)}


def _info(item: Any) -> ParameterInfo:
    if item.default is MISSING:
        raise ParameterError(f"parameter '{item.name}' has no default: give it one.", item.name)
    told = item.metadata
    choices = tuple(told.get("choices", ()))
    kind = told.get("type") or ("choice" if choices else _type_of(item.name, item.default))
    limits = told.get("minimum"), told.get("maximum")
    return ParameterInfo(item.name, kind, stored_value(item.default), *limits, choices, told.get("help", ""))


def _type_of(name: str, default: Any) -> str:
    for kind, known in (("bool", bool), ("timeframe", Timeframe), ("int", int), ("float", float), ("text", str)):
        if isinstance(default, known):
            return kind
    if isinstance(default, tuple) and default:
        if all(isinstance(item, Timeframe) for item in default):
            return "timeframes"
        if all(isinstance(item, int | float) for item in default):
            return "numbers"
    raise ParameterError(
        f"parameter '{name}' has the default {default!r}: use a number, text, True or False, a Timeframe, "
        "or a tuple of numbers or of timeframes.",
        name,
    )


def _read(info: ParameterInfo, read: Reader | None, value: Any) -> Any:
    if read is not None:
        return read(value)
    if info.type in ("timeframes", "numbers"):
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise ParameterError(f"parameter '{info.name}' must be a list, not {value!r}.", value)
        return tuple(_one(info, item) for item in value)
    return _one(info, value)


def _one(info: ParameterInfo, value: Any) -> Any:
    if info.type in ("timeframe", "timeframes"):
        return Timeframe.parse(value)
    if info.type in ("text", "choice"):
        return _text(info, value)
    if info.type == "bool":
        if not isinstance(value, bool):
            raise ParameterError(f"parameter '{info.name}' must be true or false, not {value!r}.", value)
        return value
    return _number(info, value)


def _text(info: ParameterInfo, value: Any) -> str:
    if not isinstance(value, str):
        raise ParameterError(f"parameter '{info.name}' must be text, not {value!r}.", value)
    if info.choices and value not in info.choices:
        allowed = ", ".join(info.choices)
        raise ParameterError(f"parameter '{info.name}' cannot be '{value}': use one of {allowed}.", value)
    return value


def _number(info: ParameterInfo, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ParameterError(f"parameter '{info.name}' must be a number, not {value!r}.", value)
    if info.type == "int" and value != int(value):
        raise ParameterError(f"parameter '{info.name}' must be a whole number, not {value!r}.", value)
    low, high = info.minimum, info.maximum
    if not (low is None or value >= low) or not (high is None or value <= high) or value != value:  # noqa: PLR0124
        span = f"from {low:g} to {high:g}" if low is not None and high is not None else None
        span = span or (
            f"at least {low:g}" if low is not None else f"at most {high:g}" if high is not None else "a number"
        )
        raise ParameterError(f"parameter '{info.name}' must be {span}, not {value!r}.", value)
    return int(value) if info.type == "int" else float(value)
