"""Money at risk: how large a position may be, and what it gains or loses. All exact, in Decimal."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction

from core.errors import ParameterError

# Wide enough for every product of two money values (20 digits) and a price difference.
_EXACT = Context(prec=80)
_MAX_QUANTITY = Decimal(10) ** 10


@dataclass(frozen=True)
class Sizing:
    """A position size in units of the symbol, and the money lost if the stop is hit."""

    quantity: Decimal
    risk: Decimal


def exact(price: float) -> Decimal:
    """The decimal number that a price is written as: 1.1 becomes 1.1, not 1.100000000000000088817..."""
    return Decimal(str(float(price)))


def position_size(
    balance: Decimal, risk_percent: Decimal, entry: float, stop: float, point_value: Decimal, lot_step: Decimal
) -> Sizing:
    """The largest size, in whole lots, that loses at most `risk_percent` of `balance` between `entry` and `stop`.

    `point_value` is the money that one unit gains when the price moves by 1; `lot_step` is the smallest step of size.

    Raises:
        ParameterError: there is no such size; the sentence names what to change.
    """
    _check(balance, risk_percent, entry, stop, point_value, lot_step)
    risk_per_lot = risk_at_stop(lot_step, entry, stop, point_value)
    budget = Fraction(balance) * Fraction(risk_percent) / 100
    lots = math.floor(budget / Fraction(risk_per_lot))
    if lots < 1:
        raise ParameterError(
            f"One lot of {lot_step} would risk {money(risk_per_lot)}, more than the {money(budget)} that "
            f"{plain(risk_percent)} % of the balance allow: raise the risk or choose a closer stop.",
            risk_per_lot,
        )
    quantity = _EXACT.multiply(Decimal(lots), lot_step)
    if quantity >= _MAX_QUANTITY:
        raise ParameterError(f"The stop {stop} is too close to the entry {entry}: move it further away.", quantity)
    return Sizing(quantity, risk_at_stop(quantity, entry, stop, point_value))


def risk_at_stop(quantity: Decimal, entry: float, stop: float, point_value: Decimal) -> Decimal:
    """Money lost between `entry` and `stop`: never negative, whatever the direction."""
    return abs(profit(1, entry, stop, quantity, point_value))


def profit(direction: int, entry: float, leave: float, quantity: Decimal, point_value: Decimal) -> Decimal:
    """Money gained (negative: lost) by a position of `direction` +1 or -1 between the prices `entry` and `leave`."""
    move = _EXACT.subtract(exact(leave), exact(entry))
    return _EXACT.multiply(_EXACT.multiply(direction * move, quantity), point_value)


def whole_lots(quantity: Decimal, lot_step: Decimal) -> bool:
    """Whether `quantity` is a multiple of `lot_step`."""
    return Fraction(quantity) % Fraction(lot_step) == 0


def money(value: Decimal | Fraction) -> str:
    """A sum as people write it: `1,250.00`."""
    number = Decimal(value.numerator) / Decimal(value.denominator) if isinstance(value, Fraction) else value
    return f"{number:,.2f}"


def counted(number: int, word: str) -> str:
    """A number of things: `1 trade`, `3 trades`."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def plain(value: Decimal) -> str:
    """A decimal number without exponent and without the zeros that say nothing."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _check(
    balance: Decimal, risk_percent: Decimal, entry: float, stop: float, point_value: Decimal, lot_step: Decimal
) -> None:
    if not (math.isfinite(entry) and math.isfinite(stop) and min(entry, stop) > 0):
        raise ParameterError(f"Entry {entry} and stop {stop} have to be positive prices: correct them.", (entry, stop))
    if entry == stop:
        raise ParameterError(f"The stop equals the entry ({entry}): move the stop to where the idea is wrong.", stop)
    if not (balance.is_finite() and balance > 0):
        raise ParameterError(f"The balance is {balance}: there is nothing to risk, choose a funded account.", balance)
    if not (risk_percent.is_finite() and 0 < risk_percent <= 100):  # noqa: PLR2004
        raise ParameterError(f"{risk_percent} % is no risk a trade: set it above 0 and up to 100.", risk_percent)
    for name, value in (("point value", point_value), ("lot step", lot_step)):
        if not (value.is_finite() and value > 0):
            raise ParameterError(f"The {name} {value} of the symbol is not positive: correct the symbol.", value)
