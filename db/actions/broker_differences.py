"""A person decides about what does not agree between the desk and a broker. Nothing is ever decided by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Engine
from sqlmodel import Session

from core.broker.differences import CHOICES, Resolution
from core.broker.link import DifferenceKind
from core.broker.words import StatedDeal, read_deal, read_terms
from core.errors import ConflictError, DeskError, NotFoundError
from core.orders import Event, EventKind, Execution, Leg, OrderType, Side, Source, Terms, TimeInForce, leg_reference
from db.actions.orders import resolve_order
from db.engine import reader, writer
from db.models import Account, BrokerDifference, BrokerOrder, CashMovement, OrderTicket
from db.store.accounts import get_account
from db.store.broker.work import symbol_of
from db.store.lineage.roots import account_step
from db.store.moments import to_ms
from db.store.orders.state import apply_event, order_by_reference, terms_of
from db.store.orders.terms import put_terms, to_json
from db.store.orders.trace import trace_ticket
from db.store.revision import bump

K, R = DifferenceKind, Resolution
_OUTCOMES = frozenset({R.CANCELLED, R.FILLED, R.REJECTED, R.EXPIRED, R.WORKING})


@dataclass(frozen=True)
class Decision:
    """What the person chose and why. `account_id` is whose books take it in; `quantity` and `price` are those of a fill
    that only the person knows.
    """

    resolution: Resolution
    note: str
    account_id: int | None = None
    quantity: Decimal | None = None
    price: Decimal | None = None


def resolve_difference(engine: Engine, difference_id: int, decision: Decision, now: datetime) -> None:
    """Do what was decided and keep the decision with its reason.

    Raises:
        NotFoundError: there is no such difference, or what it is about.
        ConflictError: it is decided already, or gone.
        DeskError: the decision does not fit the difference, or something it needs is missing; nothing was written.
        IllegalTransitionError: the order cannot have been so.
    """
    if not decision.note.strip():
        raise DeskError("Say in a few words why: the reason stays with the decision.")
    if decision.resolution in _OUTCOMES:
        # First the order, in a transaction of its own: once it is settled, the difference goes by itself.
        _settle_order(engine, difference_id, decision, now)
    with writer(engine) as session:
        difference = _open(session, difference_id, decision)
        _carry_out(session, difference, decision, now)
        difference.resolution, difference.note = decision.resolution.value, decision.note.strip()
        difference.resolved_at = now
        bump(session)


def _open(session: Session, difference_id: int, decision: Decision) -> BrokerDifference:
    found = session.get(BrokerDifference, difference_id, populate_existing=True, with_for_update=True)
    if found is None:
        raise NotFoundError(f"Difference {difference_id} does not exist any more: reload the page.", difference_id)
    settled = decision.resolution in _OUTCOMES
    if found.resolution is not None or (found.gone_at is not None and not settled):
        raise ConflictError("This difference is decided or gone already: look at the list.", difference_id)
    if decision.resolution not in CHOICES[K(found.kind)]:
        raise DeskError(f"'{decision.resolution}' does not fit this difference: choose another.", found.kind)
    return found


def _settle_order(engine: Engine, difference_id: int, decision: Decision, now: datetime) -> None:
    with reader(engine) as session:
        row = _order(session, _open(session, difference_id, decision))
    outcome = decision.resolution.value
    resolve_order(engine, row.id or 0, outcome, decision.note, now, quantity=decision.quantity, price=decision.price)


def _carry_out(session: Session, difference: BrokerDifference, decision: Decision, now: datetime) -> None:
    if decision.resolution is R.BOOKED:
        _book(session, difference, decision, now)
    elif decision.resolution is R.TERMS_TAKEN:
        _take_terms(session, difference, decision.note, now)
    elif decision.resolution is R.TERMS_SENT:
        row = _order(session, difference)
        row.wanted = to_json(terms_of(row))


def _book(session: Session, difference: BrokerDifference, decision: Decision, now: datetime) -> None:
    if decision.account_id is None:
        raise DeskError("Choose the account whose books take it in.")
    account = get_account(session, decision.account_id, lock=True)
    if difference.kind == K.CASH:
        _book_cash(session, account, difference, decision.note, now)
        return
    deal = _deal(difference, decision, now)
    symbol_id = symbol_of(session, deal.instrument)
    if symbol_id is None:
        raise DeskError(f"No symbol of this desk is {deal.instrument}: choose its contract first.", deal.instrument)
    name = difference.subject if difference.kind == K.FOREIGN_EXECUTION else f"difference-{difference.id}"
    _enter(session, account, symbol_id, deal, f"difference-{difference.id}", name, decision.note, now)


def _deal(difference: BrokerDifference, decision: Decision, now: datetime) -> StatedDeal:
    """The trade that makes both sides agree."""
    if difference.kind == K.FOREIGN_EXECUTION:
        found = read_deal(difference.theirs)
        if found is None:
            raise DeskError("This trade cannot be read: mark it as known and enter it by hand.", difference.theirs)
        return found
    if decision.price is None or decision.price <= 0:
        raise DeskError("Enter the price at which the position was traded.", decision.price)
    units = Decimal(difference.theirs) - Decimal(difference.ours)
    side = Side.BUY if units > 0 else Side.SELL
    return StatedDeal(side, abs(units), difference.subject, decision.price, to_ms(now))


def _enter(
    session: Session, account: Account, symbol_id: int, deal: StatedDeal, key: str, name: str, note: str, now: datetime
) -> None:
    """An order that was filled elsewhere, with its one execution: from there on it is booked like any other."""
    ticket = OrderTicket(
        key=key, account_id=account.id or 0, symbol_id=symbol_id, broker="ibkr", origin="hand", note=note.strip(),
        created_at=now,
    )  # fmt: skip
    session.add(ticket)
    session.flush()
    row = BrokerOrder(
        ticket_id=ticket.id or 0, account_id=account.id or 0, symbol_id=symbol_id, leg=Leg.ENTRY.value,
        reference=leg_reference(ticket.id or 0, Leg.ENTRY), side=int(deal.side), type=OrderType.MARKET.value,
        quantity=deal.quantity, tif=TimeInForce.DAY.value, created_at=now, updated_at=now,
    )  # fmt: skip
    put_terms(row, Terms(deal.side, deal.quantity, tif=TimeInForce.DAY))
    session.add(row)
    session.flush()
    trace_ticket(session, ticket, [row], account.name, [account_step(session, account, now)], now)
    execution = Execution(name, deal.quantity, deal.price)
    words = f"Taken in from the broker by a person: {note.strip()}"
    apply_event(session, row, Event(EventKind.FILL, deal.time, Source.PERSON, words, execution=execution), now)


def _book_cash(session: Session, account: Account, difference: BrokerDifference, note: str, now: datetime) -> None:
    if account.currency != difference.subject:
        raise DeskError(
            f"{account.name} is kept in {account.currency}: choose an account in {difference.subject}.", account.id
        )
    amount = Decimal(difference.theirs) - Decimal(difference.ours)
    movement = CashMovement(
        account_id=account.id or 0, kind="adjustment", amount=amount, at=now, reason=note.strip(),
        booked_by="reconciliation", booked_at=now,
    )  # fmt: skip
    session.add(movement)


def _take_terms(session: Session, difference: BrokerDifference, note: str, now: datetime) -> None:
    row = _order(session, difference)
    get_account(session, row.account_id, lock=True)
    row = _order(session, difference)
    terms = read_terms(difference.theirs, terms_of(row))
    if terms is None:
        raise DeskError("The broker's order is of another kind: cancel it there, or send the desk's terms again.")
    row.wanted = None
    apply_event(session, row, Event(EventKind.MODIFIED, to_ms(now), Source.PERSON, note.strip(), terms=terms), now)


def _order(session: Session, difference: BrokerDifference) -> BrokerOrder:
    row = order_by_reference(session, difference.subject)
    if row is None:
        raise NotFoundError(f"There is no order {difference.subject} in this data base.", difference.subject)
    return row
