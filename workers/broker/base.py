"""What a broker and the desk's data base have to do with each other, whichever broker and whichever data base."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from core.broker.link import DifferenceKind, Link
from core.orders import Event, Order, Terms

__all__ = [
    "Attempt",
    "Charge",
    "Difference",
    "DifferenceKind",
    "Holdings",
    "Instrument",
    "Intent",
    "IntentStore",
    "Link",
    "LinkState",
]


@dataclass(frozen=True)
class Instrument:
    """What is traded, in a broker's words. `kind` is STK, CASH, FUT, CRYPTO ..."""

    symbol: str
    kind: str = "STK"
    exchange: str = "SMART"
    currency: str = "USD"
    primary: str = ""

    @property
    def key(self) -> str:
        """The name under which positions of it are added up, on whichever exchange they were opened."""
        return f"{self.symbol}.{self.kind}.{self.currency}"


@dataclass(frozen=True)
class Attempt:
    """A placement that was begun: the broker's number it uses, reserved and committed before anything is sent."""

    number: int
    client: int
    at: int


@dataclass(frozen=True)
class Intent:
    """An order that somebody committed to, and how far it has come. `reference` is unique for ever.

    `parent` is the reference of the entry that an exit belongs to. `wanted` are the terms a person asked for last, when
    they differ from the order's. `send_before` (UTC ms): not sent by then, it is not sent any more.
    """

    reference: str
    instrument: Instrument
    order: Order
    parent: str | None = None
    attempt: Attempt | None = None
    wanted: Terms | None = None
    send_before: int | None = None


@dataclass(frozen=True)
class Charge:
    """A commission as the broker reports it, once for each revision of an execution."""

    execution: str
    revision: int
    currency: str
    amount: Decimal


@dataclass(frozen=True)
class Difference:
    """The desk says `ours`, the broker `theirs`. A person decides; nothing is overwritten."""

    kind: DifferenceKind
    subject: str
    ours: str
    theirs: str
    sentence: str


@dataclass(frozen=True)
class Holdings:
    """What the desk's ledger says it has at the broker: units by instrument key, cash by currency (None: not kept)."""

    positions: Mapping[str, Decimal] = field(default_factory=dict)
    cash: Mapping[str, Decimal] | None = None


@dataclass(frozen=True)
class LinkState:
    """The connection since `since` (UTC ms), in words; `account` and `live` once it is known."""

    link: Link
    since: int
    detail: str
    account: str = ""
    live: bool = False


class IntentStore(Protocol):
    """The desk's data base as a broker sees it. Every call is a transaction of its own: when it returns, it is kept."""

    def open_intents(self) -> Sequence[Intent]:
        """Intents whose order is not over, oldest first; the legs of a bracket one after the other, entry first."""

    def intent(self, reference: str) -> Intent | None:
        """The intent of a reference, over or not."""

    def begin(self, reference: str, attempt: Attempt) -> bool:
        """Keep that a placement begins; False, and nothing is kept, once it is called off or over."""

    def adopt(self, reference: str, attempt: Attempt) -> None:
        """Keep that a placement was begun which the broker shows: what is called off has to be cancelled there."""

    def apply(self, reference: str, event: Event) -> Order:
        """Let an event happen to an order and keep both.

        Raises:
            IllegalTransitionError: it cannot happen; nothing is kept.
        """

    def withdraw(self, reference: str) -> None:
        """The terms somebody wanted cannot be had: forget them."""

    def trim(self) -> None:
        """Ask for less where an order that only closes is still for more than is open."""

    def charge(self, charge: Charge) -> None:
        """Keep a commission; the same again, or that of an earlier revision, changes nothing."""

    def holdings(self) -> Holdings:
        """What the ledger says."""

    def report(self, differences: Sequence[Difference]) -> None:
        """Keep what a reconciliation found, in place of what the last one found and nobody has decided yet."""

    def link(self, state: LinkState) -> None:
        """Keep how the connection stands."""

    def contract_number(self, instrument: Instrument) -> int | None:
        """The broker's number of an instrument, if it was looked up before."""

    def keep_contract_number(self, instrument: Instrument, number: int) -> None:
        """Keep the broker's number of an instrument."""
