"""The desk's data base as the process that talks to Interactive Brokers sees it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from core.errors import BrokerError
from core.orders import Event, Order, Status
from db.engine import reader, writer
from db.models import BrokerContract, BrokerDifference, BrokerLink, BrokerOrder, OrderTicket
from db.store.accounts import get_account
from db.store.broker.books import as_instrument, cash_held, contracts, number_of, units_held
from db.store.moments import from_ms
from db.store.orders.charges import order_of_execution, take_charge
from db.store.orders.state import (
    IBKR,
    apply_event,
    ask_overdue,
    executions_of,
    live_orders,
    order_by_reference,
    order_of,
    with_executions,
)
from db.store.orders.terms import from_json
from db.store.revision import bump
from workers.broker.base import Attempt, Charge, Difference, Holdings, Instrument, Intent, LinkState


class DeskIntents:
    """An `IntentStore`: every call is one transaction, and kept when it returns. `now` gives UTC ms."""

    def __init__(self, engine: Engine, now: Callable[[], int]) -> None:
        self.engine, self.now = engine, now

    def open_intents(self) -> Sequence[Intent]:
        """See `IntentStore`."""
        with reader(self.engine) as session:
            rows = [row for row, _ in live_orders(session, broker=IBKR)]
            executions = executions_of(session, [row.id or 0 for row in rows]) if rows else {}
            return _intents(session, [(row, with_executions(row, executions[row.id or 0])) for row in rows])

    def intent(self, reference: str) -> Intent | None:
        """See `IntentStore`."""
        with reader(self.engine) as session:
            row = order_by_reference(session, reference)
            if row is None or session.get_one(OrderTicket, row.ticket_id).broker != IBKR:
                return None
            return _intents(session, [(row, order_of(session, row))])[0]

    def begin(self, reference: str, attempt: Attempt) -> bool:
        """See `IntentStore`."""
        with writer(self.engine) as session:
            row = _locked(session, reference)
            if row.cancelling or Status(row.status).final:
                return False
            _keep_attempt(row, attempt)
            return True

    def adopt(self, reference: str, attempt: Attempt) -> None:
        """See `IntentStore`."""
        with writer(self.engine) as session:
            _keep_attempt(_locked(session, reference), attempt)

    def apply(self, reference: str, event: Event) -> Order:
        """See `IntentStore`."""
        with writer(self.engine) as session:
            row = _locked(session, reference)
            version = row.version
            order = apply_event(session, row, event, self._moment())
            if row.version != version:
                bump(session)
            return order

    def withdraw(self, reference: str) -> None:
        """See `IntentStore`."""
        with writer(self.engine) as session:
            row = _locked(session, reference)
            if row.wanted is not None:
                row.wanted = None
                row.version += 1
                bump(session)

    def trim(self) -> None:
        """See `IntentStore`."""
        with reader(self.engine) as session:
            accounts = {row.account_id for row, _ in live_orders(session, broker=IBKR)}
        if not accounts:
            return
        with writer(self.engine) as session:
            for account_id in sorted(accounts):
                get_account(session, account_id, lock=True)
            if ask_overdue(session, self._moment()):
                bump(session)

    def charge(self, charge: Charge) -> None:
        """See `IntentStore`."""
        with writer(self.engine) as session:
            row = order_of_execution(session, charge.execution)
            if row is not None:
                get_account(session, row.account_id, lock=True)
            told = (charge.execution, charge.revision, charge.currency, charge.amount)
            if take_charge(session, *told, self._moment()):
                bump(session)

    def holdings(self) -> Holdings:
        """See `IntentStore`."""
        with reader(self.engine) as session:
            return Holdings(units_held(session, IBKR), cash_held(session, IBKR))

    def report(self, differences: Sequence[Difference]) -> None:
        """Keep what a reconciliation found. What a person has decided about stays decided while it says the same."""
        moment = self._moment()
        with writer(self.engine) as session:
            query = select(BrokerDifference).where(
                BrokerDifference.broker == IBKR, col(BrokerDifference.gone_at).is_(None)
            )
            known = {(row.kind, row.subject): row for row in session.exec(query.order_by(col(BrokerDifference.id)))}
            changed = False
            for one in differences:
                row = known.pop((one.kind.value, one.subject), None)
                changed |= _meet(session, row, one, moment)
            for row in known.values():
                row.gone_at = moment
            if changed or known:
                bump(session)

    def link(self, state: LinkState) -> None:
        """See `IntentStore`."""
        with writer(self.engine) as session:
            known = session.get(BrokerLink, IBKR)
            same = known is not None and known.link == state.link
            since = known.since if known is not None and same else state.since
            told = (state.link.value, state.detail, state.account, state.live)
            if known is None or (known.link, known.detail, known.account, known.live) != told:
                bump(session)
            session.merge(
                BrokerLink(
                    broker=IBKR,
                    link=state.link.value,
                    since=since,
                    seen=self.now(),
                    detail=state.detail,
                    account=state.account,
                    live=state.live,
                )
            )

    def contract_number(self, instrument: Instrument) -> int | None:
        """See `IntentStore`."""
        with reader(self.engine) as session:
            return number_of(session, instrument.key)

    def keep_contract_number(self, instrument: Instrument, number: int) -> None:
        """See `IntentStore`."""
        with writer(self.engine) as session:
            row = session.get(BrokerContract, instrument.key) or BrokerContract(
                key=instrument.key, **asdict(instrument)
            )
            row.number, row.found_at = number, self._moment()
            session.add(row)

    def _moment(self) -> datetime:
        return from_ms(self.now())


def _locked(session: Session, reference: str) -> BrokerOrder:
    """The order of a reference, its account locked.

    Raises:
        BrokerError: there is none.
    """
    found = order_by_reference(session, reference)
    if found is None:
        raise BrokerError(f"This desk has no order {reference}.", reference)
    get_account(session, found.account_id, lock=True)
    again = order_by_reference(session, reference)
    assert again is not None
    return again


def _intents(session: Session, rows: Sequence[tuple[BrokerOrder, Order]]) -> list[Intent]:
    known = contracts(session, {row.symbol_id for row, _ in rows}) if rows else {}
    return [
        Intent(
            reference=row.reference,
            instrument=Instrument(**as_instrument(known[row.symbol_id])),
            order=order,
            parent=row.parent,
            attempt=_attempt(row),
            wanted=None if row.wanted is None else from_json(row.wanted),
            send_before=row.send_before,
        )
        for row, order in rows
    ]


def _keep_attempt(row: BrokerOrder, attempt: Attempt) -> None:
    row.attempt_number, row.attempt_client, row.attempt_at = attempt.number, attempt.client, attempt.at


def _attempt(row: BrokerOrder) -> Attempt | None:
    if row.attempt_number is None or row.attempt_client is None or row.attempt_at is None:
        return None
    return Attempt(row.attempt_number, row.attempt_client, row.attempt_at)


def _meet(session: Session, row: BrokerDifference | None, found: Difference, moment: datetime) -> bool:
    """Enter a difference beside what is known of it; whether a person sees something new."""
    told = (found.ours, found.theirs)
    if row is not None and row.resolution is not None and (row.ours, row.theirs) != told:
        # Decided about something else.
        row.gone_at = moment
        row = None
    if row is None:
        session.add(
            BrokerDifference(
                broker=IBKR,
                kind=found.kind.value,
                subject=found.subject,
                ours=found.ours,
                theirs=found.theirs,
                sentence=found.sentence,
                found_at=moment,
                seen_at=moment,
            )
        )
        return True
    changed = (row.ours, row.theirs, row.sentence) != (*told, found.sentence)
    row.ours, row.theirs, row.sentence, row.seen_at = found.ours, found.theirs, found.sentence, moment
    return changed
