"""What a person does with orders: send one, cancel it, change it, decide about one that nobody can account for."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from core.challenge.room import Verdict
from core.errors import ConflictError, DeskError, LimitError
from core.guards import Guard
from core.orders import Event, EventKind, Execution, Leg, Source, Status, Terms, check_terms, leg_reference
from db.actions.decide import trace_decision
from db.conflict import insert_for
from db.engine import writer
from db.models import Account, BrokerOrder, OrderRefusal, OrderTicket, OrderTransition, Symbol
from db.store.accounts import get_account
from db.store.lineage.roots import account_step
from db.store.lineage.steps import Step, add_step
from db.store.moments import to_ms
from db.store.orders.cancel import cancel
from db.store.orders.change import change
from db.store.orders.check import OrderRequest, Plan, plan_order, request_json
from db.store.orders.estimates import estimate_id
from db.store.orders.group import exits_group, group_name
from db.store.orders.market import order_time, rules_of, with_end
from db.store.orders.paper import accept, step_symbol
from db.store.orders.state import PAPER, apply_event, get_order, order_of, orders_of, ticket_of_key
from db.store.orders.terms import put_terms, terms_of, to_json
from db.store.orders.trace import trace_ticket
from db.store.revision import bump
from db.store.signals import settle

__all__ = ["OrderRequest", "cancel_order", "check_order", "modify_order", "only_closes", "place_order", "resolve_order"]

PATIENCE: Final = timedelta(minutes=5)
"""How long an order that is to trade at once may wait for its broker."""
OUTCOMES: Final = {
    "working": EventKind.SUBMITTED,
    "cancelled": EventKind.CANCELLED,
    "rejected": EventKind.REJECTED,
    "expired": EventKind.EXPIRED,
    "filled": EventKind.FILL,
}
"""What a person can say of an order that nobody else can account for."""


def place_order(engine: Engine, request: OrderRequest, now: datetime) -> int:
    """Commit to an order; returns its ticket's id. However often and by how many the same key comes, it is one ticket.

    With a signal it accepts that signal in the same transaction. A paper order is taken by its broker at once; one for
    Interactive Brokers waits for the process that talks to it.

    Raises:
        NotFoundError: no such account, symbol, signal or trade.
        OrderError: a broker could not work it; nothing was written.
        ConflictError: signal or trade are not what they were, or the key belongs to another order.
        LimitError: a guard, the account or its challenge says no. The refusal is kept.
        DeskError: it does not fit the account.
    """
    with writer(engine) as session:
        account = get_account(session, request.account_id, lock=True)
        known = ticket_of_key(session, request.key)
        if known is not None:
            return _same(session, known, request)
        plan = plan_order(session, account, request, now)
        if not plan.refused:
            return _place(session, plan, now)
        refused = plan.refused[0]
        asked = request_json(request)
        _refuse(session, account, (request.symbol_id, request.signal_id), asked, refused, now)
        bump(session)
    raise LimitError(f"{account.name} refuses this order. {refused.sentence}", refused.rule)


def check_order(session: Session, request: OrderRequest, now: datetime) -> list[Verdict]:
    """What every rule would answer to this order, the guards' answers first; nothing is written. None is asked about
    an order that only closes.

    Raises:
        DeskError, OrderError: as `place_order`.
    """
    account = get_account(session, request.account_id)
    return list(plan_order(session, account, request, now).answers)


def only_closes(session: Session, request: OrderRequest, now: datetime) -> bool:
    """Whether nothing of this order would open a position or add to one, so that no rule is asked. Errors as
    `check_order`.
    """
    return not plan_order(session, get_account(session, request.account_id), request, now).opens


def cancel_order(engine: Engine, order_id: int, now: datetime) -> None:
    """Cancel an order on paper, or ask its broker to. Asking again changes nothing; exits keep what has filled.

    What the stored bars have traded by now comes first: then it is too late.

    Raises:
        NotFoundError: no such order.
        ConflictError: it is over.
    """
    with writer(engine) as session:
        row, _ = _locked(session, order_id, now)
        status = Status(row.status)
        if not status.final:
            cancel(session, row, Source.PERSON, "", now)
        bump(session)
    # What the bars had done before is kept even where the cancel came too late.
    if status.final and status is not Status.CANCELLED:
        raise ConflictError(f"Order {row.reference} is {status.value} already: see the orders.", order_id)


def modify_order(engine: Engine, order_id: int, version: int, terms: Terms, now: datetime) -> None:
    """Change what an order asks for: on paper at once, else as a wish that its broker grants or refuses.

    A changed quantity of an entry is that of its exits too. More of what opens a position has to pass every rule.

    Raises:
        NotFoundError: no such order.
        ConflictError: it is over, or was changed since `version`.
        OrderError: a broker could not work it.
        LimitError: a guard, the account or its challenge says no. The refusal is kept.
    """
    with writer(engine) as session:
        row, symbol = _locked(session, order_id, now)
        if Status(row.status).final or row.cancelling:
            raise ConflictError(f"Order {row.reference} is {row.status} already.", order_id)
        if row.version != version:
            raise ConflictError(f"Order {row.reference} was changed in the meantime: look again.", order_id)
        broker = session.get_one(OrderTicket, row.ticket_id).broker
        terms = with_end(session, symbol, broker, replace(terms, oca=row.oca), now)
        check_terms(terms, rules_of(symbol), order_time(session, symbol, broker, now))
        refused = change(session, row, symbol, terms, now)
        account = session.get_one(Account, row.account_id)
        if refused is not None:
            asked = {"order": row.reference, "terms": to_json(terms)}
            _refuse(session, account, (row.symbol_id, None), asked, refused, now)
        bump(session)
    if refused is not None:
        raise LimitError(f"{account.name} refuses this change. {refused.sentence}", refused.rule)


def resolve_order(
    engine: Engine,
    order_id: int,
    outcome: str,
    note: str,
    now: datetime,
    *,
    quantity: Decimal | None = None,
    price: Decimal | None = None,
) -> None:
    """A person decides how an `unknown` order stands: one of `OUTCOMES`. `filled` needs what was traded at which price.

    Raises:
        NotFoundError: no such order.
        ConflictError: it is not unknown.
        DeskError: no such outcome, no note, or a fill without its figures.
        IllegalTransitionError: it cannot have been so.
    """
    if outcome not in OUTCOMES or not note.strip():
        raise DeskError("Say how the order stands and how you know it.", outcome)
    if outcome == "filled" and not (quantity and price and quantity > 0 and price > 0):
        raise DeskError("A fill needs its quantity and its price: enter both.", outcome)
    with writer(engine) as session:
        row = get_order(session, order_id)
        get_account(session, row.account_id, lock=True)
        row = get_order(session, order_id)
        if row.status != Status.UNKNOWN:
            raise ConflictError(f"Order {row.reference} is {row.status}: there is nothing to decide.", order_id)
        execution = None
        if outcome == "filled" and quantity is not None and price is not None:
            number = len(order_of(session, row).executions) + 1
            execution = Execution(estimate_id(row.reference, number), quantity, price)
        event = Event(OUTCOMES[outcome], to_ms(now), Source.PERSON, note.strip(), execution=execution)
        apply_event(session, row, event, now)
        row.error = ""
        bump(session)


def _same(session: Session, ticket: OrderTicket, request: OrderRequest) -> int:
    """The ticket, if it is what is asked for. What was changed since it was sent is not compared any more."""
    rows = {Leg(row.leg): row for row in orders_of(session, ticket.id or 0)}
    said = (ticket.account_id, ticket.symbol_id, ticket.broker, ticket.signal_id)
    asked = (request.account_id, request.symbol_id, request.broker, request.signal_id)
    closes = request.closes in (None, ticket.closes)
    if said != asked or not closes or rows.keys() != request.legs.keys():
        raise _another(ticket)
    query = select(OrderTransition.order_id).where(OrderTransition.kind == EventKind.MODIFIED.value)
    changed = set(session.exec(query.where(col(OrderTransition.order_id).in_([row.id for row in rows.values()]))))
    for leg, row in rows.items():
        known, terms = terms_of(row), request.legs[leg]
        # The desk itself adds the end of a day and the name of the group.
        terms = replace(terms, oca=known.oca, until=known.until if terms.until is None else terms.until)
        if row.id not in changed and terms != known:
            raise _another(ticket)
    return ticket.id or 0


def _another(ticket: OrderTicket) -> ConflictError:
    words = f"This form has sent another order already, order {ticket.id}: open a new one."
    return ConflictError(words, ticket.id)


def _place(session: Session, plan: Plan, now: datetime) -> int:
    request, account = plan.request, plan.account
    signal_id = None if plan.signal is None else plan.signal.id
    if signal_id is not None and not settle(session, signal_id, "accepted", None, now):
        raise ConflictError("This signal was just decided by somebody else: see the orders.", signal_id)
    ticket = _ticket(session, plan, now)
    rows = _rows(session, ticket, plan, now)
    if signal_id is None:
        parent = account_step(session, account, now)
    else:
        outcome = {"status": "accepted", "order": str(ticket.id)}
        parent = trace_decision(session, signal_id, "decision", "Accepted", outcome, now)
    trace_ticket(session, ticket, rows, account.name, [parent], now)
    if request.broker == PAPER:
        accept(session, ticket, plan.symbol, now)
        step_symbol(session, account.id or 0, plan.symbol, now)
    bump(session)
    return ticket.id or 0


def _ticket(session: Session, plan: Plan, now: datetime) -> OrderTicket:
    request = plan.request
    row = OrderTicket(
        key=request.key, account_id=request.account_id, symbol_id=request.symbol_id, signal_id=request.signal_id,
        closes=request.closes, reduces=not plan.opens, broker=request.broker,
        origin="hand" if request.signal_id is None else "signal", note=request.note.strip(), created_at=now,
    )  # fmt: skip
    statement = insert_for(session, OrderTicket).values(**row.model_dump(exclude={"id"}))
    statement = statement.on_conflict_do_nothing(index_elements=["key"])
    ticket_id: int | None = session.connection().execute(statement.returning(col(OrderTicket.id))).scalar()
    if ticket_id is None:
        # Another account's form: the same account waits for its lock and finds the ticket before.
        raise ConflictError("This form has sent another order already: open a new one.", request.key)
    return session.get_one(OrderTicket, ticket_id)


def _rows(session: Session, ticket: OrderTicket, plan: Plan, now: datetime) -> list[BrokerOrder]:
    number, legs = ticket.id or 0, plan.legs
    entry = leg_reference(number, Leg.ENTRY)
    joins = ""
    if ticket.closes is not None and ticket.broker != PAPER:
        joins = exits_group(session, ticket.closes, plan.request.entry.quantity)
    rows = []
    for leg, terms in legs.items():
        exit_ = leg is not Leg.ENTRY
        row = BrokerOrder(
            ticket_id=number, account_id=ticket.account_id, symbol_id=ticket.symbol_id, leg=leg.value,
            reference=leg_reference(number, leg), parent=entry if exit_ else None, side=int(terms.side),
            type=terms.type.value, quantity=terms.quantity, tif=terms.tif.value,
            send_before=None if exit_ else _send_before(plan, now), created_at=now, updated_at=now,
        )  # fmt: skip
        put_terms(row, replace(terms, oca=group_name(number) if exit_ else joins))
        session.add(row)
        session.flush()
        rows.append(row)
    return rows


def _send_before(plan: Plan, now: datetime) -> int | None:
    """When it is too late to send an entry (UTC ms)."""
    if plan.request.broker == PAPER:
        return None
    entry = plan.legs[Leg.ENTRY]
    ends = [] if entry.until is None else [entry.until]
    ends += [] if plan.signal is None else [plan.signal.expires_at]
    if entry.tif.at_once or not (entry.type.has_limit or entry.type.has_stop):
        ends.append(to_ms(now + PATIENCE))
    return min(ends, default=None)


def _refuse(
    session: Session,
    account: Account,
    about: tuple[int, int | None],
    asked: dict[str, Any],
    refused: Verdict,
    now: datetime,
) -> None:
    """Keep a refusal; `about` is the symbol and, where there is one, the signal."""
    symbol_id, signal_id = about
    row = OrderRefusal(
        account_id=account.id or 0, symbol_id=symbol_id, signal_id=signal_id, rule=refused.rule,
        figure=refused.worst_case, limit=_limit(refused), sentence=refused.sentence, request=asked, refused_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    output = {"rule": refused.rule, "sentence": refused.sentence}
    inputs = {"account": account.name} | ({} if signal_id is None else {"signal": signal_id})
    step = Step(
        "refusal", f"Order refused: {refused.title}", now, now, entity="order_refusal", entity_id=row.id, inputs=inputs,
        parameters=asked, output=output, content=output,
    )  # fmt: skip
    add_step(session, step, [account_step(session, account, now)])


def _limit(refused: Verdict) -> Decimal | None:
    """What the figure of a guard was held against; the sentence of any other rule names its floor."""
    if refused.rule not in list(Guard) or refused.worst_case is None:
        return None
    return refused.worst_case + (refused.room or Decimal(0))


def _locked(session: Session, order_id: int, now: datetime) -> tuple[BrokerOrder, Symbol]:
    """The order with its account locked, and on paper with everything that the stored bars have done to it by now."""
    row = get_order(session, order_id)
    account: Account = get_account(session, row.account_id, lock=True)
    symbol = session.get_one(Symbol, row.symbol_id)
    if session.get_one(OrderTicket, row.ticket_id).broker == PAPER:
        step_symbol(session, account.id or 0, symbol, now)
    return get_order(session, order_id), symbol
