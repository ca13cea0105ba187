"""128-bit arithmetic for numba, which has 64 bits: products of two amounts in 1e-8 need more.

Only unsigned 64-bit integers are mixed here: with a signed one numba would go to float64 and lose digits.
"""

from __future__ import annotations

import numpy as np
from numba import njit

_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
_BASE = np.uint64(1 << 32)
_ZERO = np.uint64(0)
_ONE = np.uint64(1)
_BITS = np.uint64(64)
_STEPS = tuple(np.uint64(step) for step in (32, 16, 8, 4, 2, 1))
LIMIT = np.int64(2**63 - 1)


@njit(cache=True)
def multiply(a: np.uint64, b: np.uint64) -> tuple[np.uint64, np.uint64]:
    """High and low half of a * b."""
    a_high, a_low = a >> _HALF, a & _LOW
    b_high, b_low = b >> _HALF, b & _LOW
    low = a_low * b_low
    middle = a_high * b_low + (low >> _HALF)
    other = a_low * b_high + (middle & _LOW)
    return a_high * b_high + (middle >> _HALF) + (other >> _HALF), (other << _HALF) | (low & _LOW)


@njit(cache=True)
def _digit(high: np.uint64, low: np.uint64, d1: np.uint64, d0: np.uint64) -> np.uint64:
    """One 32-bit digit of a long division of (high, low) by the normalised divisor (d1, d0)."""
    digit = high // d1
    rest = high - digit * d1
    while digit >= _BASE or digit * d0 > ((rest << _HALF) | low):
        digit -= _ONE
        rest += d1
        if rest >= _BASE:
            break
    return digit


@njit(cache=True)
def divide(high: np.uint64, low: np.uint64, by: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Quotient and rest of a 128-bit number by `by` (Knuth's algorithm D with 32-bit digits); needs high < by."""
    if high == _ZERO:
        return low // by, low % by
    shift = _ZERO
    for step in _STEPS:
        if by >> (_BITS - step) == _ZERO:
            by <<= step
            shift += step
    if shift:
        high = (high << shift) | (low >> (_BITS - shift))
        low <<= shift
    d1, d0 = by >> _HALF, by & _LOW
    first = _digit(high, low >> _HALF, d1, d0)
    middle = (high << _HALF) + (low >> _HALF) - first * by
    second = _digit(middle, low & _LOW, d1, d0)
    rest = (middle << _HALF) + (low & _LOW) - second * by
    return (first << _HALF) + second, rest >> shift


@njit(cache=True)
def share(total: np.int64, part: np.int64, of: np.int64) -> tuple[np.int64, bool]:
    """`core.ledger.units.share` and whether the result fits 64 bits (else it is worthless)."""
    negative = ((total < 0) != (part < 0)) != (of < 0)
    by = np.uint64(abs(of))
    high, low = multiply(np.uint64(abs(total)), np.uint64(abs(part)))
    if high >= by:
        return np.int64(0), False
    quotient, rest = divide(high, low, by)
    left = by - rest
    if rest > left or (rest == left and quotient & _ONE):
        quotient += _ONE
    if quotient > np.uint64(LIMIT):
        return np.int64(0), False
    return (-np.int64(quotient) if negative else np.int64(quotient)), True
