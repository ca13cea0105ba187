"""Room before the click: what every rule of an account says to a trade, from the function that the actions ask too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session

from core.challenge.room import Standing, Verdict
from core.risk import risk_at_stop
from db.models import Account, Symbol
from db.store.accounts import balance, get_account
from db.store.limits import Intent, answers
from db.store.proposal import Proposal, propose
from db.store.standing import standing


@dataclass(frozen=True)
class Known:
    """What is known of an account before a trade is asked about."""

    account: Account
    balance: Decimal
    state: Standing


@dataclass(frozen=True)
class Room:
    """An account's answers to one trade. `risk` is what the trade loses at its stop, None without a stop."""

    risk: Decimal | None
    verdicts: list[Verdict]

    @property
    def refused(self) -> Verdict | None:
        """The first rule that does not allow it."""
        return next((verdict for verdict in self.verdicts if not verdict.ok), None)


def known(session: Session, account_id: int, now: datetime) -> Known:
    """How an account stands now.

    Raises:
        NotFoundError: there is no such account.
    """
    account = get_account(session, account_id)
    return Known(account, balance(session, account_id), standing(session, account, now))


def room_for(account: Known, symbol: Symbol, intent: Intent) -> Room:
    """Every rule's answer to a trade.

    Raises:
        ParameterError: size or prices cannot be.
    """
    risk = None
    if intent.stop is not None:
        risk = risk_at_stop(intent.quantity, intent.entry, intent.stop, symbol.point_value)
    return Room(risk, answers(account.account, symbol, intent, account.state))


def proposal_for(account: Known, symbol: Symbol, direction: int, entry: float, stop: float) -> Proposal:
    """The size proposed for a trade between `entry` and `stop`.

    Raises:
        ParameterError: the stop is not on the losing side, or a price cannot be.
    """
    return propose(account.account, account.balance, symbol, direction, entry, stop, account.state)
