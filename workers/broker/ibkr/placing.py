"""From intent to order at the gateway, once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

import ib_async as ib

from core.errors import BrokerError, BrokerUnavailableError
from core.orders import Event, EventKind, Source, Status
from workers.broker.base import Attempt, Intent, IntentStore
from workers.broker.ibkr.connection import Connection
from workers.broker.ibkr.contracts import Contracts
from workers.broker.ibkr.evidence import Evidence, verdict
from workers.broker.ibkr.parsing import to_order

PROOF_MS: Final = 12 * 3_600_000
"""The gateway shows executions and completed orders of the day only: an older attempt cannot be proven absent."""


class Placing:
    """Places intents. `sent` holds, by reference, when an order was sent that nobody has acknowledged yet."""

    def __init__(
        self,
        connection: Connection,
        store: IntentStore,
        contracts: Contracts,
        numbers: dict[int, str],
        now: Callable[[], int],
    ) -> None:
        self.connection, self.store, self.contracts = connection, store, contracts
        self.numbers, self.now = numbers, now
        self.sent: dict[str, int] = {}

    def remember(self) -> None:
        """Learn the numbers of earlier attempts, and never give one of them to anything else."""
        for intent in self.store.open_intents():
            if intent.attempt is not None and intent.attempt.client == self.connection.config.client:
                self.numbers[intent.attempt.number] = intent.reference
                self.connection.client.client.updateReqId(intent.attempt.number + 1)

    def overdue(self, seconds: float) -> list[str]:
        """References that were sent and not acknowledged for so long."""
        return [name for name, at in self.sent.items() if self.now() - at >= seconds * 1000]

    async def place_all(
        self, look: Callable[[], Awaitable[Evidence]], take: Callable[[str, list[Event] | None], None]
    ) -> None:
        """Place what waits: begun attempts first, in their order, then the new ones."""
        waiting = self._waiting()
        if not waiting:
            return
        evidence = await look()
        waiting.sort(key=lambda one: (one.attempt is None, one.attempt.number if one.attempt else 0))
        for known in waiting:
            intent = self.store.intent(known.reference) or known
            self._adopt(intent, evidence)
            events = verdict(intent, evidence, None, self.now())
            take(intent.reference, events if events is not None else await self._place(intent))

    def _adopt(self, intent: Intent, evidence: Evidence) -> None:
        """An order of ours that the data base has forgotten to have begun keeps the number it has at the gateway."""
        trade = evidence.open.get(intent.reference)
        if trade is not None and intent.attempt is None and trade.order.orderId > 0:
            self.store.adopt(intent.reference, Attempt(trade.order.orderId, trade.order.clientId, self.now()))
            self.numbers[trade.order.orderId] = intent.reference

    def _waiting(self) -> list[Intent]:
        intents = self.store.open_intents()
        return [one for one in intents if one.order.status is Status.INTENT and one.reference not in self.sent]

    async def _place(self, intent: Intent) -> list[Event]:
        """Send it, or say why not."""
        stopped = self._stopped(intent, self._parent(intent))
        if stopped is not None:
            return [stopped]
        try:
            contract = await self.contracts.contract(intent.instrument)
        except BrokerUnavailableError:
            raise
        except BrokerError as error:
            return [Event(EventKind.REJECTED, self.now(), Source.IBKR, error.message)]
        # While the gateway was asked for the contract, somebody may have called the order off.
        intent = self.store.intent(intent.reference) or intent
        if intent.order.status is not Status.INTENT:
            return []
        parent = self._parent(intent)
        stopped = self._stopped(intent, parent)
        if stopped is not None:
            return [stopped]
        return self._send(intent, parent, contract)

    def _send(self, intent: Intent, parent: Intent | None, contract: ib.Contract) -> list[Event]:
        """Nothing is awaited from here on."""
        if parent is not None and parent.attempt is None:
            return []
        if parent is not None and parent.order.status.final and parent.order.filled < intent.order.terms.quantity:
            # The entry ended early: its exit closes what there is.
            intent = self._shrunk(intent, parent)
        attempt = intent.attempt or self._reserve(intent)
        if attempt is None:
            return []
        order = to_order(intent.order.terms, intent.reference, self.connection.account)
        order.orderId = attempt.number
        order.parentId = parent.attempt.number if parent and parent.attempt and not parent.order.status.final else 0
        order.transmit = not self._followed(intent)
        self.numbers[attempt.number] = intent.reference
        self.connection.send(lambda: self.connection.client.placeOrder(contract, order))
        self.sent[intent.reference] = self.now()
        return []

    def _parent(self, intent: Intent) -> Intent | None:
        return self.store.intent(intent.parent) if intent.parent is not None else None

    def _reserve(self, intent: Intent) -> Attempt | None:
        """A number of its own, kept; None when it was called off this very moment."""
        config = self.connection.config
        attempt = Attempt(self.connection.client.client.getReqId(), config.client, self.now())
        return attempt if self.store.begin(intent.reference, attempt) else None

    def _stopped(self, intent: Intent, parent: Intent | None) -> Event | None:
        """Why an intent is not to be sent (any more)."""
        now, attempt = self.now(), intent.attempt
        if attempt is not None and attempt.client != self.connection.config.client:
            text = f"It was begun under client id {attempt.client}: whether it was sent cannot be proven from here."
            return Event(EventKind.LOST, now, Source.DESK, text)
        if attempt is not None and now - attempt.at >= PROOF_MS:
            text = "It was begun on an earlier day and never acknowledged: the gateway no longer shows that day."
            return Event(EventKind.LOST, now, Source.DESK, text)
        if intent.order.cancelling:
            return Event(EventKind.CANCELLED, now, Source.DESK, "Withdrawn before it was sent.")
        # Exits follow an entry that was sent, however late.
        if parent is None and intent.send_before is not None and now >= intent.send_before:
            return Event(EventKind.EXPIRED, now, Source.DESK, "It could not be sent in time.")
        if parent is not None and parent.order.status.final and not parent.order.filled:
            return Event(EventKind.CANCELLED, now, Source.DESK, f"{parent.reference} ended without a fill.")
        return None

    def _shrunk(self, intent: Intent, parent: Intent) -> Intent:
        terms = replace(intent.order.terms, quantity=parent.order.filled)
        words = f"{parent.reference} ended with {parent.order.filled} filled."
        order = self.store.apply(
            intent.reference, Event(EventKind.MODIFIED, self.now(), Source.DESK, words, terms=terms)
        )
        return replace(intent, order=order)

    def _followed(self, intent: Intent) -> bool:
        """Whether another leg of the same bracket is still to be sent: the last one sets all of them to work."""
        root = intent.parent or intent.reference
        return any(
            one.reference != intent.reference and one.parent == root and not one.order.cancelling
            for one in self._waiting()
        )
