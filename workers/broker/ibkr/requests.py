"""Cancels and changes of orders that work at the gateway."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from core.orders import Event, EventKind, Order, Source, Terms
from workers.broker.base import Intent, IntentStore
from workers.broker.ibkr.connection import Connection
from workers.broker.ibkr.contracts import Contracts
from workers.broker.ibkr.evidence import Evidence
from workers.broker.ibkr.parsing import agrees, to_order


class Requests:
    """Each request is sent once for each connection; the answer is what the gateway then shows."""

    def __init__(
        self, connection: Connection, store: IntentStore, contracts: Contracts, now: Callable[[], int]
    ) -> None:
        self.connection, self.store, self.contracts, self.now = connection, store, contracts, now
        self.cancels: set[str] = set()
        self.changes: dict[str, tuple[Terms, int]] = {}

    async def ask_all(
        self, look: Callable[[], Awaitable[Evidence]], apply: Callable[[str, Event], Order | None]
    ) -> None:
        """Send what is wanted, and take in which changes the gateway shows."""
        intents = [one for one in self.store.open_intents() if one.order.status.working and one.attempt is not None]
        self._cancel(intents)
        # Whoever calls an order off wants no change of it any more.
        wanted = {one.reference: one for one in intents if one.wanted is not None and not one.order.cancelling}
        # What was refused may be asked for again.
        self.changes = {name: known for name, known in self.changes.items() if name in wanted}
        for intent in wanted.values():
            await self._change(intent)
        if not wanted:
            return
        evidence = await look()
        for reference, intent in wanted.items():
            self._confirm(reference, intent, evidence, apply)

    def _cancel(self, intents: list[Intent]) -> None:
        asked = {one.reference for one in intents if one.order.cancelling}
        self.cancels &= asked
        for intent in intents:
            if intent.attempt is not None and intent.reference in asked - self.cancels:
                # Not the library's own cancel: that marks some orders as cancelled without asking the gateway.
                self.connection.send(partial(self.connection.client.client.cancelOrder, intent.attempt.number))
                self.cancels.add(intent.reference)

    async def _change(self, intent: Intent) -> None:
        assert intent.wanted is not None
        assert intent.attempt is not None
        if self.changes.get(intent.reference, (None, 0))[0] == intent.wanted:
            return
        contract = await self.contracts.contract(intent.instrument)
        order = to_order(intent.wanted, intent.reference, self.connection.account)
        order.orderId = number = intent.attempt.number
        parent = self.store.intent(intent.parent) if intent.parent is not None else None
        if parent is not None and parent.attempt is not None and not parent.order.status.final:
            order.parentId = parent.attempt.number
        self.connection.send(lambda: self.connection.client.client.placeOrder(number, contract, order))
        self.changes[intent.reference] = (intent.wanted, self.now())

    def _confirm(
        self, reference: str, intent: Intent, evidence: Evidence, apply: Callable[[str, Event], Order | None]
    ) -> None:
        assert intent.wanted is not None
        trade, (_, asked) = evidence.open.get(reference), self.changes[reference]
        if trade is not None and agrees(trade.order, intent.wanted):
            event = Event(EventKind.MODIFIED, self.now(), Source.IBKR, "The gateway shows it.", terms=intent.wanted)
        elif self.now() - asked >= self.connection.config.acknowledge * 1000:
            words = "The change was not taken in time."
            event = Event(EventKind.REQUEST_REFUSED, self.now(), Source.RECONCILE, words, terms=intent.wanted)
        else:
            return
        apply(reference, event)
        self.store.withdraw(reference)
        self.changes.pop(reference, None)
