"""Orders as values: what is asked for, how it stands, and which changes are possible."""

from __future__ import annotations

from core.orders.bracket import Leg, bracket, leg_reference, order_reference
from core.orders.events import Event, EventKind, Execution, Source
from core.orders.life import Order, Status, Transition, record, replay, transition
from core.orders.terms import OrderType, Side, Terms, TimeInForce
from core.orders.validate import Rules, check_bracket, check_terms

__all__ = [
    "Event",
    "EventKind",
    "Execution",
    "Leg",
    "Order",
    "OrderType",
    "Rules",
    "Side",
    "Source",
    "Status",
    "Terms",
    "TimeInForce",
    "Transition",
    "bracket",
    "check_bracket",
    "check_terms",
    "leg_reference",
    "order_reference",
    "record",
    "replay",
    "transition",
]
