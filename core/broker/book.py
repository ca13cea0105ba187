"""The paper broker's book for one instrument: which orders it holds, and what happens to them together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from core.errors import OrderError
from core.orders import Event, EventKind, Leg, Order, Source, Terms, leg_reference, transition


@dataclass(frozen=True)
class Working:
    """An order in the book. A child (`parent` set) waits for its parent and closes at most what that has filled.

    `elected`: its stop was touched. `level`: where a trailing stop stands now. `reduced`: quantity that its group lost
    to fills of the other orders in it.
    """

    id: str
    order: Order
    placed_at: int
    parent: str | None = None
    elected: bool = False
    level: float | None = None
    reduced: Decimal = Decimal(0)

    @property
    def terms(self) -> Terms:
        """What it asks for."""
        return self.order.terms

    @property
    def live(self) -> bool:
        """Whether it may still trade."""
        return not self.order.status.final


@dataclass(frozen=True)
class PaperBook:
    """Orders of one instrument in the order they were placed; `through` is the close (UTC ms) of the last bar seen."""

    orders: tuple[Working, ...] = ()
    through: int = 0


@dataclass(frozen=True)
class Report:
    """What happened to the order `id`."""

    id: str
    event: Event


class Desk:
    """A book while it is being changed. Every change of an order goes through the state machine and is reported."""

    def __init__(self, book: PaperBook) -> None:
        self.orders = {one.id: one for one in book.orders}
        self.through = book.through
        self.reports: list[Report] = []

    def book(self) -> PaperBook:
        """The book as a value, without the orders that are over and nobody waits for."""
        awaited = {one.parent for one in self.orders.values() if one.live}
        kept = tuple(one for one in self.orders.values() if one.live or one.id in awaited)
        return PaperBook(kept, self.through)

    def put(self, one: Working) -> None:
        """Replace an order by its next state, without a report."""
        self.orders[one.id] = one

    def say(self, id_: str, event: Event) -> None:
        """Let an event happen to an order, and what follows from it to its group and its children."""
        before = self.orders[id_]
        self.orders[id_] = replace(before, order=transition(before.order, event))
        self.reports.append(Report(id_, event))
        after = self.orders[id_]
        if event.execution is not None and after.terms.oca:
            self._reduce_group(after, event)
        if not after.live:
            self._parent_ended(after, event)

    def cancel(self, id_: str, time: int, detail: str) -> None:
        """Cancel an order, if it is still live."""
        if self.orders[id_].live:
            self.say(id_, Event(EventKind.CANCELLED, time, Source.PAPER, detail))

    def openable(self, one: Working) -> Decimal:
        """Quantity it may trade now: a child no more than its parent has filled."""
        asked = one.terms.quantity
        if one.parent is not None and one.parent in self.orders:
            asked = min(asked, self.orders[one.parent].order.filled)
        return asked - one.order.filled - one.reduced

    def _reduce_group(self, filled: Working, event: Event) -> None:
        assert event.execution is not None
        for other in list(self.orders.values()):
            if other.id == filled.id or other.terms.oca != filled.terms.oca or not other.live:
                continue
            self.put(replace(other, reduced=other.reduced + event.execution.quantity))
            left = other.terms.quantity - other.order.filled - self.orders[other.id].reduced
            if left <= 0 or not filled.live:
                self.cancel(other.id, event.time, f"{filled.id} of the same group was filled.")

    def _parent_ended(self, parent: Working, event: Event) -> None:
        got = parent.order.filled
        for child in list(self.orders.values()):
            if child.parent != parent.id or not child.live or got >= child.terms.quantity:
                continue
            if not got:
                self.cancel(child.id, event.time, f"{parent.id} ended without a fill.")
                continue
            if child.order.filled + child.reduced >= got > child.order.filled:
                self.cancel(child.id, event.time, f"{parent.id} ended; what it filled is closed.")
                continue
            smaller = replace(child.terms, quantity=got)
            words = f"{parent.id} ended with {got} filled."
            self.say(child.id, Event(EventKind.MODIFIED, event.time, Source.PAPER, words, terms=smaller))


def place(
    book: PaperBook, id_: str, terms: Terms, time: int, parent: str | None = None
) -> tuple[PaperBook, tuple[Report, ...]]:
    """Take an order into the book at `time` (UTC ms); it sees only bars that open then or later.

    Raises:
        OrderError: there is an order with this id, or no parent with that one.
    """
    known = {one.id for one in book.orders}
    if id_ in known or (parent is not None and parent not in known):
        what = f"There is an order {id_} already." if id_ in known else f"There is no order {parent} to follow."
        raise OrderError(what, id_)
    desk = Desk(book)
    desk.put(Working(id_, Order(terms), time, parent))
    desk.say(id_, Event(EventKind.SUBMITTED, time, Source.PAPER))
    return desk.book(), tuple(desk.reports)


def place_bracket(
    book: PaperBook, order_id: int | str, legs: Mapping[Leg, Terms], time: int
) -> tuple[PaperBook, tuple[Report, ...]]:
    """Place an entry with its exits under the references of their legs."""
    entry = leg_reference(order_id, Leg.ENTRY)
    reports: tuple[Report, ...] = ()
    for leg, terms in sorted(legs.items(), key=lambda pair: pair[0] is not Leg.ENTRY):
        parent = None if leg is Leg.ENTRY else entry
        book, said = place(book, leg_reference(order_id, leg), terms, time, parent)
        reports += said
    return book, reports


def cancel(book: PaperBook, id_: str, time: int) -> tuple[PaperBook, tuple[Report, ...]]:
    """Cancel an order; the exits of an entry keep what it has filled.

    Raises:
        OrderError: the book has no live order with this id.
    """
    desk = Desk(book)
    _live(desk, id_)
    desk.cancel(id_, time, "")
    return desk.book(), tuple(desk.reports)


def expire(book: PaperBook, time: int) -> tuple[PaperBook, tuple[Report, ...]]:
    """End what was to work until `time` (UTC ms) or earlier, where no bar has come that would have done it."""
    desk = Desk(book)
    for one in book.orders:
        until = one.terms.until
        if until is not None and until <= time and desk.orders[one.id].live:
            desk.say(one.id, Event(EventKind.EXPIRED, until, Source.PAPER, "Its time was over."))
    return desk.book(), tuple(desk.reports)


def modify(
    book: PaperBook, id_: str, terms: Terms, time: int, since: int | None = None
) -> tuple[PaperBook, tuple[Report, ...]]:
    """Change an order's terms; a trailing stop starts anew when its distance or start changes.

    New terms see only bars that open at `since` (UTC ms; None: `time`) or later: the prices of a bar that goes on are
    partly from before the change. Less of the same order, a longer life, or an exit that follows its entry's size asks
    nothing new of the market.

    Raises:
        OrderError: the book has no live order with this id, or the change is impossible.
    """
    desk = Desk(book)
    before = _live(desk, id_)
    desk.say(id_, Event(EventKind.MODIFIED, time, Source.PAPER, terms=terms))
    after = desk.orders[id_]
    if (before.terms.trail, before.terms.trail_percent, before.terms.stop) != (
        terms.trail,
        terms.trail_percent,
        terms.stop,
    ):
        after = replace(after, level=None, elected=False)
    if _asks_anew(before, terms):
        after = replace(after, placed_at=max(after.placed_at, time if since is None else since))
    desk.put(after)
    return desk.book(), tuple(desk.reports)


def _asks_anew(before: Working, terms: Terms) -> bool:
    known = before.terms
    more = before.parent is None and terms.quantity > known.quantity
    return more or replace(terms, quantity=known.quantity, until=known.until, tif=known.tif) != known


def _live(desk: Desk, id_: str) -> Working:
    found = desk.orders.get(id_)
    if found is None or not found.live:
        raise OrderError(f"The paper broker holds no order {id_}: it is over.", id_)
    return found
