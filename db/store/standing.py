"""Where an account stands at a moment: its balance, what its open stops would do, and the challenge that runs on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session, col, select

from core.challenge.evaluate import evaluate
from core.challenge.results import Evaluation
from core.challenge.room import AtStop, DeskLimits, Standing
from core.challenge.stored import from_json
from core.risk import profit
from db.models import Account, Challenge, ChallengePhase, OrderTicket, Symbol, Trade
from db.store.accounts import balance
from db.store.challenge_events import challenge_events
from db.store.foreign import unrated, why_unrated
from db.store.moments import to_ms
from db.store.orders_pending import with_pending


@dataclass(frozen=True)
class ChallengeRun:
    """A challenge, its phases in order, and how it stands."""

    challenge: Challenge
    phases: list[ChallengePhase]
    evaluation: Evaluation


def standing(
    session: Session, account: Account, now: datetime, *, adding: bool = False, leave_out: OrderTicket | None = None
) -> Standing:
    """What is known about an account at the click. `adding` to an open trade is not held against the number of trades.

    Orders that may still fill count as open trades. The ticket `leave_out` and its trade do not count. Under a
    challenge the balance is that of its phase. A limit on the risk in use is a share of the account's balance.
    """
    assert account.id is not None
    held, run = balance(session, account.id), governing(session, account.id, now)
    left_out = (None, None) if leave_out is None else (leave_out.id, leave_out.trade_id)
    found = open_trades(session, account.id)
    trades = [(trade, at_stop(trade, symbol)) for trade, symbol in found if trade.id != left_out[1]]
    percent = account.max_risk_percent
    return Standing(
        balance=run.evaluation.current.balance if run else held,
        open_trades=tuple(with_pending(session, account.id, trades, left_out[0])),
        phase=run.evaluation.current if run else None,
        limits=DeskLimits(
            max_trades=None if adding else account.max_open,
            max_risk=None if percent is None else max(Decimal(0), held) * percent / 100,
        ),
        unknown=_unknown(session, account) if run or percent is not None else "",
    )


def _unknown(session: Session, account: Account) -> str:
    lost = unrated(session, account)
    return f"The worst case is not known, because {why_unrated(account, lost)}." if lost else ""


def open_trades(session: Session, account_id: int) -> list[tuple[Trade, Symbol]]:
    """The open trades of an account with their symbols, oldest first."""
    query = select(Trade, Symbol).join(Symbol, col(Symbol.id) == col(Trade.symbol_id))
    query = query.where(Trade.account_id == account_id, col(Trade.deleted_at).is_(None), Trade.status == "open")
    return list(session.exec(query.order_by(col(Trade.id))))


def at_stop(trade: Trade, symbol: Symbol) -> AtStop:
    """An open trade as its stop in force leaves it; without a stop its loss has no bound."""
    pnl = None
    if trade.stop is not None:
        pnl = profit(trade.direction, trade.entry_price, trade.stop, trade.open_quantity, trade.per_point)
    return AtStop(f"trade {trade.id} ({symbol.name})", pnl)


def governing(session: Session, account_id: int, now: datetime) -> ChallengeRun | None:
    """The account's newest challenge, while a phase of it is running or it has failed; None where there is none."""
    query = select(Challenge).where(Challenge.account_id == account_id, col(Challenge.deleted_at).is_(None))
    challenge = session.exec(query.order_by(col(Challenge.id).desc()).limit(1)).first()
    if challenge is None:
        return None
    run = run_of(session, challenge, now)
    return run if run.phases[-1].state in {"running", "failed"} else None


def run_of(session: Session, challenge: Challenge, now: datetime) -> ChallengeRun:
    """A challenge evaluated over what the journal holds up to `now`, or up to where it was stopped."""
    query = select(ChallengePhase).where(ChallengePhase.challenge_id == challenge.id)
    phases = list(session.exec(query.order_by(col(ChallengePhase.position))))
    stopped = phases[-1].ended_at if phases[-1].state in {"stopped", "passed"} else None
    until = to_ms(min(now, stopped) if stopped else now)
    events = challenge_events(session, challenge.account_id, phases, until)
    return ChallengeRun(challenge, phases, evaluate(from_json(challenge.rules), events, until))
