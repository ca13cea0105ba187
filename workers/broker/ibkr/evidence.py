"""What the gateway shows of our orders, and what follows from it. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

import ib_async as ib

from core.orders import Event, EventKind, Source, Status, order_reference
from workers.broker.base import Intent
from workers.broker.ibkr.codes import OF_CHANGES, Meaning
from workers.broker.ibkr.parsing import Deal, deal_of, fill_event, in_time, size_of, status_event


@dataclass(frozen=True)
class Complaint:
    """A message of the gateway about an order."""

    code: int
    text: str
    meaning: Meaning

    @property
    def sentence(self) -> str:
        """In the gateway's own words, with its number."""
        return f"{self.text} ({self.code})"


@dataclass(frozen=True)
class Evidence:
    """Everything the gateway shows today, by reference; `foreign` and `strange` are orders and deals not of this desk.

    `over` holds (status, words) of orders that ended, `traded` what they are known to have traded. `twice` are
    references that more than one open order carries.
    """

    open: Mapping[str, ib.Trade]
    over: Mapping[str, tuple[str, str]]
    traded: Mapping[str, Decimal]
    deals: Mapping[str, tuple[Deal, ...]]
    twice: frozenset[str]
    foreign: tuple[ib.Trade, ...]
    strange: tuple[Deal, ...]

    def knows(self, reference: str) -> bool:
        """Whether there is any trace of the order."""
        return reference in self.open or reference in self.over or reference in self.deals


def gather(open_: Iterable[ib.Trade], completed: Iterable[ib.Trade], fills: Iterable[ib.Fill]) -> Evidence:
    """Sort what three queries have shown."""
    working: dict[str, ib.Trade] = {}
    foreign, twice = [], set()
    for trade in open_:
        reference = trade.order.orderRef
        if order_reference(reference) is None:
            foreign.append(trade)
            continue
        if reference in working:
            twice.add(reference)
        working.setdefault(reference, trade)
    ended = [one for one in completed if order_reference(one.order.orderRef) is not None]
    over = {one.order.orderRef: (one.orderStatus.status, one.orderStatus.status) for one in ended}
    traded = {one.order.orderRef: size for one in ended if (size := size_of(one.order)) is not None}
    deals: defaultdict[str, list[Deal]] = defaultdict(list)
    for fill in fills:
        deals[fill.execution.orderRef].append(deal_of(fill))
    ours = {name: tuple(found) for name, found in deals.items() if order_reference(name) is not None}
    strange = tuple(deal for name, found in deals.items() if name not in ours for deal in found)
    return Evidence(working, over, traded, ours, frozenset(twice), tuple(foreign), strange)


def verdict(intent: Intent, evidence: Evidence, complaint: Complaint | None, now: int) -> list[Event] | None:
    """What has happened to an order, as far as the gateway shows it; None when it shows no trace of an unsent one.

    A message is only believed where a query finds nothing better: an order that the gateway holds is alive, whatever
    was said of it.
    """
    order, reference = intent.order, intent.reference
    events = [fill_event(deal, Source.RECONCILE) for deal in evidence.deals.get(reference, ())]
    if order.status.final or _filled(intent, evidence) >= order.terms.quantity:
        return events
    if reference in evidence.open:
        alive = Event(EventKind.SUBMITTED, now, Source.RECONCILE, "The gateway holds it.")
        smaller = regrouped(intent, size_of(evidence.open[reference].order), now, Source.RECONCILE)
        said = [_shrugged(intent, complaint, now)] if complaint else []
        return [*events, alive, *([smaller] if smaller else []), *said]
    if reference in evidence.over:
        smaller = regrouped(intent, evidence.traded.get(reference), now, Source.RECONCILE)
        if smaller is not None and _filled(intent, evidence) == evidence.traded[reference]:
            return [*events, smaller]
        return [*events, _ended(intent, evidence.over[reference], complaint, now)]
    if order.status is Status.INTENT and complaint is None and not events:
        return None
    return [*events, _untraced(complaint, now)]


def regrouped(intent: Intent, size: Decimal | None, now: int, source: Source) -> Event | None:
    """What it means that the gateway has an order in `size` (above 0): another of its group traded, and it was made
    smaller.
    """
    order = intent.order
    if not order.terms.oca or intent.wanted is not None or order.status.final or size is None:
        return None
    if not order.filled <= size < order.terms.quantity:
        return None
    words = "The gateway made it smaller: another order of its group has traded."
    return Event(EventKind.MODIFIED, now, source, words, terms=replace(order.terms, quantity=size))


def _filled(intent: Intent, evidence: Evidence) -> Decimal:
    known = {one.id: one for one in intent.order.executions}
    for deal in evidence.deals.get(intent.reference, ()):
        old = known.get(deal.execution.id)
        if old is None or old.revision < deal.execution.revision:
            known[deal.execution.id] = deal.execution
    return sum((one.quantity for one in known.values()), Decimal(0))


def _shrugged(intent: Intent, complaint: Complaint, now: int) -> Event:
    said, words = complaint.meaning, complaint.sentence
    if intent.order.cancelling:
        # A change that was asked for before may be refused as well: the cancel is still out.
        refused = said is Meaning.REQUEST_REFUSED and complaint.code not in OF_CHANGES
    else:
        refused = intent.wanted is not None and said is not Meaning.REMARK
    kind = EventKind.REQUEST_REFUSED if refused else EventKind.NOTED
    return Event(kind, now, Source.IBKR, words, terms=intent.wanted if refused else None)


def _ended(intent: Intent, over: tuple[str, str], complaint: Complaint | None, now: int) -> Event:
    status, words = over
    if complaint is not None and complaint.meaning is Meaning.REJECTED:
        return Event(EventKind.REJECTED, now, Source.IBKR, complaint.sentence)
    said = status_event(status, now, Source.RECONCILE, words)
    if said is None or said.kind is EventKind.SUBMITTED:
        text = f"The gateway says {status}, but not every execution of it is known."
        return Event(EventKind.LOST, now, Source.RECONCILE, text)
    return in_time(said, intent.order.terms.until)


def _untraced(complaint: Complaint | None, now: int) -> Event:
    """An order that was sent and is not there: what was said of it decides, if it was said in a known number."""
    if complaint is None:
        return Event(EventKind.LOST, now, Source.RECONCILE, "The gateway does not know the order.")
    known = {Meaning.REJECTED: EventKind.REJECTED, Meaning.CANCELLED: EventKind.CANCELLED}
    return Event(known.get(complaint.meaning, EventKind.LOST), now, Source.IBKR, complaint.sentence)
