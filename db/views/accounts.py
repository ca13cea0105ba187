"""Accounts as every page shows them: what each holds, risks and may, its cash, and how its challenges stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session, col, select

from core.challenge.phases import Challenge as Rules
from core.challenge.results import Evaluation
from core.challenge.room import Standing
from core.challenge.stored import from_json
from core.risk import profit
from db.models import Account, CashMovement, Challenge, ChallengePhase, Symbol, Trade
from db.store.accounts import balance, budget
from db.store.standing import at_stops, open_trades, run_of
from db.views.desk import last_prices

_NOTHING = Decimal(0)


@dataclass(frozen=True)
class ChallengeState:
    """A challenge, the rules it began with, its phases in order, and how it stands."""

    challenge: Challenge
    rules: Rules
    phases: list[ChallengePhase]
    evaluation: Evaluation

    @property
    def state(self) -> str:
        """`running`, `passed`, `failed` or `stopped`, as it is stored for its last phase."""
        return self.phases[-1].state


@dataclass(frozen=True)
class AccountLine:
    """One account. `floating` and `equity` are None while an open trade has no price; `risk` is what all open stops
    lose together, None while a trade has no stop. `budget` is what one trade may lose, `max_risk` what all may; both
    in money. `challenge` is the newest one that was not cleared, whatever became of it.
    """

    account: Account
    balance: Decimal
    floating: Decimal | None
    open_trades: int
    risk: Decimal | None
    budget: Decimal
    max_risk: Decimal | None
    challenge: ChallengeState | None

    @property
    def equity(self) -> Decimal | None:
        return None if self.floating is None else self.balance + self.floating


def account_lines(session: Session, now: datetime, *, archived: bool = False) -> list[AccountLine]:
    """The accounts, or those in the archive, the oldest first."""
    put_away = col(Account.archived_at).is_not(None) if archived else col(Account.archived_at).is_(None)
    found = session.exec(select(Account).where(put_away).order_by(col(Account.id)))
    return [_line(session, account, now) for account in found.all()]


def account_line(session: Session, account_id: int, now: datetime) -> AccountLine | None:
    """One account; None where there is none."""
    account = session.get(Account, account_id)
    return None if account is None else _line(session, account, now)


def newest_challenge(session: Session, account_id: int, now: datetime) -> ChallengeState | None:
    """The challenge that the account was put to last and that was not cleared."""
    query = select(Challenge).where(Challenge.account_id == account_id, col(Challenge.deleted_at).is_(None))
    challenge = session.exec(query.order_by(col(Challenge.id).desc()).limit(1)).first()
    return None if challenge is None else _state(session, challenge, now)


def challenge_state(session: Session, challenge_id: int, now: datetime) -> ChallengeState | None:
    """One challenge; None where there is none or it was cleared."""
    challenge = session.get(Challenge, challenge_id)
    if challenge is None or challenge.deleted_at is not None:
        return None
    return _state(session, challenge, now)


def challenges(session: Session, account_id: int) -> list[tuple[Challenge, ChallengePhase]]:
    """Every challenge of an account with its last phase, the newest first."""
    query = (
        select(Challenge, ChallengePhase)
        .join(ChallengePhase, col(ChallengePhase.challenge_id) == col(Challenge.id))
        .where(Challenge.account_id == account_id, col(Challenge.deleted_at).is_(None))
        .order_by(col(Challenge.id).desc(), col(ChallengePhase.position))
    )
    last = {challenge.id: (challenge, phase) for challenge, phase in session.exec(query)}
    return list(last.values())


def cash(session: Session, account_id: int) -> list[CashMovement]:
    """Every cash movement of an account with its reversals, the newest first."""
    query = select(CashMovement).where(CashMovement.account_id == account_id)
    return list(session.exec(query.order_by(col(CashMovement.at).desc(), col(CashMovement.id).desc())))


def _line(session: Session, account: Account, now: datetime) -> AccountLine:
    assert account.id is not None
    held, trades = balance(session, account.id), open_trades(session, account.id)
    percent = account.max_risk_percent
    return AccountLine(
        account=account,
        balance=held,
        floating=_floating(session, trades),
        open_trades=len(trades),
        risk=Standing(held, tuple(one for _, one in at_stops(session, trades))).risk,
        budget=budget(account, held),
        max_risk=None if percent is None else max(_NOTHING, held) * percent / 100,
        challenge=newest_challenge(session, account.id, now),
    )


def _floating(session: Session, trades: list[tuple[Trade, Symbol]]) -> Decimal | None:
    """Open P&L at the last stored closes; None when a trade has none."""
    prices = last_prices(session, tuple({trade.symbol_id for trade, _ in trades}))
    total = _NOTHING
    for trade, _ in trades:
        last = prices.get(trade.symbol_id)
        if last is None:
            return None
        price = last.for_trade(trade.opened_at)
        total += profit(trade.direction, trade.entry_price, price, trade.open_quantity, trade.per_point)
    return total


def _state(session: Session, challenge: Challenge, now: datetime) -> ChallengeState:
    run = run_of(session, challenge, now)
    return ChallengeState(challenge, from_json(challenge.rules), run.phases, run.evaluation)
