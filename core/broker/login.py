"""The login at Interactive Brokers, and what must agree before money is real. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Final

from core.errors import BrokerError
from core.settings import MAX_PORT

LIVE_PORTS: Final = {7496: "TWS", 4001: "IB Gateway"}
PAPER_PORTS: Final = {7497: "TWS", 4002: "IB Gateway"}
PAPER_ACCOUNT: Final = "D"
"""Accounts for practice begin with a D: DU..., DF..."""
LIVE_WORD: Final = "LIVE"
"""What a person types before real money is traded."""


@dataclass(frozen=True)
class Login:
    """Where the gateway is and what it may be used for. No password: the person logs in at the gateway itself.

    `client_id` is the number under which the gateway keeps this desk's orders. `account` is empty when the login has
    only one. `live` says that money is real.
    """

    enabled: bool = False
    host: str = "127.0.0.1"
    port: int = 7497
    client_id: int = 17
    live: bool = False
    account: str = ""

    @classmethod
    def of(cls, value: object) -> Login:
        """The login as it is stored; what is missing has its default."""
        known = value if isinstance(value, Mapping) else {}
        return cls(**{one.name: known[one.name] for one in fields(cls) if one.name in known})

    @property
    def address(self) -> str:
        """Host and port."""
        return f"{self.host}:{self.port}"

    @property
    def money(self) -> str:
        """`live` or `paper`."""
        return "live" if self.live else "paper"

    def check(self) -> None:
        """Raises BrokerError: host, port, client id and kind of money do not fit together; says what to change."""
        if not self.host or any(char.isspace() for char in self.host):
            raise BrokerError(
                "Name the machine on which TWS or IB Gateway runs: 127.0.0.1 when it is this one.", self.host
            )
        check_client(self.client_id)
        check_port(self.port, live=self.live)
        if self.account:
            choose_account([self.account], self.account, live=self.live)


def check_port(port: int, *, live: bool) -> None:
    """Raises BrokerError: it is no port, or one of the other kind of money."""
    if not 1 <= port <= MAX_PORT:
        raise BrokerError(f"{port} is no port: TWS listens on 7497 for paper and 7496 for live.", port)
    if not live and port in LIVE_PORTS:
        raise BrokerError(
            f"Port {port} is where {LIVE_PORTS[port]} trades real money: use the paper port, or switch live trading on "
            "explicitly.",
            port,
        )
    if live and port in PAPER_PORTS:
        raise BrokerError(f"Port {port} is {PAPER_PORTS[port]}'s paper port, but live is on.", port)


def check_client(client: int) -> None:
    """Raises BrokerError: it is no client id of the desk's own."""
    if not 1 <= client < 2**31:
        raise BrokerError(f"{client} is no client id of its own: use a number from 1.", client)


def choose_account(accounts: Sequence[str], wanted: str, *, live: bool) -> str:
    """The account to trade, of those the login has; `wanted` may be empty when it has one.

    Raises:
        BrokerError: there is none, several without a choice, or one with the other kind of money.
    """
    if wanted and wanted not in accounts:
        raise BrokerError(f"The login has no account {wanted}; it has {', '.join(accounts)}.", accounts)
    if not wanted and len(accounts) != 1:
        raise BrokerError(f"The login has {len(accounts)} accounts ({', '.join(accounts)}): name one.", accounts)
    account = wanted or accounts[0]
    if is_paper(account) == live:
        kind = "a paper" if live else "a live"
        raise BrokerError(
            f"{account} is {kind} account, but live trading is {'on' if live else 'off'}: not connected.", account
        )
    return account


def is_paper(account: str) -> bool:
    """Whether an account is for practice."""
    return account.startswith(PAPER_ACCOUNT)
