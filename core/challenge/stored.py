"""Challenges as JSON values, there and back: what the data base keeps and a file exchanges."""

from __future__ import annotations

from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from core.challenge.phases import Challenge
from core.errors import ParameterError


def to_json(challenge: Challenge) -> dict[str, Any]:
    """The challenge as JSON values; amounts and dates are text, so that nothing is rounded."""
    stored = _write(challenge)
    assert isinstance(stored, dict)
    return stored


def from_json(stored: Any) -> Challenge:
    """The challenge that `to_json` wrote, or one written by hand.

    Raises:
        ParameterError: it is no challenge; the sentence names the place and what to correct.
    """
    challenge = _read(Challenge, stored, "challenge")
    assert isinstance(challenge, Challenge)
    return challenge


def _write(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: _write(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, tuple):
        return [_write(one) for one in value]
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def _read(wanted: Any, stored: Any, place: str) -> Any:
    """A stored value as the type `wanted`; `place` says where it stands, in words."""
    options = get_args(wanted)
    if NoneType in options:
        return None if stored is None else _read(next(one for one in options if one is not NoneType), stored, place)
    if get_origin(wanted) is tuple:
        if not isinstance(stored, list):
            raise ParameterError(f"The {place} have to be a list.", stored)
        return tuple(_read(options[0], one, f"{place}, number {at}") for at, one in enumerate(stored, 1))
    if is_dataclass(wanted):
        return _read_fields(wanted, stored, place)
    return _read_plain(wanted, stored, place)


def _read_fields(wanted: Any, stored: Any, place: str) -> Any:
    if not isinstance(stored, dict):
        raise ParameterError(f"The {place} has to be an object with names and values.", stored)
    known = {item.name: item for item in fields(wanted)}
    strange = sorted(set(stored) - set(known), key=str)
    if strange:
        raise ParameterError(f"The {place} has no '{strange[0]}': it may have {', '.join(known)}.", strange[0])
    missing = [name for name, item in known.items() if name not in stored and _needed(item)]
    if missing:
        raise ParameterError(f"The {place} lacks '{missing[0]}': add it.", missing[0])
    types = get_type_hints(wanted)
    values = {name: _read(types[name], value, f"{place}'s {name}") for name, value in stored.items()}
    try:
        return wanted(**values)
    except ParameterError as error:
        raise ParameterError(f"The {place}: {error.message}", error.subject) from None


def _needed(item: Field[Any]) -> bool:
    return item.default is MISSING and item.default_factory is MISSING


def _read_plain(wanted: type, stored: Any, place: str) -> Any:
    if issubclass(wanted, StrEnum):
        if stored not in list(wanted):
            raise ParameterError(f"The {place} is '{stored}': choose one of {', '.join(wanted)}.", stored)
        return wanted(stored)
    if wanted is Decimal:
        return _read_decimal(stored, place)
    if wanted is date:
        return _read_date(stored, place)
    # bool is an int to Python; to a person it is none
    if not isinstance(stored, wanted) or (wanted is int and isinstance(stored, bool)):
        kind = {str: "text", int: "a whole number", bool: "true or false"}[wanted]
        raise ParameterError(f"The {place} has to be {kind}, not {stored!r}.", stored)
    return stored


def _read_decimal(stored: Any, place: str) -> Decimal:
    try:
        number = Decimal(str(stored)) if isinstance(stored, str | int | float) and stored is not True else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        raise ParameterError(f"The {place} has to be a number, not {stored!r}.", stored)
    return number


def _read_date(stored: Any, place: str) -> date:
    try:
        return date.fromisoformat(stored)
    except (TypeError, ValueError):
        raise ParameterError(f"The {place} has to be a date such as 2026-11-21, not {stored!r}.", stored) from None
