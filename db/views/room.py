"""Room before the click: what every rule of an account says to a trade, from the function that the actions ask too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session

from core.challenge.room import Verdict
from core.errors import NotFoundError
from core.risk import risk_at_stop
from db.models import Account, Symbol
from db.store.accounts import balance, get_account
from db.store.limits import Intent, answers
from db.store.proposal import Proposal, propose
from db.store.standing import standing


@dataclass(frozen=True)
class Room:
    """An account's answers to one trade. `risk` is what the trade loses at its stop, None without a stop."""

    account: Account
    balance: Decimal
    risk: Decimal | None
    verdicts: list[Verdict]

    @property
    def refused(self) -> Verdict | None:
        """The first rule that does not allow it."""
        return next((verdict for verdict in self.verdicts if not verdict.ok), None)


def room_for(session: Session, account_id: int, symbol_id: int, intent: Intent, now: datetime) -> Room:
    """Every rule's answer to this trade now.

    Raises:
        NotFoundError: no such account or symbol.
        ParameterError: size or prices cannot be.
    """
    account, symbol = get_account(session, account_id), _symbol(session, symbol_id)
    state = standing(session, account, now, adding=intent.adding)
    risk = None
    if intent.stop is not None:
        risk = risk_at_stop(intent.quantity, intent.entry, intent.stop, symbol.point_value)
    return Room(account, balance(session, account_id), risk, answers(account, symbol, intent, state))


def proposal_for(
    session: Session, account_id: int, symbol_id: int, direction: int, entry: float, stop: float, now: datetime
) -> Proposal:
    """The size proposed for a trade between `entry` and `stop`.

    Raises:
        NotFoundError: no such account or symbol.
        ParameterError: the stop is not on the losing side, or a price cannot be.
    """
    account, symbol = get_account(session, account_id), _symbol(session, symbol_id)
    return propose(session, account, symbol, direction, entry, stop, standing(session, account, now))


def _symbol(session: Session, symbol_id: int) -> Symbol:
    symbol = session.get(Symbol, symbol_id)
    if symbol is None:
        raise NotFoundError(f"There is no symbol {symbol_id}: reload the page.", symbol_id)
    return symbol
