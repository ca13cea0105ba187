"""The paper broker's book for one instrument: which orders it holds, and what happens to them together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from core.broker.holdings import Effect, Holding, Holdings
from core.errors import OrderError
from core.orders import Event, EventKind, Leg, Order, Source, Terms, leg_reference, transition


@dataclass(frozen=True)
class Working:
    """An order in the book. A child (`parent` set) waits for its parent and closes what that has opened.

    `effect` says what its fills do to the holdings; `closes` names the one that it reduces (None: any the other way).
    `elected`: its stop was touched; `owed`: the price that was to trade at when the bar had no room for all of it.
    `level`: where a trailing stop stands now. `reduced`: quantity that its group lost to fills of the other orders in
    it.
    """

    id: str
    order: Order
    placed_at: int
    parent: str | None = None
    elected: bool = False
    owed: float | None = None
    level: float | None = None
    reduced: Decimal = Decimal(0)
    effect: Effect = Effect.OPENS
    closes: str | None = None

    @property
    def terms(self) -> Terms:
        """What it asks for."""
        return self.order.terms

    @property
    def live(self) -> bool:
        """Whether it may still trade."""
        return not self.order.status.final

    @property
    def left(self) -> Decimal:
        """What it may still trade by its own terms."""
        return self.terms.quantity - self.order.filled - self.reduced


@dataclass(frozen=True)
class PaperBook:
    """Orders of one instrument in the order they were placed, and what they have opened there.

    `through` is the close (UTC ms) of the last bar seen.
    """

    orders: tuple[Working, ...] = ()
    through: int = 0
    holdings: tuple[Holding, ...] = ()


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
        self.holdings = Holdings(book.holdings)
        self.reports: list[Report] = []

    def book(self) -> PaperBook:
        """The book as a value, without the orders that are over and nobody waits for."""
        awaited = {one.parent for one in self.orders.values() if one.live}
        kept = tuple(one for one in self.orders.values() if one.live or one.id in awaited)
        return PaperBook(kept, self.through, tuple(self.holdings))

    def put(self, one: Working) -> None:
        """Replace an order by its next state, without a report."""
        self.orders[one.id] = one

    def say(self, id_: str, event: Event) -> None:
        """Let an event happen to an order, and what follows from it to its group and its children."""
        before = self.orders[id_]
        self.orders[id_] = replace(before, order=transition(before.order, event))
        self.reports.append(Report(id_, event))
        after = self.orders[id_]
        if event.execution is not None:
            self._hold(after, event.execution.quantity, event.time)
            if after.terms.oca:
                self._reduce_group(after, event)
        if event.execution is not None or (not after.live and after.effect is not Effect.REDUCES):
            self.settle(event.time, Source.PAPER, _after(after))

    def cancel(self, id_: str, time: int, detail: str) -> None:
        """Cancel an order, if it is still live."""
        if self.orders[id_].live:
            self.say(id_, Event(EventKind.CANCELLED, time, Source.PAPER, detail))

    def openable(self, one: Working) -> Decimal:
        """Quantity it may trade now: what only reduces no more than is held of what it reduces."""
        return one.left if one.effect is not Effect.REDUCES else min(one.left, self._held(one))

    def settle(self, time: int, source: Source, words: str) -> None:
        """Let no order that only reduces ask for more than is held, and what its entry may still open."""
        for one in list(self.orders.values()):
            if one.effect is not Effect.REDUCES or not one.live:
                continue
            room = self._held(one) + self._coming(one)
            if room <= 0:
                self.say(one.id, Event(EventKind.CANCELLED, time, source, words))
            elif one.left > room:
                smaller = replace(one.terms, quantity=one.order.filled + one.reduced + room)
                self.say(one.id, Event(EventKind.MODIFIED, time, source, words, terms=smaller))

    def _held(self, one: Working) -> Decimal:
        side = one.terms.side
        return self.holdings.against(side) if one.closes is None else self.holdings.of(one.closes)

    def _coming(self, one: Working) -> Decimal:
        parent = self.orders.get(one.parent or "")
        return parent.left if parent is not None and parent.live else Decimal(0)

    def _hold(self, one: Working, quantity: Decimal, time: int) -> None:
        """Book a fill into the holdings."""
        side = one.terms.side
        if one.effect is not Effect.OPENS:
            quantity = self.holdings.take_off(side, one.closes, quantity)
        if quantity:
            self.holdings.add(one.id, side, quantity, time)

    def _reduce_group(self, filled: Working, event: Event) -> None:
        assert event.execution is not None
        for other in list(self.orders.values()):
            if other.id == filled.id or other.terms.oca != filled.terms.oca or not other.live:
                continue
            self.put(other := replace(other, reduced=other.reduced + event.execution.quantity))
            if other.left <= 0:
                self.cancel(other.id, event.time, f"{filled.id} of the same group was filled.")


def _after(one: Working) -> str:
    """Why what an order has opened, or what it closes, is less than was asked for."""
    if one.live or one.effect is Effect.REDUCES:
        return f"{one.id} closed a part of it." if one.live else f"{one.id} closed it."
    return f"{one.id} ended with {one.order.filled} filled." if one.order.filled else f"{one.id} ended without a fill."


def place(
    book: PaperBook,
    id_: str,
    terms: Terms,
    time: int,
    parent: str | None = None,
    effect: Effect = Effect.OPENS,
    closes: str | None = None,
) -> tuple[PaperBook, tuple[Report, ...]]:
    """Take an order into the book at `time` (UTC ms); it sees only bars that open then or later. A child reduces what
    its parent opens; for any other `effect` and `closes` are those of `Working`.

    Raises:
        OrderError: there is an order with this id, or no parent with that one.
    """
    known = {one.id for one in book.orders}
    if id_ in known or (parent is not None and parent not in known):
        what = f"There is an order {id_} already." if id_ in known else f"There is no order {parent} to follow."
        raise OrderError(what, id_)
    desk = Desk(book)
    if parent is not None:
        effect, closes = Effect.REDUCES, parent
    desk.put(Working(id_, Order(terms), time, parent, effect=effect, closes=closes))
    desk.say(id_, Event(EventKind.SUBMITTED, time, Source.PAPER))
    return desk.book(), tuple(desk.reports)


def place_bracket(
    book: PaperBook,
    order_id: int | str,
    legs: Mapping[Leg, Terms],
    time: int,
    effect: Effect = Effect.OPENS,
    closes: str | None = None,
) -> tuple[PaperBook, tuple[Report, ...]]:
    """Place an entry with its exits under the references of their legs; `effect` and `closes` are the entry's."""
    entry = leg_reference(order_id, Leg.ENTRY)
    reports: tuple[Report, ...] = ()
    for leg, terms in sorted(legs.items(), key=lambda pair: pair[0] is not Leg.ENTRY):
        parent = None if leg is Leg.ENTRY else entry
        book, said = place(book, leg_reference(order_id, leg), terms, time, parent, effect, closes)
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


def settle(book: PaperBook, time: int, source: Source, words: str) -> tuple[PaperBook, tuple[Report, ...]]:
    """Make smaller, or cancel, what only reduces and asks for more than the book's holdings leave; `words` say why."""
    desk = Desk(book)
    desk.settle(time, source, words)
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
        after = replace(after, level=None, elected=False, owed=None)
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
