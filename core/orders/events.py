"""What can happen to an order, as a broker, a person or the desk says it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from core.orders.terms import Terms


class EventKind(StrEnum):
    """The word is stored, so it never changes its meaning."""

    SUBMITTED = "submitted"
    """The broker works the order (again)."""
    FILL = "fill"
    """A part or all of it was traded."""
    CANCEL_REQUESTED = "cancel_requested"
    """Somebody asked for a cancel; fills may still come."""
    MODIFIED = "modified"
    """Its terms changed."""
    REQUEST_REFUSED = "request_refused"
    """The broker refused a cancel, or the change to the event's `terms`; the order is as it was."""
    NOTED = "noted"
    """The broker remarked on it; nothing changes."""
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    EXPIRED = "expired"
    LOST = "lost"
    """Nobody can say how it stands: the broker does not know it, or contradicts itself."""


class Source(StrEnum):
    """Who says so."""

    PERSON = "person"
    DESK = "desk"
    PAPER = "paper"
    IBKR = "ibkr"
    RECONCILE = "reconcile"


@dataclass(frozen=True)
class Execution:
    """One trade of an order. A broker corrects it by sending the same `id` with a higher `revision`."""

    id: str
    quantity: Decimal
    price: Decimal
    revision: int = 0
    commission: Decimal = Decimal(0)


@dataclass(frozen=True)
class Event:
    """One thing that happened, at `time` (UTC ms). `detail` is a sentence for people, in the source's own words."""

    kind: EventKind
    time: int
    source: Source
    detail: str = ""
    execution: Execution | None = None
    terms: Terms | None = None
