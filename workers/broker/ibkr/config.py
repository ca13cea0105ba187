"""Where the gateway is, and whether money is real there."""

from __future__ import annotations

from dataclasses import dataclass

from core.broker.login import Login, check_client, check_port, choose_account


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
        check_port(self.port, live=self.live)
        check_client(self.client)

    @classmethod
    def of(cls, login: Login) -> IbkrConfig:
        """How to connect by the desk's login."""
        return cls(login.host, login.port, login.client_id, login.account, login.live)

    def choose_account(self, accounts: list[str]) -> str:
        """The account to trade, of those the login has.

        Raises:
            BrokerError: there is none, several without a choice, or one with the other kind of money.
        """
        return choose_account(accounts, self.account, live=self.live)

    def waits(self, attempt: int) -> float:
        """Seconds before the given retry, counted from 0: doubled each time, up to the longest."""
        return min(self.first_wait * 2.0 ** min(attempt, 30), self.longest_wait)
