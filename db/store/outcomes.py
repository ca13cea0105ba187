"""What became of signals: which are still followed, and how each one stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import insert, or_, update
from sqlmodel import Session, col, select

from core.errors import ParameterError
from core.signals.outcome import Outcome, Plan, State, begin
from core.timeframe import Timeframe
from db.models import Signal, SignalOutcome

_UNDECIDED = (State.WAITING.value, State.OPEN.value)


@dataclass(frozen=True)
class Followed:
    """A signal as an order, and how it stood when it was last looked at; `stored` says whether it has a row yet."""

    signal_id: int
    plan: Plan
    outcome: Outcome
    stored: bool


def undecided(session: Session, symbol_id: int) -> list[Followed]:
    """The signals of a symbol whose outcome is open, oldest first.

    A signal whose prices are no plan (the entry not between stop and target) has no outcome.
    """
    query = (
        select(Signal, SignalOutcome)
        .join(SignalOutcome, col(SignalOutcome.signal_id) == Signal.id, isouter=True)
        .where(
            Signal.symbol_id == symbol_id,
            or_(col(SignalOutcome.signal_id).is_(None), col(SignalOutcome.state).in_(_UNDECIDED)),
        )
        .order_by(col(Signal.id))
        .execution_options(populate_existing=True)
    )
    followed = []
    for signal, row in session.exec(query).all():
        plan = plan_of(signal)
        if plan is not None:
            followed.append(Followed(signal.id or 0, plan, begin(plan) if row is None else outcome_of(row), bool(row)))
    return followed


def plan_of(signal: Signal) -> Plan | None:
    """The signal as an order with its first target, None when its prices are no plan."""
    try:
        return Plan(
            Timeframe(signal.timeframe),
            signal.direction,
            signal.entry_type,
            signal.entry,
            signal.stop,
            signal.target,
            signal.as_of,
            signal.expires_at,
        )
    except ParameterError:
        return None


def outcome_of(row: SignalOutcome) -> Outcome:
    """The stored row as core's value."""
    return Outcome(
        state=State(row.state),
        through=row.through,
        timeframe=Timeframe(row.timeframe),
        filled_at=row.filled_at,
        fill_price=row.fill_price,
        ended_at=row.ended_at,
        result_r=row.result_r,
        mfe_r=row.mfe_r,
        mae_r=row.mae_r,
        bars_held=row.bars_held,
    )


def save(session: Session, found: Iterable[Followed]) -> None:
    """Insert or update the outcome rows."""
    rows = list(found)
    fresh = [_row(item) for item in rows if not item.stored]
    if fresh:
        session.execute(insert(SignalOutcome), fresh)
    for item in rows:
        if item.stored:
            where = col(SignalOutcome.signal_id) == item.signal_id
            session.connection().execute(update(SignalOutcome).where(where).values(**_row(item)))


def _row(item: Followed) -> dict[str, object]:
    values = vars(item.outcome) | {"state": item.outcome.state.value, "timeframe": int(item.outcome.timeframe)}
    return {"signal_id": item.signal_id, **values}
