"""Short connections beside the one that trades, under client ids of their own: does the login work, what is there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final

from core.broker.login import Login, choose_account, is_paper
from core.errors import BrokerError, BrokerUnavailableError, ClientInUseError
from workers.broker.ibkr.config import IbkrConfig
from workers.broker.ibkr.connection import NOTHING, Connection
from workers.broker.ibkr.contracts import Found, search

SPARE_IDS: Final = 8
"""Client ids after the desk's own that are tried, one after the other."""
TIMEOUT: Final = 8.0
HINT: Final = (
    "Check that TWS or IB Gateway runs there and is logged in, that its API is switched on (Configure, API, Settings: "
    "Enable ActiveX and Socket Clients), that its port is {port} and that it trusts this machine."
)


def try_login(login: Login, timeout: float = TIMEOUT) -> dict[str, Any]:
    """What a connection finds: `ok`, `sentence`, and as far as it got `version`, `accounts`, `account`, `client_id`,
    `milliseconds`.
    """
    return asyncio.run(_test(login, timeout))


def find_contracts(login: Login, text: str, timeout: float = TIMEOUT) -> Sequence[Found]:
    """Contracts whose symbol or name contains `text`.

    Raises:
        BrokerError: the gateway refuses, or nobody answers.
    """
    return asyncio.run(_find(login, text, timeout))


async def _test(login: Login, timeout: float) -> dict[str, Any]:
    found: dict[str, Any] = {"ok": False}
    started = time.perf_counter()
    try:
        login.check()
        async with _connected(login, timeout) as connection:
            found["milliseconds"] = round((time.perf_counter() - started) * 1000)
            found["client_id"] = connection.config.client
            found["version"] = connection.client.client.serverVersion()
            found["accounts"] = accounts = connection.client.managedAccounts()
            found["account"] = account = choose_account(accounts, login.account, live=login.live)
    except BrokerUnavailableError as error:
        hint = "" if isinstance(error, ClientInUseError) else f" {HINT.format(port=login.port)}"
        return found | {"sentence": f"{error.message}{hint}"}
    except BrokerError as error:
        return found | {"sentence": error.message}
    money = "a paper account: no real money" if is_paper(account) else "a LIVE account: real money"
    return found | {"ok": True, "sentence": f"The gateway answers. {account} is {money}."}


async def _find(login: Login, text: str, timeout: float) -> Sequence[Found]:
    login.check()
    async with _connected(login, timeout) as connection:
        return await search(connection, text)


@asynccontextmanager
async def _connected(login: Login, timeout: float) -> AsyncIterator[Connection]:
    """A connection under the first client id that is free."""
    config = replace(IbkrConfig.of(login), timeout=timeout, account="")
    connection = await _first([_opener(config, login.client_id + step) for step in range(1, SPARE_IDS + 1)])
    try:
        yield connection
    finally:
        connection.close()


def _opener(config: IbkrConfig, client: int) -> Callable[[], Awaitable[Connection]]:
    async def connect() -> Connection:
        connection = Connection(replace(config, client=client), fetch=NOTHING)
        await connection.connect()
        return connection

    return connect


async def _first(openers: Sequence[Callable[[], Awaitable[Connection]]]) -> Connection:
    *early, last = openers
    for connect in early:
        try:
            return await connect()
        except ClientInUseError:
            continue
    return await last()
