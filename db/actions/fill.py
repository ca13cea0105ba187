"""How a signal was taken, and whether it can have been."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from core.errors import DeskError
from core.risk import exact, plain, risk_at_stop, whole_lots
from db.models import Account, Signal, Symbol
from db.money import storable


@dataclass(frozen=True)
class Ticket:
    """How the person took the signal: the price of the fill, the size in units of the symbol, and a remark."""

    entry_price: float
    quantity: Decimal
    note: str = ""


def check_fill(signal: Signal, account: Account, symbol: Symbol, ticket: Ticket) -> Decimal:
    """The money at risk between the fill and the signal's stop.

    Raises:
        DeskError: this fill cannot be; the sentence names what to correct.
    """
    if symbol.currency != account.currency:
        raise DeskError(
            f"{symbol.name} is traded in {symbol.currency}, but the account holds {account.currency}: "
            "choose another account.",
            symbol.currency,
        )
    _check_quantity(symbol, ticket.quantity)
    _check_price(signal, ticket.entry_price)
    risk = risk_at_stop(ticket.quantity, ticket.entry_price, signal.stop, symbol.point_value)
    if not (storable(ticket.quantity) and storable(risk)):
        size = plain(ticket.quantity)
        raise DeskError(f"The size {size} is out of all proportion: enter the size of the fill.", ticket.quantity)
    return risk


def _check_quantity(symbol: Symbol, quantity: Decimal) -> None:
    if not (quantity.is_finite() and quantity > 0):
        raise DeskError(f"The size {quantity} is not a positive number: enter the size of the fill.", quantity)
    if not whole_lots(quantity, symbol.lot_step):
        step = plain(symbol.lot_step)
        raise DeskError(f"{symbol.name} trades in steps of {step}: round the size {plain(quantity)}.", quantity)


def _check_price(signal: Signal, price: float) -> None:
    if not (math.isfinite(price) and price > 0):
        raise DeskError(f"The price {price} is not a positive number: enter the price of the fill.", price)
    long = signal.direction > 0
    for name, level, above in (("stop", signal.stop, not long), ("target", signal.target, long)):
        distance = exact(level) - exact(price)
        if (distance <= 0) if above else (distance >= 0):
            side = "above" if above else "below"
            raise DeskError(
                f"The {name} {level} is not {side} the price {price}: correct the price or reject the signal.", price
            )
