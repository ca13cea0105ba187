"""The desk's own data base under the broker's loop, and what a person does on it meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from shutil import copyfile

from sqlmodel import col, select

from core.orders import Event, Leg, Order, Terms, bracket, leg_reference
from db.actions.orders import OrderRequest, cancel_order, modify_order, place_order
from db.engine import engine_for, reader, writer
from db.models import BrokerContract, BrokerDifference, BrokerOrder, OrderCharge, OrderTransition
from db.store.orders.state import order_by_reference
from db.store.orders.terms import put_terms
from tests.factories import add, make_account, make_symbol
from workers.broker.base import Difference, DifferenceKind, Instrument, Intent, LinkState
from workers.broker.store import DeskIntents

AAPL = Instrument("AAPL")
ACCOUNT, STOCK, NOBODYS = 1, 1, 2


def now() -> int:
    return int(time.time() * 1000)


def new_desk(template: Path, path: Path) -> None:
    """A migrated data base with an account and two symbols, one of which the gateway does not know."""
    copyfile(template, path)
    with writer(engine_for(f"sqlite:///{path}")) as session:
        make_account(session)
        for name in ("AAPL", "NOPE"):
            symbol = make_symbol(session, name, source="sample", calendar="us_stocks")
            add(session, BrokerContract(key=f"{name}.STK.USD", symbol_id=symbol.id, symbol=name))


class LoudIntents(DeskIntents):
    """The product's store, which also says that something was kept."""

    def __init__(self, path: Path) -> None:
        super().__init__(engine_for(f"sqlite:///{path}"), now)
        self.links: list[LinkState] = []
        self.changed = asyncio.Event()

    # -- what a page does ------------------------------------------------------------------------------------------
    def commit(self, terms: Terms, number: int = 1, *, symbol: int = STOCK, **row: object) -> str:
        return self._place({Leg.ENTRY: terms}, number, symbol, **row)[0]

    def commit_bracket(self, entry: Terms, stop: float, target: float, number: int = 1) -> list[str]:
        return self._place(bracket(entry, stop, target, ""), number, STOCK)

    def commit_exit(self, leg: Leg, terms: Terms, number: int = 1) -> str:
        """An exit for an entry that was committed alone."""
        with writer(self.engine) as session:
            entry = order_by_reference(session, leg_reference(number, Leg.ENTRY))
            assert entry is not None
            kept = entry.model_dump(include={"ticket_id", "account_id", "symbol_id", "created_at", "updated_at"})
            row = BrokerOrder(
                **kept, leg=leg, reference=leg_reference(number, leg), parent=entry.reference, side=0, type="",
                quantity=Decimal(0), tif="",
            )  # fmt: skip
            put_terms(row, terms)
            session.add(row)
        return leg_reference(number, leg)

    def ask_cancel(self, reference: str) -> None:
        cancel_order(self.engine, self._row(reference).id or 0, datetime.now(UTC))

    def ask_change(self, reference: str, terms: Terms) -> None:
        row = self._row(reference)
        modify_order(self.engine, row.id or 0, row.version, terms, datetime.now(UTC))

    def get(self, reference: str) -> Intent:
        found = self.intent(reference)
        assert found is not None, reference
        return found

    def steps(self, reference: str) -> list[tuple[str, str, str]]:
        """(after, kind, detail) of every transition."""
        order_id = self._row(reference).id
        with reader(self.engine) as session:
            query = (
                select(OrderTransition).where(OrderTransition.order_id == order_id).order_by(col(OrderTransition.id))
            )
            return [(one.after, one.kind, one.detail) for one in session.exec(query)]

    def charges(self) -> list[Decimal]:
        with reader(self.engine) as session:
            return list(session.exec(select(OrderCharge.amount)))

    @property
    def differences(self) -> list[Difference]:
        """Those that are neither gone nor decided."""
        query = select(BrokerDifference).where(
            col(BrokerDifference.gone_at).is_(None), col(BrokerDifference.resolution).is_(None)
        )
        with reader(self.engine) as session:
            rows = session.exec(query.order_by(col(BrokerDifference.id))).all()
        return [Difference(DifferenceKind(one.kind), one.subject, one.ours, one.theirs, one.sentence) for one in rows]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Return once the condition holds; it is looked at whenever something was kept."""
        async with asyncio.timeout(15):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    # -- IntentStore -----------------------------------------------------------------------------------------------
    def apply(self, reference: str, event: Event) -> Order:
        order = super().apply(reference, event)
        self.changed.set()
        return order

    def withdraw(self, reference: str) -> None:
        super().withdraw(reference)
        self.changed.set()

    def report(self, differences: Sequence[Difference]) -> None:
        super().report(differences)
        self.changed.set()

    def link(self, state: LinkState) -> None:
        super().link(state)
        self.links.append(state)
        self.changed.set()

    def close(self) -> None:
        self.engine.dispose()

    def _place(self, legs: dict[Leg, Terms], number: int, symbol: int, **row: object) -> list[str]:
        request = OrderRequest(f"form {number}", ACCOUNT, symbol, legs, broker="ibkr")
        assert place_order(self.engine, request, datetime.now(UTC)) == number
        references = [leg_reference(number, leg) for leg in legs]
        if row:
            with writer(self.engine) as session:
                session.add(self._row(references[0]).sqlmodel_update(row))
        return references

    def _row(self, reference: str) -> BrokerOrder:
        with reader(self.engine) as session:
            found = order_by_reference(session, reference)
        assert found is not None, reference
        return found


def units(store: LoudIntents) -> dict[str, Decimal]:
    """Positions by symbol, as the ledger has them."""
    return {key.split(".")[0]: held for key, held in store.holdings().positions.items()}
