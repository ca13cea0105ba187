"""Whether a broker could work an order: checked before it is stored, in sentences a person can act on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from core.errors import OrderError
from core.orders.bracket import Leg
from core.orders.terms import OrderType, Side, Terms, TimeInForce
from core.risk import exact, plain, whole_lots

MAX_QUANTITY = Decimal(10) ** 10
MAX_PERCENT = 100.0


@dataclass(frozen=True)
class Rules:
    """What the market prescribes: prices are multiples of `tick`, quantities of `lot_step`."""

    tick: Decimal = Decimal("0.01")
    lot_step: Decimal = Decimal(1)


def check_terms(terms: Terms, rules: Rules, now: int) -> Terms:
    """Return `terms` if they are complete and keep the rules; `now` in UTC ms.

    Raises:
        OrderError: the sentence names what to change; the error's `subject` is the name of the field.
    """
    _check_quantity(terms.quantity, rules)
    _check_prices(terms, rules)
    _check_trail(terms, rules)
    if terms.tif is TimeInForce.GTD and terms.until is None:
        raise OrderError("A good-till-date order needs its date: choose one.", "until")
    if terms.until is not None and terms.until <= now:
        raise OrderError("The order would end before it begins: choose a later date.", "until")
    if terms.type is OrderType.STOP_LIMIT and terms.side * (_price(terms.limit) - _price(terms.stop)) < 0:
        where = "at or above" if terms.side is Side.BUY else "at or below"
        raise OrderError(
            f"The limit {terms.limit} would never fill once the stop {terms.stop} is touched: set it {where} the stop.",
            "limit",
        )
    return terms


def check_bracket(legs: Mapping[Leg, Terms], rules: Rules, now: int, last: float | None = None) -> None:
    """Check every leg, and that stop and target lie on their sides of the entry.

    The entry's price is its limit, else its stop, else `last` (the newest price; None: not known, and not compared).

    Raises:
        OrderError: as `check_terms`.
    """
    for terms in legs.values():
        check_terms(terms, rules, now)
    entry = legs[Leg.ENTRY]
    price = entry.limit if entry.limit is not None else entry.stop if entry.stop is not None else last
    for leg, level, side in (
        (Leg.STOP, legs[Leg.STOP].stop if Leg.STOP in legs else None, -1),
        (Leg.TARGET, legs[Leg.TARGET].limit if Leg.TARGET in legs else None, 1),
    ):
        _check_exit(legs, leg)
        if price is not None and level is not None and entry.side * side * (level - price) <= 0:
            where = "above" if entry.side * side > 0 else "below"
            word = "buy" if entry.side is Side.BUY else "sell"
            raise OrderError(f"The {leg} {level} of a {word} at {price} has to be {where} it: move it.", leg.value)


def _check_exit(legs: Mapping[Leg, Terms], leg: Leg) -> None:
    entry = legs[Leg.ENTRY]
    if leg in legs and (legs[leg].side is entry.side or legs[leg].quantity != entry.quantity):
        raise OrderError(f"The {leg} has to close the entry: the other side, the same quantity.", leg.value)


def _check_quantity(quantity: Decimal, rules: Rules) -> None:
    if not quantity.is_finite() or not 0 < quantity < MAX_QUANTITY:
        raise OrderError(f"The quantity {quantity} is not a positive amount: enter what you want to trade.", "quantity")
    if not whole_lots(quantity, rules.lot_step):
        raise OrderError(
            f"The quantity {plain(quantity)} is no multiple of the lot step {plain(rules.lot_step)}: round it.",
            "quantity",
        )


def _check_prices(terms: Terms, rules: Rules) -> None:
    kind = terms.type.replace("_", " ")
    starts_at = terms.type is OrderType.TRAILING_STOP
    for name, value, needed in (
        ("limit", terms.limit, terms.type.has_limit),
        ("stop", terms.stop, terms.type.has_stop),
    ):
        if value is None:
            if needed:
                raise OrderError(f"A {kind} order needs a {name} price: enter it.", name)
            continue
        if not needed and not (starts_at and name == "stop"):
            raise OrderError(f"A {kind} order has no {name} price: leave it empty.", name)
        if not (math.isfinite(value) and value > 0):
            raise OrderError(f"The {name} {value} is no price: enter a positive number.", name)
        if Fraction(exact(value)) % Fraction(rules.tick):
            raise OrderError(f"The {name} {value} is not on a tick of {plain(rules.tick)}: round it.", name)


def _check_trail(terms: Terms, rules: Rules) -> None:
    given = [value for value in (terms.trail, terms.trail_percent) if value is not None]
    if terms.type is not OrderType.TRAILING_STOP:
        if given:
            raise OrderError("Only a trailing stop has a distance: leave it empty.", "trail")
        return
    if len(given) != 1 or not (math.isfinite(given[0]) and given[0] > 0):
        raise OrderError("A trailing stop needs its distance, as a price or in percent: enter one of them.", "trail")
    if terms.trail_percent is not None and terms.trail_percent >= MAX_PERCENT:
        raise OrderError(f"A trailing stop {terms.trail_percent} % away is never reached: choose less.", "trail")
    if terms.trail is not None and Fraction(exact(terms.trail)) % Fraction(rules.tick):
        raise OrderError(f"The distance {terms.trail} is not on a tick of {plain(rules.tick)}: round it.", "trail")


def _price(value: float | None) -> float:
    if value is None:
        raise OrderError("A price is missing: enter it.", "limit")
    return value
