"""Where an account stands at a moment: its balance, what its open stops would do, and the challenge that runs on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session, col, select

from core.challenge.amounts import Consequence
from core.challenge.evaluate import evaluate
from core.challenge.results import Breach, Evaluation, PhaseResult
from core.challenge.room import AtStop, DeskLimits, Standing
from core.challenge.stored import from_json
from core.risk import profit
from db.models import Account, Challenge, ChallengePhase, OrderTicket, Symbol, Trade
from db.store.accounts import balance
from db.store.challenge.events import challenge_events
from db.store.challenge.room_fees import exit_fees
from db.store.imports.foreign import unrated, why_unrated
from db.store.moments import to_ms
from db.store.orders.pending import with_pending


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
    trades = [one for one in at_stops(session, found) if one[0].id != left_out[1]]
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


def at_stops(session: Session, trades: Sequence[tuple[Trade, Symbol]]) -> list[tuple[Trade, AtStop]]:
    """Each open trade as its stop in force leaves it, its exit paid for; without a stop or rate its loss is unknown."""
    fees = exit_fees(session, [trade for trade, _ in trades])
    lost = _unrated(session, trades)
    return [(trade, _at_stop(trade, symbol, fees[trade.id or 0], trade.id not in lost)) for trade, symbol in trades]


def _unrated(session: Session, trades: Sequence[tuple[Trade, Symbol]]) -> set[int | None]:
    accounts = [session.get_one(Account, one) for one in {trade.account_id for trade, _ in trades}]
    return {trade.id for account in accounts for trade, _ in unrated(session, account)}


def _at_stop(trade: Trade, symbol: Symbol, fees: Decimal, rated: bool) -> AtStop:
    pnl = None
    if trade.stop is not None and rated:
        pnl = profit(trade.direction, trade.entry_price, trade.stop, trade.open_quantity, trade.per_point)
    return AtStop(trade_name(trade, symbol), pnl, fees)


def trade_name(trade: Trade, symbol: Symbol) -> str:
    """What an open trade is called where its stop counts."""
    return f"trade {trade.id} ({symbol.name})"


def governing(session: Session, account_id: int, now: datetime) -> ChallengeRun | None:
    """The account's newest challenge, while a phase of it is running or it has failed; None where there is none."""
    query = select(Challenge).where(Challenge.account_id == account_id, col(Challenge.deleted_at).is_(None))
    challenge = session.exec(query.order_by(col(Challenge.id).desc()).limit(1)).first()
    if challenge is None:
        return None
    run = run_of(session, challenge, now)
    return run if run.phases[-1].state in {"running", "failed"} else None


def run_of(session: Session, challenge: Challenge, now: datetime) -> ChallengeRun:
    """A challenge evaluated over what the journal holds up to `now`, or up to where it was stopped.

    What was recorded as failed is failed.
    """
    query = select(ChallengePhase).where(ChallengePhase.challenge_id == challenge.id)
    phases = list(session.exec(query.order_by(col(ChallengePhase.position))))
    stopped = phases[-1].ended_at if phases[-1].state in {"stopped", "passed"} else None
    until = to_ms(min(now, stopped) if stopped else now)
    rules = from_json(challenge.rules)
    events = challenge_events(session, challenge.account_id, rules, phases, until)
    found = evaluate(rules, events, until).phases
    return ChallengeRun(challenge, phases, Evaluation(tuple(map(_as_recorded, found, phases))))


def _as_recorded(result: PhaseResult, phase: ChallengePhase) -> PhaseResult:
    """A recorded breach stays, also where trades were cleared or cash was booked for an earlier day since."""
    if phase.state != "failed" or phase.breached_at is None:
        return result
    at, rule, told = to_ms(phase.breached_at), phase.breach_rule or "", phase.breach_detail or ""
    same = next((one for one in result.breaches if (one.at, one.rule) == (at, rule)), None)
    figures = (None, None) if same is None else (same.figure, same.floor)
    return result.as_recorded(Breach(at, rule, Consequence.HARD, *figures, told))
