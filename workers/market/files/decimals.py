"""Decimal numbers from byte positions, a whole column at a time, each rounded exactly as Python's own `float` does."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from core.bars import Floats
from workers.market.files.text import Bytes, Places

# Up to here a mantissa and a power of ten are exact, and so their quotient is the nearest float64 (Clinger 1990).
_EXACT_DIGITS = 15
_LONGEST = 20
_POWERS = 10.0 ** np.arange(_LONGEST + 1)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+(?:,\d+)?")


def parse_decimals(text: Bytes, start: Places, end: Places, decimal: str) -> tuple[Floats, NDArray[np.int8]]:
    """Values of the fields [start, end), NaN where a field holds no number; and the digits after the decimal sign."""
    width = end - start
    longest = min(int(width.max(initial=0)), _LONGEST)
    mantissa = np.zeros(len(start), np.int64)
    digits, places = np.zeros(len(start), np.int8), np.zeros(len(start), np.int8)
    seen = np.zeros(len(start), bool)
    plain = (width > 0) & (width <= longest)
    for step in range(longest):
        inside = step < width
        char = text[np.minimum(start + step, len(text) - 1)]
        digit = inside & (char >= ord("0")) & (char <= ord("9"))
        sign = inside & (char == ord(decimal))
        plain &= ~inside | digit | (sign & ~seen)
        mantissa = np.where(digit, mantissa * 10 + char - ord("0"), mantissa)
        digits += digit
        places += digit & seen
        seen |= sign
    plain &= (digits > 0) & (digits <= _EXACT_DIGITS)
    values = mantissa / _POWERS[places]
    for row in np.flatnonzero(~plain):
        values[row] = _parse_one(bytes(text[start[row] : end[row]]).decode("latin-1"), decimal)
    return values, np.where(plain, places, 0).astype(np.int8)


def _parse_one(field: str, decimal: str) -> float:
    """Signs, exponents, many digits, grouped thousands; NaN for anything else, infinities included."""
    if decimal == ",":
        field = (field.replace(".", "") if _GROUPED.fullmatch(field) else field).replace(",", ".")
    return float(field) if _NUMBER.fullmatch(field) else np.nan
