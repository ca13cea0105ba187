"""What a person types about a symbol, checked once for every command."""

from __future__ import annotations

import math
import re
from decimal import Decimal, InvalidOperation
from typing import Final

from core.errors import ParameterError

_NAME: Final = re.compile(r"[A-Za-z0-9^][A-Za-z0-9._=^-]{0,31}")
_CURRENCY: Final = re.compile(r"[A-Z0-9]{3,5}")
_SIMULATED: Final = "SIM-"
_LEAST, _MOST = Decimal("1e-8"), Decimal("1e9")


def symbol_name(text: str) -> str:
    """`text`, if a symbol may be called so.

    Raises:
        ParameterError: it is too long, has other characters, or would pass for a simulated symbol.
    """
    if text.upper().startswith(_SIMULATED):
        raise ParameterError(f"'{text}' would pass for a simulated symbol: choose a name without {_SIMULATED}.", text)
    if not _NAME.fullmatch(text) or ".." in text:
        raise ParameterError(
            f"'{text}' is no name for a symbol: use up to 32 letters, digits and . _ - = ^ only.", text
        )
    return text


def currency_code(text: str) -> str:
    """The currency in capitals; some crypto currencies have digits.

    Raises:
        ParameterError: no currency is written like this.
    """
    if not _CURRENCY.fullmatch(text.upper()):
        raise ParameterError(f"--currency {text} is no currency: use its letters, like USD.", text)
    return text.upper()


def positive(text: str, option: str) -> Decimal:
    """A positive number that a money column holds.

    Raises:
        ParameterError: no number, or out of range.
    """
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise ParameterError(f"{option} {text} is no number: write it like 0.01.", text) from error
    if not math.isfinite(value) or not _LEAST <= value <= _MOST:
        raise ParameterError(f"{option} {text} is out of range: use a number from 0.00000001 to 1000000000.", text)
    return value
