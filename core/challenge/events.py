"""What happens to an account under a challenge, instant by instant. Times are UTC ms, sums are in its currency."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from core.challenge.phases import PhaseName


class ChangeKind(StrEnum):
    """`closed`, `fee` (commission, swap) and `adjustment` are results; `cash` (deposit, withdrawal) is none."""

    CLOSED = "closed"
    FEE = "fee"
    ADJUSTMENT = "adjustment"
    CASH = "cash"


@dataclass(frozen=True)
class PhaseStart:
    """A phase begins with its own balance (None: the challenge's). What was open before does not come along."""

    at: int
    phase: PhaseName
    balance: Decimal | None = None


@dataclass(frozen=True)
class BalanceChange:
    """The balance changes by `amount` (negative: less).

    `trade` names the trade of a closed P&L. Unless `final` is False (part of it stays open) the trade is over: its open
    P&L is gone. After a partial close the trade's open P&L is unknown until its next mark; give one at this instant.
    A withdrawal in the phase `funded` counts as a payout.
    """

    at: int
    amount: Decimal
    kind: ChangeKind = ChangeKind.CLOSED
    trade: str = ""
    final: bool = True


@dataclass(frozen=True)
class Mark:
    """The open P&L of one trade, or of the whole account where `trade` is empty; None: there is no price for it.

    Give marks in one of the two manners: by trade, or for the account (which then also has to say when it is 0 again).
    It holds until the next mark of that trade or its final close. A mark at the instant of a trade's final close, or
    after it, is passed over. Of several marks of one trade at one instant the lowest known counts.
    """

    at: int
    floating: Decimal | None
    trade: str = ""


@dataclass(frozen=True)
class Opened:
    """A trade is opened. It is worth nothing at that instant: give marks from then on."""

    at: int
    trade: str


Event = PhaseStart | BalanceChange | Mark | Opened
