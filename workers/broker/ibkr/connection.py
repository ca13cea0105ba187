"""One connection to the gateway, with every failure wrapped once."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import ib_async as ib
from ib_async.ib import StartupFetch
from ib_async.wrapper import RequestError

from core.errors import BrokerError, BrokerUnavailableError, ClientInUseError
from workers.broker.ibkr.codes import CLIENT_IN_USE
from workers.broker.ibkr.config import IbkrConfig

T = TypeVar("T")

ACCOUNT: Final = StartupFetch.POSITIONS | StartupFetch.ACCOUNT_UPDATES
NOTHING: Final = StartupFetch(0)


class Connection:
    """A connected client. A new one is made for every connection: what the library knew before a drop is stale.

    `fetch` says what the library reads at the start.
    """

    def __init__(self, config: IbkrConfig, make: Callable[[], ib.IB] = ib.IB, fetch: StartupFetch = ACCOUNT) -> None:
        self.config, self.fetch = config, fetch
        self.client = make()
        self.client.RequestTimeout = config.timeout
        self.client.RaiseRequestErrors = True
        self.account = ""

    async def open(self) -> None:
        """Connect, and make sure that it is the account and the kind of money that was meant.

        Raises:
            BrokerUnavailableError: nobody answers, or the client id is in use.
            BrokerError: the account is not the one that was asked for.
        """
        await self.connect()
        try:
            self.account = self.config.choose_account(self.client.managedAccounts())
        except BrokerError:
            self.close()
            raise

    async def connect(self) -> None:
        """Connect, whatever account is there.

        Raises:
            ClientInUseError: another program uses the client id.
            BrokerUnavailableError: nobody answers.
        """
        refused: asyncio.Future[BrokerUnavailableError] = asyncio.get_running_loop().create_future()

        def complaint(_number: int, code: int, text: str, _contract: object) -> None:
            if code == CLIENT_IN_USE and not refused.done():
                words = f"Client id {self.config.client} is in use at the gateway: {text}"
                refused.set_result(ClientInUseError(words, self.config.client))

        def closed(text: str) -> None:
            if not refused.done():
                refused.set_result(BrokerUnavailableError(text))

        self.client.errorEvent += complaint
        self.client.client.apiError += closed
        try:
            await self._connect(refused)
        finally:
            self.client.client.apiError -= closed
            self.client.errorEvent -= complaint

    async def _connect(self, refused: asyncio.Future[BrokerUnavailableError]) -> None:
        config = self.config
        connecting = asyncio.ensure_future(
            self.client.connectAsync(
                config.host, config.port, config.client, config.timeout, account=config.account,
                raiseSyncErrors=True, fetchFields=self.fetch,
            )
        )  # fmt: skip
        try:
            await asyncio.wait([connecting, refused], return_when=asyncio.FIRST_COMPLETED)
        finally:
            # Also when it is for us to stop: nobody else would.
            connecting.cancel()
        result = (await asyncio.gather(connecting, return_exceptions=True))[0]
        if isinstance(result, BaseException):
            where = f"{config.host}:{config.port}"
            known = refused.result() if refused.done() else None
            kind = type(known) if known else BrokerUnavailableError
            why = _place(result) or (known.message if known else _words(result))
            raise kind(f"No connection to the gateway at {where}: {why}", where) from result

    async def ask(self, request: Callable[[], Awaitable[T]]) -> T:
        """The gateway's answer.

        Raises:
            BrokerUnavailableError: the connection is gone, or no answer came in time.
            BrokerError: the gateway refused the request, in its own words.
        """
        try:
            return await asyncio.wait_for(request(), self.config.timeout)
        except RequestError as error:
            raise BrokerError(f"The gateway refused: {error.message} ({error.code}).", error.code) from error
        except (TimeoutError, ConnectionError) as error:
            raise BrokerUnavailableError(f"The gateway did not answer: {_words(error)}", error) from error

    def send(self, request: Callable[[], object]) -> None:
        """Send something that has no answer of its own.

        Raises:
            BrokerUnavailableError: the connection is gone; whether it was sent is not known.
        """
        try:
            request()
        except ConnectionError as error:
            raise BrokerUnavailableError(f"The connection broke while sending: {_words(error)}", error) from error

    @property
    def alive(self) -> bool:
        """Whether the socket is open."""
        return self.client.isConnected()

    def close(self) -> None:
        """Close the socket, so that the gateway gives the client id free."""
        if self.client.isConnected():
            self.client.disconnect()


def _place(error: BaseException) -> str:
    """What is wrong with the address itself; empty when it is something else."""
    if isinstance(error, ConnectionRefusedError):
        return "nobody listens there."
    return "there is no machine of that name." if isinstance(error, socket.gaierror) else ""


def _words(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time."
    return str(error) or type(error).__name__
