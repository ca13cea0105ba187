"""The life of an order: a pure state machine. Every change goes through `transition`, and every change is a record."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Final

from core.errors import IllegalTransitionError
from core.orders.events import Event, EventKind, Execution, Source
from core.orders.terms import Terms


class Status(StrEnum):
    """Where an order stands. `intent`: committed here, not yet known to a broker. `unknown`: a person has to look."""

    INTENT = "intent"
    SUBMITTED = "submitted"
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    EXPIRED = "expired"
    UNKNOWN = "unknown"

    @property
    def final(self) -> bool:
        """Whether nothing more is expected of it (a late fill is still taken)."""
        return self in (Status.FILLED, Status.CANCELLED, Status.REJECTED, Status.EXPIRED)

    @property
    def working(self) -> bool:
        """Whether a broker may trade it."""
        return self in (Status.SUBMITTED, Status.PARTIALLY_FILLED, Status.UNKNOWN)


_OPEN: Final = frozenset({Status.INTENT, Status.SUBMITTED, Status.PARTIALLY_FILLED, Status.UNKNOWN})
_ENDS: Final = {
    EventKind.CANCELLED: Status.CANCELLED,
    EventKind.REJECTED: Status.REJECTED,
    EventKind.EXPIRED: Status.EXPIRED,
}


@dataclass(frozen=True)
class Order:
    """How an order stands: its terms, its status and its executions (the newest revision of each, in order of arrival).

    `cancelling`: a cancel was asked for and not yet answered.
    """

    terms: Terms
    status: Status = Status.INTENT
    executions: tuple[Execution, ...] = ()
    cancelling: bool = False

    @property
    def filled(self) -> Decimal:
        """Quantity traded so far."""
        return sum((one.quantity for one in self.executions), Decimal(0))

    @property
    def remaining(self) -> Decimal:
        """Quantity not traded yet."""
        return self.terms.quantity - self.filled

    @property
    def average_price(self) -> Decimal | None:
        """Mean price of what was traded; None before the first fill."""
        filled = self.filled
        return sum((one.quantity * one.price for one in self.executions), Decimal(0)) / filled if filled else None


@dataclass(frozen=True)
class Transition:
    """The record of one change. `before` and `after` may be the same status: a second partial fill, a new price."""

    before: Status
    after: Status
    kind: EventKind
    source: Source
    time: int
    detail: str


def transition(order: Order, event: Event) -> Order:
    """The order after the event. What is already known (a repeated status, the same execution) changes nothing, and the
    very same object comes back.

    A fill is a fact of the market and is taken in every state: after a cancel it wins the race, and after a rejection
    it proves that the rejection was wrong, so that the order is unknown unless it is full.

    Raises:
        IllegalTransitionError: the event cannot happen in this state, or trades more than was asked for.
    """
    return _HANDLERS[event.kind](order, event)


def record(before: Order, event: Event, after: Order) -> Transition | None:
    """What is to be stored of a transition; None when the event said nothing new."""
    if after is before and event.kind not in (EventKind.REQUEST_REFUSED, EventKind.NOTED):
        return None
    return Transition(before.status, after.status, event.kind, event.source, event.time, event.detail)


def replay(order: Order, events: Iterable[Event]) -> tuple[Order, list[Transition]]:
    """The order after all events, and the records of what they changed.

    Raises:
        IllegalTransitionError: as `transition`.
    """
    records = []
    for event in events:
        after = transition(order, event)
        if (one := record(order, event, after)) is not None:
            records.append(one)
        order = after
    return order, records


def _fill(order: Order, event: Event) -> Order:
    new = event.execution
    if new is None or new.quantity <= 0:
        raise _illegal(order, event, "it names no execution")
    known = next((one for one in order.executions if one.id == new.id), None)
    if known is not None and known.revision >= new.revision:
        if known.revision == new.revision and (known.quantity, known.price) != (new.quantity, new.price):
            raise _illegal(order, event, f"execution {new.id} was already reported as {known.quantity}@{known.price}")
        return order
    executions = (*(one for one in order.executions if one is not known), new)
    filled = sum((one.quantity for one in executions), Decimal(0))
    if filled > order.terms.quantity:
        raise _illegal(order, event, f"{filled} would be filled of {order.terms.quantity}")
    status = _after_fill(order.status, full=filled == order.terms.quantity)
    return replace(order, executions=executions, status=status, cancelling=order.cancelling and not status.final)


def _after_fill(status: Status, *, full: bool) -> Status:
    if full:
        return Status.FILLED
    if status in (Status.CANCELLED, Status.EXPIRED, Status.UNKNOWN):
        return status
    return Status.UNKNOWN if status is Status.REJECTED else Status.PARTIALLY_FILLED


def _end(order: Order, event: Event) -> Order:
    target = _ENDS[event.kind]
    if order.status is target:
        return order
    return replace(_open(order, event), status=target, cancelling=False)


def _submitted(order: Order, event: Event) -> Order:
    working = Status.PARTIALLY_FILLED if order.executions else Status.SUBMITTED
    return order if _open(order, event).status is working else replace(order, status=working)


def _lost(order: Order, event: Event) -> Order:
    if order.status is Status.UNKNOWN:
        return order
    if order.status is Status.FILLED:
        raise _illegal(order, event, "it is filled")
    return replace(order, status=Status.UNKNOWN)


def _cancel_requested(order: Order, event: Event) -> Order:
    return order if _open(order, event).cancelling else replace(order, cancelling=True)


def _request_refused(order: Order, event: Event) -> Order:
    of_cancel = order.cancelling and event.terms is None
    return replace(order, cancelling=False) if of_cancel else order


def _modified(order: Order, event: Event) -> Order:
    terms = event.terms
    if terms is None or terms.side is not order.terms.side:
        raise _illegal(order, event, "a change keeps the side")
    if _open(order, event).terms == terms:
        return order
    if terms.quantity < order.filled:
        raise _illegal(order, event, f"{order.filled} are already filled")
    full = order.filled == terms.quantity
    return replace(order, terms=terms, status=Status.FILLED if full else order.status)


def _open(order: Order, event: Event) -> Order:
    if order.status not in _OPEN:
        raise _illegal(order, event, f"it is {order.status}")
    return order


def _illegal(order: Order, event: Event, why: str) -> IllegalTransitionError:
    words = event.kind.replace("_", " ")
    return IllegalTransitionError(f"The order cannot take '{words}' from {event.source}: {why}.", (order, event))


_HANDLERS: Final[dict[EventKind, Callable[[Order, Event], Order]]] = {
    EventKind.SUBMITTED: _submitted,
    EventKind.FILL: _fill,
    EventKind.CANCEL_REQUESTED: _cancel_requested,
    EventKind.MODIFIED: _modified,
    EventKind.REQUEST_REFUSED: _request_refused,
    EventKind.NOTED: lambda order, _event: order,
    EventKind.CANCELLED: _end,
    EventKind.REJECTED: _end,
    EventKind.EXPIRED: _end,
    EventKind.LOST: _lost,
}
