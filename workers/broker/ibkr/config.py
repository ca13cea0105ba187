"""Where the gateway is, and whether money is real there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from core.errors import BrokerError
from core.settings import MAX_PORT

LIVE_PORTS: Final = {7496: "TWS", 4001: "IB Gateway"}
PAPER_PORTS: Final = {7497: "TWS", 4002: "IB Gateway"}
PAPER_ACCOUNT: Final = "D"
"""Accounts for practice begin with a D: DU..., DF..."""


@dataclass(frozen=True)
class IbkrConfig:
    """How to connect. Seconds for all times.

    `client` is the number under which this desk's orders are kept by the gateway: it must stay the same, because one
    gateway gives each number to one connection at a time, which is what makes a restart safe. `account` is needed only
    when the login has several. `live` must be said explicitly; port and account are checked against it.
    """

    host: str = "127.0.0.1"
    port: int = 7497
    client: int = 17
    account: str = ""
    live: bool = False
    timeout: float = 10.0
    first_wait: float = 1.0
    longest_wait: float = 60.0
    poll: float = 0.5
    heartbeat: float = 15.0
    reconcile: float = 60.0
    acknowledge: float = 10.0

    def __post_init__(self) -> None:
        if not 1 <= self.port <= MAX_PORT:
            raise BrokerError(f"{self.port} is no port: TWS listens on 7497 for paper and 7496 for live.", self.port)
        if not 1 <= self.client < 2**31:
            raise BrokerError(f"{self.client} is no client id of its own: use a number from 1.", self.client)
        if not self.live and self.port in LIVE_PORTS:
            raise BrokerError(
                f"Port {self.port} is where {LIVE_PORTS[self.port]} trades real money: use the paper port, or switch "
                "live trading on explicitly.",
                self.port,
            )
        if self.live and self.port in PAPER_PORTS:
            raise BrokerError(f"Port {self.port} is {PAPER_PORTS[self.port]}'s paper port, but live is on.", self.port)

    def choose_account(self, accounts: list[str]) -> str:
        """The account to trade, of those the login has.

        Raises:
            BrokerError: there is none, several without a choice, or one with the other kind of money.
        """
        if self.account and self.account not in accounts:
            raise BrokerError(f"The login has no account {self.account}; it has {', '.join(accounts)}.", accounts)
        if not self.account and len(accounts) != 1:
            raise BrokerError(f"The login has {len(accounts)} accounts ({', '.join(accounts)}): name one.", accounts)
        account = self.account or accounts[0]
        if account.startswith(PAPER_ACCOUNT) == self.live:
            kind = "a paper" if self.live else "a live"
            raise BrokerError(
                f"{account} is {kind} account, but live trading is {'on' if self.live else 'off'}: not connected.",
                account,
            )
        return account

    def waits(self, attempt: int) -> float:
        """Seconds before the given retry, counted from 0: doubled each time, up to the longest."""
        return min(self.first_wait * 2.0 ** min(attempt, 30), self.longest_wait)
