"""The loop that owns the connection: it places what the desk committed to, follows it, and compares both sides.

Never two orders for one intent. The broker's number is reserved and committed before anything is sent. Before any
placement the gateway is asked for the reference: open orders, today's completed orders and executions. A placement that
was begun and left no trace is sent again under the same number, which the gateway takes once at most. The client id is
given free by the gateway only after it has read everything the last connection sent, so a lookup after a restart sees
what a killed process sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

import ib_async as ib

from core.errors import BrokerError, BrokerUnavailableError, IllegalTransitionError
from core.orders import Event, EventKind, Order, Source, Status
from workers.broker.base import Difference, DifferenceKind, IntentStore, Link, LinkState
from workers.broker.ibkr.codes import Meaning
from workers.broker.ibkr.compare import holding_differences, order_differences
from workers.broker.ibkr.config import IbkrConfig
from workers.broker.ibkr.connection import Connection
from workers.broker.ibkr.contracts import Contracts
from workers.broker.ibkr.evidence import Complaint, Evidence, gather, regrouped, verdict
from workers.broker.ibkr.inbox import Inbox
from workers.broker.ibkr.parsing import cash_of, charge_of, in_time, position_of, size_of
from workers.broker.ibkr.placing import Placing
from workers.broker.ibkr.requests import Requests

log = logging.getLogger(__name__)


class IbkrBroker:
    """One gateway, one client id, one loop. `now` gives UTC ms; `make` builds the library's client."""

    def __init__(
        self, config: IbkrConfig, store: IntentStore, now: Callable[[], int], make: Callable[[], ib.IB] = ib.IB
    ) -> None:
        self.config, self.store, self.now, self.make = config, store, now, make
        self.contradictions: dict[str, Difference] = {}
        self.connection: Connection | None = None

    async def serve(self, stop: asyncio.Event) -> None:
        """Keep connected and work until `stop` is set."""
        failures, said = 0, ""
        while not stop.is_set():
            try:
                await self.open()
                failures, said = 0, ""
                await self._work(stop)
            except BrokerError as error:
                # A gateway that is away for the night is one line, not one a minute.
                if error.message != said:
                    log.warning("%s", error.message)
                said = error.message
                self._state(Link.STALE, error.message)
            finally:
                self.close()
            if not stop.is_set():
                await _pause(stop, self.config.waits(failures))
                failures += 1
        self._state(Link.OFF, "Switched off.")

    async def open(self) -> None:
        """Connect, and settle what happened meanwhile.

        Raises:
            BrokerError: as `Connection.open`.
        """
        connection = Connection(self.config, self.make)
        self.numbers: dict[int, str] = {}
        self.inbox = Inbox(self.numbers, self.now)
        self.inbox.listen(connection.client)
        await connection.open()
        self.connection = connection
        self.contracts = Contracts(connection, self.store)
        self.placing = Placing(connection, self.store, self.contracts, self.numbers, self.now)
        self.requests = Requests(connection, self.store, self.contracts, self.now)
        self.placing.remember()
        await self.reconcile()
        self._state(Link.CONNECTED, f"Connected to {self.config.host}:{self.config.port}.")

    def close(self) -> None:
        """Give the connection up."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    async def cycle(self) -> None:
        """Everything that is to be done now: what the gateway said, what the desk wants.

        Raises:
            BrokerUnavailableError: the connection is gone.
        """
        link = self._link()
        if not link.alive:
            raise BrokerUnavailableError("The gateway closed the connection.")
        self._drain()
        await self._settle()
        await self.placing.place_all(self._look, self._apply_all)
        await self.requests.ask_all(self._look, self.apply)
        self._drain()

    async def reconcile(self) -> list[Difference]:
        """Take in what the gateway shows, then list what still does not agree."""
        link = self._link()
        positions = await link.ask(link.client.reqPositionsAsync)
        evidence = await self._look()
        self._drain()
        for intent in self.store.open_intents():
            complaint = self.inbox.complaints.pop(intent.reference, None)
            self._apply_all(intent.reference, verdict(intent, evidence, complaint, self.now()))
        for fill in link.client.fills():
            charge = charge_of(fill)
            if charge is not None and fill.execution.orderRef in evidence.deals:
                self.store.charge(charge)
        references = {
            *evidence.open,
            *evidence.over,
            *evidence.deals,
            *(one.reference for one in self.store.open_intents()),
        }
        intents = {name: one for name in references if (one := self.store.intent(name)) is not None}
        found = [*self.contradictions.values(), *order_differences(intents, evidence)]
        held = [position_of(row) for row in positions if row.account == link.account]
        cash = cash_of(link.client.accountValues(link.account), link.account)
        found += holding_differences(self.store.holdings(), held, cash)
        self.store.report(found)
        self.store.trim()
        return found

    def apply(self, reference: str, event: Event) -> Order | None:
        """Let an event happen; what cannot happen is kept as a difference for a person."""
        try:
            order = self.store.apply(reference, event)
        except IllegalTransitionError as error:
            self.contradictions[reference] = Difference(
                DifferenceKind.CONTRADICTION, reference, "", event.detail or event.kind.value, error.message
            )
            return None
        if order.status is not Status.INTENT:
            self.placing.sent.pop(reference, None)
        return order

    async def _work(self, stop: asyncio.Event) -> None:
        clock = asyncio.get_running_loop().time
        looked = beaten = clock()
        while not stop.is_set():
            await self.cycle()
            if self.inbox.restored or clock() - looked >= self.config.reconcile:
                self.inbox.restored, looked = False, clock()
                await self.reconcile()
            if clock() - beaten >= self.config.heartbeat:
                beaten = clock()
                link = self._link()
                await link.ask(link.client.reqCurrentTimeAsync)
            await self._wait(stop)

    async def _wait(self, stop: asyncio.Event) -> None:
        """Until something is said, or it is time to look for new intents."""
        waiting = [asyncio.ensure_future(one.wait()) for one in (self.inbox.wake, stop)]
        await asyncio.wait(waiting, timeout=self.config.poll, return_when=asyncio.FIRST_COMPLETED)
        for one in waiting:
            one.cancel()
        self.inbox.wake.clear()

    def _drain(self) -> None:
        while self.inbox.events:
            reference, said = self.inbox.events.popleft()
            intent = self.store.intent(reference)
            if intent is None:
                continue
            if isinstance(said, Event):
                self.apply(reference, in_time(said, intent.order.terms.until))
            elif smaller := regrouped(intent, size_of(said.order), self.now(), Source.IBKR):
                self.apply(reference, smaller)
        while self.inbox.charges:
            self.store.charge(self.inbox.charges.popleft())

    async def _settle(self) -> None:
        """Look at every order that was complained of, or that nobody has acknowledged in time."""
        complaints = dict(self.inbox.complaints)
        for reference in self.placing.overdue(self.config.acknowledge):
            complaints.setdefault(reference, Complaint(0, "The gateway did not acknowledge the order", Meaning.UNKNOWN))
        if not complaints:
            return
        for reference, complaint in complaints.items():
            self._doubt(reference, complaint)
        evidence = await self._look()
        self._drain()
        for reference, complaint in complaints.items():
            self.inbox.complaints.pop(reference, None)
            self.placing.sent.pop(reference, None)
            intent = self.store.intent(reference)
            if intent is not None:
                self._apply_all(reference, verdict(intent, evidence, complaint, self.now()))

    def _doubt(self, reference: str, complaint: Complaint) -> None:
        """What is not understood makes an order unknown until a look settles it."""
        intent = self.store.intent(reference)
        if complaint.meaning is Meaning.UNKNOWN and intent is not None and intent.order.status.working:
            self.apply(reference, Event(EventKind.LOST, self.now(), Source.IBKR, complaint.sentence))

    async def _look(self) -> Evidence:
        link = self._link()
        open_ = await link.ask(link.client.reqAllOpenOrdersAsync)
        completed = await link.ask(lambda: link.client.reqCompletedOrdersAsync(False))
        await link.ask(link.client.reqExecutionsAsync)
        # One login may have several accounts; only the one that is traded here matters.
        mine = ("", link.account)
        return gather(
            [one for one in open_ if one.order.account in mine],
            [one for one in completed if one.order.account in mine],
            [one for one in link.client.fills() if one.execution.acctNumber in mine],
        )

    def _apply_all(self, reference: str, events: list[Event] | None) -> None:
        for event in events or ():
            self.apply(reference, event)
            if event.kind is EventKind.REQUEST_REFUSED:
                self.store.withdraw(reference)

    def _link(self) -> Connection:
        if self.connection is None:
            raise BrokerUnavailableError("There is no connection to the gateway.")
        return self.connection

    def _state(self, link: Link, detail: str) -> None:
        account = self.connection.account if self.connection else ""
        self.store.link(LinkState(link, self.now(), detail, account, self.config.live))


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
