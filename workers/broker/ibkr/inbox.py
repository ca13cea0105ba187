"""What the gateway says by itself, kept until the loop comes to it. Handlers only put things down here."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping

import ib_async as ib

from core.orders import Event, Source, order_reference
from workers.broker.base import Charge
from workers.broker.ibkr.codes import RESTORED, meaning
from workers.broker.ibkr.evidence import Complaint
from workers.broker.ibkr.parsing import charge_of, deal_of, fill_event, status_event


class Inbox:
    """Events by reference, orders that were shown again, commissions, and complaints that ask for a fresh look.

    A status is taken only from the gateway's own status message: on an error the library marks an order as cancelled
    although it may be alive.
    """

    def __init__(self, numbers: Mapping[int, str], now: Callable[[], int]) -> None:
        self.numbers, self.now = numbers, now
        self.events: deque[tuple[str, Event | ib.Trade]] = deque()
        self.charges: deque[Charge] = deque()
        self.complaints: dict[str, Complaint] = {}
        self.restored = False
        self.wake = asyncio.Event()

    def listen(self, client: ib.IB) -> None:
        """Take what `client` says."""
        client.openOrderEvent += self.shown
        client.orderStatusEvent += self.status
        client.execDetailsEvent += self.deal
        client.commissionReportEvent += self.charge
        client.errorEvent += self.error
        client.disconnectedEvent += self.wake.set

    def shown(self, trade: ib.Trade) -> None:
        """An order, with the terms that the gateway has now: it makes the orders of a group smaller by itself."""
        if trade.order.ocaGroup and order_reference(trade.order.orderRef) is not None:
            self._put(trade.order.orderRef, trade)

    def status(self, trade: ib.Trade) -> None:
        """An order's status, from a status message or from the library's own mind."""
        own = not trade.log or trade.log[-1].errorCode
        if own or order_reference(trade.order.orderRef) is None:
            return
        event = status_event(trade.orderStatus.status, self.now(), Source.IBKR)
        if event is not None:
            self._put(trade.order.orderRef, event)

    def deal(self, _trade: ib.Trade, fill: ib.Fill) -> None:
        """An execution."""
        deal = deal_of(fill)
        if order_reference(deal.reference) is not None:
            self._put(deal.reference, fill_event(deal, Source.IBKR))

    def charge(self, _trade: ib.Trade, fill: ib.Fill, _report: ib.CommissionReport) -> None:
        """A commission."""
        charge = charge_of(fill)
        if charge is not None and order_reference(fill.execution.orderRef) is not None:
            self.charges.append(charge)
            self.wake.set()

    def error(self, number: int, code: int, text: str, _contract: object) -> None:
        """A message with a number. About an order, it is a reason to look; about the connection, to look at all."""
        if code in RESTORED:
            self.restored = True
        reference = self.numbers.get(number)
        if reference is not None:
            self.complaints[reference] = Complaint(code, text, meaning(code))
        self.wake.set()

    def _put(self, reference: str, event: Event | ib.Trade) -> None:
        self.events.append((reference, event))
        self.wake.set()
