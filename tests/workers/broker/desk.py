"""The broker's loop against a loopback gateway."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.fakes.gateway import Gateway
from tests.workers.broker.intents import LoudIntents, now, units
from workers.broker.base import Link
from workers.broker.ibkr.broker import IbkrBroker
from workers.broker.ibkr.config import IbkrConfig

DATABASE = "desk.db"


def play(scenario: Coroutine[Any, Any, None]) -> None:
    """Run a scenario to its end."""

    async def bounded() -> None:
        async with asyncio.timeout(40):
            await scenario

    asyncio.run(bounded())


def config(port: int, **more: object) -> IbkrConfig:
    quick = {"timeout": 5.0, "first_wait": 0.01, "longest_wait": 0.05, "poll": 0.02, "acknowledge": 5.0}
    return IbkrConfig(port=port, **quick | more)


@dataclass
class Desk:
    """What a scenario has at hand."""

    gateway: Gateway
    store: LoudIntents
    broker: IbkrBroker

    def status(self, reference: str) -> str:
        return self.store.get(reference).order.status.value

    async def until(self, **statuses: str) -> None:
        """Until every order of the store has the status named by its leg (`entry`, `target`, `stop`)."""
        await self.store.until(lambda: all(self.status(f"cr:1:{leg}") == status for leg, status in statuses.items()))

    async def connected(self) -> None:
        await self.store.until(lambda: bool(self.store.links) and self.store.links[-1].link is Link.CONNECTED)

    def check(self) -> None:
        """One order for one intent, and the positions that the gateway has."""
        assert all(count == 1 for count in self.gateway.placements.values()), self.gateway.placements
        assert units(self.store) == self.gateway.positions


class Borrowed:
    """A gateway that somebody else closes."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway

    async def __aenter__(self) -> Gateway:
        return self.gateway

    async def __aexit__(self, *_: object) -> None:
        self.gateway.drop()


@asynccontextmanager
async def desk(folder: Path, gateway: Gateway | Borrowed | None = None, **more: object) -> AsyncIterator[Desk]:
    """A gateway, a store, and the loop at work between them."""
    async with gateway or Gateway() as there:
        store = LoudIntents(folder / DATABASE)
        broker = IbkrBroker(config(there.port, **more), store, now)
        stop = asyncio.Event()
        loop = asyncio.create_task(broker.serve(stop))
        try:
            yield Desk(there, store, broker)
        finally:
            stop.set()
            await loop
            store.close()
