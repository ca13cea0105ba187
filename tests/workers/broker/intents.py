"""The smallest store of intents that survives a kill: SQLite, one transaction a call."""

from __future__ import annotations

import asyncio
import pickle
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from core.ledger import Fill, replay
from core.orders import Event, EventKind, Leg, Order, Source, Terms, bracket, leg_reference, record, transition
from workers.broker.base import Attempt, Charge, Difference, Holdings, Instrument, Intent, LinkState

AAPL = Instrument("AAPL")


class SqliteIntents:
    """An `IntentStore`."""

    def __init__(self, path: Path) -> None:
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.executescript(
            "PRAGMA journal_mode=WAL;"
            "CREATE TABLE IF NOT EXISTS intent (id INTEGER PRIMARY KEY, reference TEXT UNIQUE, body BLOB);"
            "CREATE TABLE IF NOT EXISTS step (reference TEXT, body BLOB);"
            "CREATE TABLE IF NOT EXISTS charge (execution TEXT PRIMARY KEY, amount TEXT);"
            "CREATE TABLE IF NOT EXISTS number (key TEXT PRIMARY KEY, number INTEGER);"
        )
        self.differences: list[Difference] = []
        self.links: list[LinkState] = []
        self.changed = asyncio.Event()

    # -- what a page does ------------------------------------------------------------------------------------------
    def commit(self, terms: Terms, number: int = 1, **more: object) -> str:
        reference = leg_reference(number, Leg.ENTRY)
        plain = {"instrument": AAPL, "order": Order(terms)}
        self._add(Intent(reference, **plain | more))
        return reference

    def commit_bracket(self, entry: Terms, stop: float, target: float, number: int = 1) -> list[str]:
        root = leg_reference(number, Leg.ENTRY)
        references = []
        for leg, terms in bracket(entry, stop, target, f"cr:{number}").items():
            reference = leg_reference(number, leg)
            self._add(Intent(reference, AAPL, Order(terms), None if leg is Leg.ENTRY else root))
            references.append(reference)
        return references

    def commit_exit(self, leg: Leg, terms: Terms, number: int = 1) -> str:
        """An exit for an entry that was committed alone."""
        reference = leg_reference(number, leg)
        self._add(Intent(reference, AAPL, Order(terms), leg_reference(number, Leg.ENTRY)))
        return reference

    def ask_cancel(self, reference: str) -> None:
        self.apply(reference, Event(EventKind.CANCEL_REQUESTED, 0, Source.PERSON))

    def ask_change(self, reference: str, terms: Terms) -> None:
        self._put(replace(self.get(reference), wanted=terms))

    def get(self, reference: str) -> Intent:
        found = self.intent(reference)
        assert found is not None, reference
        return found

    def steps(self, reference: str) -> list[tuple[str, str, str]]:
        """(after, kind, detail) of every transition."""
        rows = self.db.execute("SELECT body FROM step WHERE reference = ? ORDER BY rowid", (reference,))
        found = [pickle.loads(row[0]) for row in rows]
        return [(str(one.after), str(one.kind), one.detail) for one in found]

    def charges(self) -> dict[str, str]:
        return dict(self.db.execute("SELECT execution, amount FROM charge"))

    async def until(self, condition: Callable[[], bool]) -> None:
        """Return once the condition holds; it is looked at whenever something was kept."""
        async with asyncio.timeout(15):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    # -- IntentStore -----------------------------------------------------------------------------------------------
    def open_intents(self) -> Sequence[Intent]:
        return [one for one in self._all() if not one.order.status.final]

    def intent(self, reference: str) -> Intent | None:
        row = self.db.execute("SELECT body FROM intent WHERE reference = ?", (reference,)).fetchone()
        return None if row is None else pickle.loads(row[0])

    def begin(self, reference: str, attempt: Attempt) -> None:
        self._put(replace(self.get(reference), attempt=attempt))

    def apply(self, reference: str, event: Event) -> Order:
        before = self.get(reference)
        after = transition(before.order, event)
        step = record(before.order, event, after)
        self.db.execute("BEGIN IMMEDIATE")
        self._put(replace(before, order=after))
        if step is not None:
            self.db.execute("INSERT INTO step VALUES (?, ?)", (reference, pickle.dumps(step)))
        self.db.execute("COMMIT")
        self.changed.set()
        return after

    def withdraw(self, reference: str) -> None:
        self._put(replace(self.get(reference), wanted=None))

    def charge(self, charge: Charge) -> None:
        self.db.execute("INSERT OR IGNORE INTO charge VALUES (?, ?)", (charge.execution, str(charge.amount)))

    def holdings(self) -> Holdings:
        fills = [
            Fill(done.id, 0, one.instrument.key, "USD", done.quantity * one.order.terms.side, done.price)
            for one in self._all()
            for done in one.order.executions
        ]
        return Holdings({held.instrument: held.quantity for held in replay(fills).open}, None)

    def report(self, differences: Sequence[Difference]) -> None:
        self.differences = list(differences)
        self.changed.set()

    def link(self, state: LinkState) -> None:
        self.links.append(state)
        self.changed.set()

    def contract_number(self, instrument: Instrument) -> int | None:
        row = self.db.execute("SELECT number FROM number WHERE key = ?", (instrument.key,)).fetchone()
        return None if row is None else row[0]

    def keep_contract_number(self, instrument: Instrument, number: int) -> None:
        self.db.execute("INSERT OR REPLACE INTO number VALUES (?, ?)", (instrument.key, number))

    def _all(self) -> list[Intent]:
        return [pickle.loads(row[0]) for row in self.db.execute("SELECT body FROM intent ORDER BY id")]

    def _add(self, intent: Intent) -> None:
        self.db.execute("INSERT INTO intent (reference, body) VALUES (?, ?)", (intent.reference, pickle.dumps(intent)))

    def _put(self, intent: Intent) -> None:
        self.db.execute("UPDATE intent SET body = ? WHERE reference = ?", (pickle.dumps(intent), intent.reference))


def units(store: SqliteIntents) -> dict[str, Decimal]:
    """Positions by symbol, as the ledger has them."""
    return {key.split(".")[0]: held for key, held in store.holdings().positions.items()}
