"""Orders in words: status, type, terms and what happened to them. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from core.orders import EventKind, Leg, OrderType, Source, Status, Terms, TimeInForce
from dashboard.components import formats
from dashboard.components.markup import Markup, pill, tag
from db.models import BrokerOrder

TONES: Final = {
    Status.INTENT: "",
    Status.SUBMITTED: "accent",
    Status.PARTIALLY_FILLED: "accent",
    Status.FILLED: "up",
    Status.CANCELLED: "",
    Status.REJECTED: "down",
    Status.EXPIRED: "",
    Status.UNKNOWN: "warning",
}
STATUS: Final[Mapping[str, str]] = {
    Status.INTENT: "Waiting",
    Status.SUBMITTED: "Working",
    Status.PARTIALLY_FILLED: "Part filled",
    Status.FILLED: "Filled",
    Status.CANCELLED: "Cancelled",
    Status.REJECTED: "Rejected",
    Status.EXPIRED: "Expired",
    Status.UNKNOWN: "Unknown",
}
MEANING: Final = {
    Status.INTENT: "committed here, not yet at the broker",
    Status.SUBMITTED: "at the broker, nothing filled yet",
    Status.PARTIALLY_FILLED: "a part is filled, the rest works on",
    Status.FILLED: "filled in full",
    Status.CANCELLED: "cancelled",
    Status.REJECTED: "refused by the broker",
    Status.EXPIRED: "its time was over",
    Status.UNKNOWN: "nobody can say how it stands: look at the broker and decide",
}
TYPES: Final[Mapping[str, str]] = {
    OrderType.MARKET: "Market",
    OrderType.LIMIT: "Limit",
    OrderType.STOP: "Stop",
    OrderType.STOP_LIMIT: "Stop limit",
    OrderType.TRAILING_STOP: "Trailing stop",
}
LEGS: Final[Mapping[str, str]] = {Leg.ENTRY: "Entry", Leg.TARGET: "Target", Leg.STOP: "Stop loss"}
TIFS: Final = {
    TimeInForce.DAY: "Day",
    TimeInForce.GTC: "Until cancelled",
    TimeInForce.GTD: "Until a date",
    TimeInForce.IOC: "At once, in part (IOC)",
    TimeInForce.FOK: "At once, whole (FOK)",
}
SOURCES: Final = {
    Source.PERSON: "person",
    Source.DESK: "desk",
    Source.PAPER: "paper broker",
    Source.IBKR: "Interactive Brokers",
    Source.RECONCILE: "reconciliation",
}
KINDS: Final = {
    EventKind.SUBMITTED: "Submitted",
    EventKind.FILL: "Fill",
    EventKind.CANCEL_REQUESTED: "Cancel asked for",
    EventKind.MODIFIED: "Terms changed",
    EventKind.REQUEST_REFUSED: "Request refused",
    EventKind.NOTED: "Remark",
    EventKind.CANCELLED: "Cancelled",
    EventKind.REJECTED: "Rejected",
    EventKind.EXPIRED: "Expired",
    EventKind.LOST: "Lost sight of",
}
BROKERS: Final = {"paper": "Paper", "ibkr": "Interactive Brokers"}


def status_pill(status: str, *, cancelling: bool = False) -> Markup:
    """The badge of a status; one that waits for its cancel says so."""
    known = Status(status)
    if cancelling and not known.final:
        return pill(f"{STATUS[known]}, cancel asked", "warning")
    return pill(STATUS[known], TONES[known])


def side_of(side: int) -> str:
    return "Buy" if side > 0 else "Sell"


def side_tag(side: int) -> Markup:
    return tag("b", side_of(side), cls="up" if side > 0 else "down")


def prices(order: Any, tick: float) -> str:
    """Where an order waits: `1.08450`, `stop 1.0790, limit 1.0785`, `trails 1.5 %`, `at market`.

    `order` has the fields of `BrokerOrder`: a row of it, or of the list.
    """
    parts = []
    if not formats.absent(order.stop_price):
        parts.append(("stop ", order.stop_price))
    if not formats.absent(order.limit_price):
        parts.append(("limit ", order.limit_price))
    if order.type == OrderType.TRAILING_STOP:
        far = f"{order.trail_percent:g} %" if not formats.absent(order.trail_percent) else _far(order.trail, tick)
        return f"trails {far}" + (f", starts at {formats.price(order.stop_price, tick)}" if parts else "")
    if len(parts) == 1:
        return formats.price(parts[0][1], tick)
    return ", ".join(f"{word}{formats.price(value, tick)}" for word, value in parts) or "at market"


def short_prices(order: Any, tick: float) -> str:
    """The same for a narrow column: a stop limit as `1.0790 → 1.0785`, a market order as `market`."""
    if order.type == OrderType.STOP_LIMIT:
        return f"{formats.price(order.stop_price, tick)} → {formats.price(order.limit_price, tick)}"
    return prices(order, tick).removeprefix("at ").partition(",")[0]


def waits_at(terms: Terms, tick: float) -> str:
    """How an order gets its price: `at market`, `at limit 1.08450`, `at stop 1.0790, limit 1.0785`."""
    if terms.type is OrderType.TRAILING_STOP:
        return (
            f"trailing by {terms.trail_percent:g} %"
            if terms.trail_percent
            else f"trailing by {_far(terms.trail, tick)}"
        )
    levels = [f"{word} {formats.price(value, tick)}" for word, value in (("stop", terms.stop), ("limit", terms.limit))
              if value is not None]  # fmt: skip
    return f"at {', '.join(levels) or 'market'}"


def life(tif: str, until: int | None) -> str:
    """How long it works: `until cancelled`, `day, ends 2026-11-20 22:00 UTC`."""
    known = TimeInForce(tif)
    name = TIFS[known].lower() if not known.at_once else tif
    if until is None:
        return name
    end = f"{formats.utc(until)} UTC"
    return f"until {end}" if known is TimeInForce.GTD else f"{name}, ends {end}"


def share_filled(filled: Any, quantity: Any) -> float:
    """The filled part of an order, 0..1."""
    return float(filled / quantity) if quantity else 0.0


def wanted_line(order: BrokerOrder, tick: float) -> str:
    """The terms that somebody asked for and the broker has not confirmed yet; empty without any."""
    asked = order.wanted or {}
    names = (("quantity", "quantity"), ("limit", "limit"), ("stop", "stop"), ("trail", "trail"))
    said = [f"{word} {_value(name, asked[name], tick)}" for name, word in names if asked.get(name) is not None]
    return "Asked for, not yet confirmed: " + ", ".join(said) + "." if said else ""


def _far(distance: float | None, tick: float) -> str:
    return formats.price(distance, tick)


def _value(name: str, value: Any, tick: float) -> str:
    return str(value) if name == "quantity" else formats.price(float(value), tick)
