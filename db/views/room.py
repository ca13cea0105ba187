"""Room before the click: what every rule of an account says to a trade, from the function that the actions ask too."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session

from core.challenge.room import AtStop, Cost, Standing, Verdict, broken_by_stops
from core.risk import profit, risk_at_stop
from db.models import Account, Symbol, Trade
from db.store.accounts import balance, get_account
from db.store.limits import Intent, answers
from db.store.proposal import Proposal, propose
from db.store.standing import standing, trade_name
from db.store.trades import get_trade

_NOTHING = Decimal(0)


@dataclass(frozen=True)
class Known:
    """What is known of an account before a trade is asked about."""

    account: Account
    balance: Decimal
    state: Standing


@dataclass(frozen=True)
class Room:
    """An account's answers to one trade. `risk` is what the trade loses at its stop, None without a stop.

    `fees` come on top of it, there and back.
    """

    risk: Decimal | None
    fees: Decimal
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


def after_move(session: Session, trade_id: int, stop: float, now: datetime) -> list[str]:
    """What is broken when every stop of the account is hit and that of this open trade stands at `stop`.

    Raises:
        NotFoundError: there is no such trade.
    """
    trade = get_trade(session, trade_id)
    symbol = session.get_one(Symbol, trade.symbol_id)
    state = standing(session, get_account(session, trade.account_id), now)
    name = trade_name(trade, symbol)
    moved = [_moved(one, trade, stop) if one.name == name else one for one in state.open_trades]
    return broken_by_stops(replace(state, open_trades=tuple(moved)))


def _moved(known: AtStop, trade: Trade, stop: float) -> AtStop:
    # What waits to be added keeps its own stop.
    then, before = (
        _NOTHING
        if level is None
        else profit(trade.direction, trade.entry_price, level, trade.open_quantity, trade.per_point)
        for level in (stop, trade.stop)
    )
    return replace(known, pnl=then if trade.stop is None else None if known.pnl is None else known.pnl + then - before)


def room_for(account: Known, symbol: Symbol, intent: Intent) -> Room:
    """Every rule's answer to a trade.

    Raises:
        ParameterError: size or prices cannot be.
    """
    risk = None
    if intent.stop is not None:
        risk = risk_at_stop(intent.quantity, intent.entry, intent.stop, symbol.point_value)
    return Room(risk, intent.fees.of(intent.quantity), answers(account.account, symbol, intent, account.state))


def proposal_for(
    account: Known, symbol: Symbol, direction: int, entry: float, stop: float, fees: Cost | None = None
) -> Proposal:
    """The size proposed for a trade between `entry` and `stop` that costs `fees`.

    Raises:
        ParameterError: the stop is not on the losing side, or a price cannot be.
    """
    return propose(account.account, account.balance, symbol, direction, entry, stop, account.state, fees)
