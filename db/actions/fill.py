"""How a signal was taken, and whether it can have been."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core.errors import DeskError
from core.risk import exact, plain, risk_at_stop, whole_lots
from db.models import Account, Signal, Symbol
from db.money import storable


@dataclass(frozen=True)
class Ticket:
    """How the person took the signal: the price of the fill, the size in units of the symbol, and a remark.

    `opened_at` (aware) is when it was filled, None: now. `fee` is what it cost.
    """

    entry_price: float
    quantity: Decimal
    note: str = ""
    opened_at: datetime | None = None
    fee: Decimal = Decimal(0)


def check_fill(signal: Signal, account: Account, symbol: Symbol, ticket: Ticket) -> Decimal:
    """The money at risk between the fill and the signal's stop.

    Raises:
        DeskError: this fill cannot be; the sentence names what to correct.
    """
    check_currency(account, symbol)
    check_quantity(symbol, ticket.quantity)
    _check_price(signal, ticket.entry_price)
    check_cost(ticket.fee)
    risk = risk_at_stop(ticket.quantity, ticket.entry_price, signal.stop, symbol.point_value)
    if not (storable(ticket.quantity) and storable(risk)):
        size = plain(ticket.quantity)
        raise DeskError(f"The size {size} is out of all proportion: enter the size of the fill.", ticket.quantity)
    return risk


def check_currency(account: Account, symbol: Symbol) -> None:
    """Raises DeskError when the account holds another currency than the symbol is traded in: there is no rate."""
    if symbol.currency != account.currency:
        raise DeskError(
            f"{symbol.name} is traded in {symbol.currency}, but the account holds {account.currency}: "
            "choose another account.",
            symbol.currency,
        )


def check_moment(at: datetime, earliest: datetime | None, now: datetime) -> None:
    """Raises DeskError for a time of a fill that is naive, in the future, or before the fill in front of it."""
    if at.tzinfo is None:
        raise DeskError("The time of the fill has no time zone: enter it in UTC.", at)
    if at > now:
        raise DeskError("The time of the fill lies in the future: enter when it happened.", at)
    if earliest is not None and at < earliest:
        raise DeskError(f"The last fill was at {earliest:%Y-%m-%d %H:%M:%S} UTC: enter a later time.", at)


def check_fill_price(price: float) -> None:
    """Raises DeskError for a price that is no positive number."""
    if not (math.isfinite(price) and price > 0):
        raise DeskError(f"The price {price} is not a positive number: enter the price of the fill.", price)


def check_cost(cost: Decimal) -> None:
    """Raises DeskError for a fee or swap that no money column holds."""
    if not cost.is_finite() or (cost and not storable(cost)):
        raise DeskError(f"The cost {cost} is no amount of money: correct it.", cost)


def check_quantity(symbol: Symbol, quantity: Decimal) -> None:
    """Raises DeskError for a size that is not positive or no whole number of lots."""
    if not (quantity.is_finite() and quantity > 0):
        raise DeskError(f"The size {quantity} is not a positive number: enter the size of the fill.", quantity)
    if not whole_lots(quantity, symbol.lot_step):
        step = plain(symbol.lot_step)
        raise DeskError(f"{symbol.name} trades in steps of {step}: round the size {plain(quantity)}.", quantity)


def _check_price(signal: Signal, price: float) -> None:
    check_fill_price(price)
    long = signal.direction > 0
    for name, level, above in (("stop", signal.stop, not long), ("target", signal.target, long)):
        distance = exact(level) - exact(price)
        if (distance <= 0) if above else (distance >= 0):
            side = "above" if above else "below"
            raise DeskError(
                f"The {name} {level} is not {side} the price {price}: correct the price or reject the signal.", price
            )
