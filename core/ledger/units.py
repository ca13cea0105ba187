"""Amounts as whole numbers of 1e-8: what the data base stores, and what adds up exactly."""

from __future__ import annotations

from decimal import Context, Decimal

from core.errors import LedgerError

SCALE = 8
UNIT = 10**SCALE
_WIDE = Context(prec=100)


def units(amount: Decimal | int) -> int:
    """The amount as a whole number of 1e-8.

    Raises:
        LedgerError: it is not finite, or has more than eight decimal places.
    """
    scaled = Decimal(amount).scaleb(SCALE, _WIDE) if Decimal(amount).is_finite() else None
    if scaled is None or scaled != scaled.to_integral_value():
        raise LedgerError(f"{amount} is no amount with at most {SCALE} decimal places.", amount)
    return int(scaled)


def amount(whole: int) -> Decimal:
    """The Decimal that a number of 1e-8 stands for, exactly."""
    return Decimal(whole).scaleb(-SCALE, _WIDE)


def share(total: int, part: int, of: int) -> int:
    """`total * part / of`, rounded half to even; 0 of nothing. Exact before the rounding, whatever the sizes."""
    product = total * part
    quotient, rest = divmod(abs(product), abs(of))
    twice = 2 * rest
    if twice > abs(of) or (twice == abs(of) and quotient % 2):
        quotient += 1
    return quotient if (product < 0) == (of < 0) else -quotient


def worth(quantity: int, price: Decimal, unit_value: Decimal = Decimal(1)) -> int:
    """Value of a quantity (in 1e-8) at a price or rate of any precision, rounded once."""
    top, bottom = price.as_integer_ratio()
    if unit_value != 1:
        more, less = unit_value.as_integer_ratio()
        top, bottom = top * more, bottom * less
    return share(quantity, top, bottom)
