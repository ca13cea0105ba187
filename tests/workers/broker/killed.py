"""A broker that dies by SIGKILL at a point of one leg, in a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import ib_async as ib

from core.orders import Event, Order
from tests.workers.broker.desk import config, now
from tests.workers.broker.intents import LoudIntents
from workers.broker.base import Attempt
from workers.broker.ibkr.broker import IbkrBroker

POINTS = ("before the attempt", "after the attempt", "after sending", "before the acknowledgement is kept", "after it")


def die(port: int, store: Path, point: str, reference: str) -> None:
    def reached(name: str, this: str) -> None:
        if (name, this) == (point, reference):
            os.kill(os.getpid(), signal.SIGKILL)

    class Mortal(LoudIntents):
        def begin(self, reference: str, attempt: Attempt) -> bool:
            reached(POINTS[0], reference)
            begun = super().begin(reference, attempt)
            reached(POINTS[1], reference)
            return begun

        def apply(self, reference: str, event: Event) -> Order:
            reached(POINTS[3], reference)
            order = super().apply(reference, event)
            reached(POINTS[4], reference)
            return order

    class Client(ib.IB):
        def placeOrder(self, contract: ib.Contract, order: ib.Order) -> Any:
            trade = super().placeOrder(contract, order)
            reached(POINTS[2], order.orderRef)
            return trade

    broker = IbkrBroker(config(port), Mortal(store), now, Client)
    asyncio.run(broker.serve(asyncio.Event()))
