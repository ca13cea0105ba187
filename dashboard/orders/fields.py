"""An order as the fields of a form, and an order from a signal. Pure functions: what is said, and what it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from core.orders import Leg, OrderType, Side, Terms, TimeInForce, bracket
from core.signals.levels import to_tick
from dashboard.challenge.form import number
from db.models import Signal, Symbol

_ENTRY_TYPES: Final = {"LIMIT": OrderType.LIMIT, "STOP": OrderType.STOP}
BY_PRICE, BY_PERCENT = "Price distance", "Percent"


@dataclass(frozen=True)
class Prices:
    """What the form says besides quantity and time: None for a field that does not belong to the type or is empty."""

    limit: float | None = None
    trigger: float | None = None
    trail: float | None = None
    trail_percent: float | None = None
    stop: float | None = None
    target: float | None = None


def prices_of(kind: OrderType, fields: Mapping[str, str]) -> Prices:
    """The prices that the fields `limit`, `trigger`, `trail`, `stop` and `target` say; `by` is how it trails.

    Raises:
        ParameterError: a field is no number, or one that the type needs is empty.
    """
    far = _number(fields, "trail", "trailing distance", needed=True) if kind is OrderType.TRAILING_STOP else None
    percent = fields.get("by") == BY_PERCENT
    return Prices(
        limit=_number(fields, "limit", "limit price", needed=True) if kind.has_limit else None,
        trigger=_number(fields, "trigger", "stop price", needed=True) if kind.has_stop else None,
        trail=None if percent else far,
        trail_percent=far if percent else None,
        stop=_number(fields, "stop", "stop loss"),
        target=_number(fields, "target", "target"),
    )


def entry_price(prices: Prices, last: float | None) -> float | None:
    """The price an entry is reckoned with: its limit, else its stop price, else the last one."""
    return prices.limit if prices.limit is not None else prices.trigger if prices.trigger is not None else last


def entry_terms(
    side: Side, kind: OrderType, quantity: Decimal, prices: Prices, tif: TimeInForce, until: int | None = None
) -> Terms:
    """The entry as a broker is given it."""
    return Terms(
        side=side,
        quantity=quantity,
        type=kind,
        limit=prices.limit,
        stop=prices.trigger,
        trail=prices.trail,
        trail_percent=prices.trail_percent,
        tif=tif,
        until=until,
    )


def legs_of(entry: Terms, stop: float | None, target: float | None, group: str) -> dict[Leg, Terms]:
    """The entry alone, or with the exits that are named; either exit may be missing."""
    if stop is None and target is None:
        return {Leg.ENTRY: entry}
    legs = bracket(entry, stop if stop is not None else target or 0.0, target, group)
    if stop is None:
        del legs[Leg.STOP]
    return legs


def signal_entry(signal: Signal, symbol: Symbol, quantity: Decimal, until: int | None) -> Terms:
    """The entry of a signal: market, limit or stop as suggested; what waits ends at `until` (UTC ms), if given."""
    side = Side.BUY if signal.direction > 0 else Side.SELL
    kind = _ENTRY_TYPES.get(signal.entry_type.rpartition("_")[2], OrderType.MARKET)
    price = to_tick(signal.entry, symbol.tick_size)
    waits = kind is not OrderType.MARKET and until is not None
    return Terms(
        side=side,
        quantity=quantity,
        type=kind,
        limit=price if kind is OrderType.LIMIT else None,
        stop=price if kind is OrderType.STOP else None,
        tif=TimeInForce.GTD if waits else TimeInForce.GTC,
        until=until if waits else None,
    )


def signal_legs(
    signal: Signal, symbol: Symbol, quantity: Decimal, target: float | None, until: int | None, group: str
) -> dict[Leg, Terms]:
    """The bracket of a signal: its entry, its stop, and the target that was chosen."""
    tick = symbol.tick_size
    aim = None if target is None else to_tick(target, tick)
    entry = signal_entry(signal, symbol, quantity, until)
    return legs_of(entry, to_tick(signal.stop, tick), aim, group)


def _number(fields: Mapping[str, str], name: str, what: str, *, needed: bool = False) -> float | None:
    text = fields.get(name, "").strip()
    return float(number(text, what)) if text or needed else None
