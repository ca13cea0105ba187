"""The thread that owns the brokers: it keeps the connection as the settings say, and the paper broker going.

It has an event loop of its own, because the main thread belongs to RQ. Whatever it does not expect ends the process:
the keeper starts it again, and a restart is what the broker's loop is built for.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final, TypedDict, Unpack

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from core.broker.link import Link
from core.broker.login import Login
from core.errors import BrokerError
from db.actions.broker_link import beat
from db.engine import reader
from db.store.broker.login import IBKR, read_login
from workers.broker.base import IntentStore, LinkState
from workers.broker.claim import Claim
from workers.broker.ibkr.broker import IbkrBroker
from workers.broker.ibkr.config import IbkrConfig
from workers.broker.sweep import PaperSweep

log = logging.getLogger(__name__)

LOOK: Final = 1.0
"""Seconds between two looks at the settings."""
BEAT: Final = 5.0
SWEEP: Final = 3.0
LEAVE: Final = 1.5
"""Seconds for the connection to be closed in good order."""
AGAIN: Final = 5.0
"""Seconds before another try when the data base did not answer."""
STOPPED: Final = "The broker process was stopped."


class Owner(threading.Thread):
    """Owns the brokers from `start` to `close`. `config` makes a connection's settings of the login."""

    def __init__(
        self,
        engine: Engine,
        store: IntentStore,
        now: Callable[[], int],
        claim: Claim,
        config: Callable[[Login], IbkrConfig] = IbkrConfig.of,
    ) -> None:
        super().__init__(name="brokers", daemon=True)
        self.engine, self.store, self.now, self.claim, self.config = engine, store, now, claim, config
        self.paper = PaperSweep(engine, now)
        self.failure: BaseException | None = None
        self.loop = asyncio.new_event_loop()
        self.stopping = asyncio.Event()

    def run(self) -> None:
        """The thread."""
        try:
            self.loop.run_until_complete(self._main())
        except BaseException as error:
            self.failure = _alone(error)
            os.kill(os.getpid(), signal.SIGTERM)
        finally:
            self.loop.close()

    def close(self) -> None:
        """Close the connection, say so, and raise what ended the thread before, if anything did."""
        with contextlib.suppress(RuntimeError):  # the loop has ended by itself
            self.loop.call_soon_threadsafe(self.stopping.set)
        self.join(2 * LEAVE)
        if self.failure is not None:
            raise self.failure

    async def _main(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._repeated(self._ibkr))
            group.create_task(self._repeated(self._paper))
        with contextlib.suppress(OperationalError):
            self._say(Link.OFF, STOPPED)

    async def _repeated(self, work: Callable[[], Awaitable[None]]) -> None:
        while not self.stopping.is_set():
            try:
                await work()
            except OperationalError as error:
                log.warning("The data base does not answer (%s): trying again.", error.orig)
                await self._pause(AGAIN)

    async def _paper(self) -> None:
        await asyncio.to_thread(self.paper.step)
        await self._pause(SWEEP)

    async def _ibkr(self) -> None:
        """Serve one login for as long as it stays the same."""
        login = self._login()
        if not login.enabled:
            self._say(Link.OFF, "Switched off.")
            await self._while(login)
            return
        try:
            login.check()
            config = self.config(login)
        except BrokerError as error:
            self._say(Link.STALE, error.message, live=login.live)
            await self._while(login)
            return
        self._say(Link.STALE, f"Connecting to {login.address}.", live=login.live)
        stop = asyncio.Event()
        serving = asyncio.create_task(IbkrBroker(config, self.store, self.now).serve(stop))
        try:
            await self._while(login, serving)
        finally:
            stop.set()
            await asyncio.wait([serving], timeout=LEAVE)
            serving.cancel()
            await asyncio.wait([serving])
        if not serving.cancelled():
            serving.result()

    async def _while(self, login: Login, serving: asyncio.Task[None] | None = None) -> None:
        """Until the login is another one, the work is over, or it is time to stop. Says every few seconds that the
        connection has an owner.
        """
        beaten = 0.0
        while not self.stopping.is_set() and self._login() == login:
            if serving is not None and serving.done():
                return
            if self.loop.time() - beaten >= BEAT:
                beaten = self.loop.time()
                self.claim.check()
                if serving is not None:
                    beat(self.engine, IBKR, self.now())
            await self._pause(LOOK, serving)

    async def _pause(self, seconds: float, serving: asyncio.Task[None] | None = None) -> None:
        stopped = asyncio.create_task(self.stopping.wait())
        await asyncio.wait(
            [stopped, *([serving] if serving else [])], timeout=seconds, return_when=asyncio.FIRST_COMPLETED
        )
        stopped.cancel()

    def _login(self) -> Login:
        with reader(self.engine) as session:
            return read_login(session)

    def _say(self, link: Link, detail: str, *, live: bool = False) -> None:
        self.store.link(LinkState(link, self.now(), detail, live=live))


def _alone(error: BaseException) -> BaseException:
    """What a task group raised, without the group around it if it is one error."""
    return error.exceptions[0] if isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1 else error


class Times(TypedDict, total=False):
    """The times of an `IbkrConfig`, in seconds."""

    timeout: float
    first_wait: float
    longest_wait: float
    poll: float
    heartbeat: float
    reconcile: float
    acknowledge: float


def quick(**changes: Unpack[Times]) -> Callable[[Login], IbkrConfig]:
    """Settings of a connection with other times."""
    return lambda login: replace(IbkrConfig.of(login), **changes)
