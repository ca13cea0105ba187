"""Where an entry is expected to trade, and where the stop of a bracket then stands."""

from __future__ import annotations

from collections.abc import Mapping

from core.orders import Leg, OrderType, Terms
from db.store.orders.market import Last


def entry_price(entry: Terms, last: Last | None) -> float | None:
    """What the entry is expected to trade at: its limit, its stop, else the last price; None where there is none."""
    if entry.limit is not None:
        return entry.limit
    if entry.stop is not None and entry.type is not OrderType.TRAILING_STOP:
        return entry.stop
    return None if last is None else last.price


def exit_level(terms: Terms, price: float) -> float | None:
    """Where an exit stands while its entry was filled at `price`."""
    if terms.type.has_limit and not terms.type.has_stop:
        return terms.limit
    if terms.stop is not None or terms.type is not OrderType.TRAILING_STOP:
        return terms.stop
    distance = terms.trail if terms.trail is not None else price * (terms.trail_percent or 0.0) / 100
    return price + int(terms.side) * distance


def stop_level(legs: Mapping[Leg, Terms], price: float) -> float | None:
    """Where the stop of a bracket stands once its entry is filled at `price`; None without one."""
    return exit_level(legs[Leg.STOP], price) if Leg.STOP in legs else None
