"""The person decides on a signal: accept it into a trade, or reject it with a reason. One transaction each."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Engine
from sqlmodel import Session, col

from core.errors import ConflictError, DeskError, LimitError, ParameterError
from core.risk import plain
from db.actions.fill import Ticket, check_fill, check_moment
from db.conflict import insert_for
from db.engine import writer
from db.models import Account, Signal, Symbol, Trade
from db.store.accounts import balance, get_account
from db.store.challenge.room_fees import there_and_back
from db.store.limits import Intent, check_limits
from db.store.lineage.roots import origin
from db.store.lineage.steps import Step, add_step
from db.store.proposal import propose
from db.store.revision import bump
from db.store.signals import get_signal, settle, trade_of, why_over
from db.store.standing import standing
from db.store.trades import Execution, add_fills, figures_with, fills_of, keep

__all__ = ["Ticket", "accept_signal", "reject_signal", "trace_decision"]


def accept_signal(
    engine: Engine, signal_id: int, ticket: Ticket | None, now: datetime, account_id: int | None = None
) -> int:
    """Turn a new signal into an open trade; returns the trade's id.

    Without a ticket the trade has the signal's entry and the size proposed for the account (the default one without
    `account_id`). Accepting again with the same ticket, as a double click or a second tab does, returns the same
    trade; anything else about a signal that is decided is a conflict. However many processes try, one trade is made.

    Raises:
        NotFoundError: no such signal or account.
        ConflictError: the signal was rejected, expired, or accepted in another way.
        LimitError: a rule of the account does not allow it; the sentence names rule and figure.
        DeskError: the fill cannot be; nothing was written.
    """
    with writer(engine) as session:
        account = get_account(session, account_id, lock=True)
        signal = get_signal(session, signal_id)
        if signal.status != "new":
            return _accepted_before(session, signal, account, ticket)
        symbol = session.get_one(Symbol, signal.symbol_id)
        # The job that expires signals may not have come to it yet: what the stored bars say counts at the click.
        over = why_over(session, symbol, signal, now)
        if over:
            raise ConflictError(f"This signal is over ({over}): choose another one.", "expired")
        filled = ticket or _proposal(session, signal, account, symbol, now)
        risk = check_fill(signal, account, symbol, filled)
        opened_at = filled.opened_at or now
        check_moment(opened_at, None, now)
        fees = there_and_back(filled.fee)
        intent = Intent(signal.direction, filled.quantity, filled.entry_price, signal.stop, opened_at, fees=fees)
        check_limits(session, account, symbol, intent, now)
        if not settle(session, signal_id, "accepted", None, now):
            return _accepted_before(session, get_signal(session, signal_id), account, ticket)
        trade_id = _insert_trade(session, signal, account, symbol, filled, now)
        _trace_trade(session, signal_id, trade_id, account, filled, risk, now)
        bump(session)
        return trade_id


def reject_signal(engine: Engine, signal_id: int, reason: str, now: datetime) -> None:
    """Reject a new signal. Rejecting again for the same reason, as a double click does, changes nothing.

    Raises:
        NotFoundError: no such signal.
        ConflictError: the signal was accepted, expired, or rejected for another reason.
        DeskError: the reason is empty.
    """
    reason = reason.strip()
    if not reason:
        raise DeskError("A rejection needs a reason: say in a few words why you pass.")
    with writer(engine) as session:
        get_signal(session, signal_id)
        if not settle(session, signal_id, "rejected", reason, now):
            decided = get_signal(session, signal_id)
            if (decided.status, decided.reason) == ("rejected", reason):
                return
            raise _conflict(decided)
        trace_decision(session, signal_id, "decision", "Rejected", {"status": "rejected", "reason": reason}, now)
        bump(session)


def trace_decision(
    session: Session, signal_id: int, kind: str, name: str, outcome: dict[str, str], now: datetime
) -> int:
    """Record what was decided about a signal as a step that follows from the signal's own; returns its id."""
    step = Step(kind, name, now, now, inputs={"signal": signal_id}, output=outcome, content=outcome)
    return add_step(session, step, origin(session, "signal", signal_id, now))


def _accepted_before(session: Session, signal: Signal, account: Account, ticket: Ticket | None) -> int:
    trade = trade_of(session, signal.id or 0)
    if signal.status != "accepted" or trade is None or trade.id is None or trade.account_id != account.id:
        raise _conflict(signal)
    first = fills_of(session, trade.id)[0]
    if ticket is not None and (ticket.entry_price, ticket.quantity) != (first.price, first.quantity):
        raise ConflictError(
            f"This signal was already accepted at {first.price} for {plain(first.quantity)}: "
            f"see trade {trade.id} in the journal.",
            trade.id,
        )
    return trade.id


def _conflict(signal: Signal) -> ConflictError:
    done = {"accepted": "accepted", "rejected": "rejected", "expired": "closed for good"}[signal.status]
    why = f" ({signal.reason})" if signal.reason else ""
    return ConflictError(f"This signal was already {done}{why}: choose another one.", signal.status)


def _proposal(session: Session, signal: Signal, account: Account, symbol: Symbol, now: datetime) -> Ticket:
    state, held = standing(session, account, now), balance(session, account.id or 0)
    try:
        proposal = propose(account, held, symbol, signal.direction, signal.entry, signal.stop, state)
    except ParameterError as error:
        raise DeskError(error.message, error.subject) from error
    if proposal.bound is not None and not proposal.quantity:
        raise LimitError(f"{account.name} refuses this trade. {proposal.bound.sentence}", proposal.bound.rule)
    if not proposal.quantity:
        raise DeskError(proposal.reason, signal.id)
    return Ticket(signal.entry, proposal.quantity)


def _insert_trade(
    session: Session, signal: Signal, account: Account, symbol: Symbol, ticket: Ticket, now: datetime
) -> int:
    fill = Execution(True, ticket.quantity, ticket.entry_price, ticket.opened_at or now, ticket.fee)
    trade = Trade(
        account_id=account.id or 0,
        symbol_id=signal.symbol_id,
        signal_id=signal.id,
        direction=signal.direction,
        quantity=ticket.quantity,
        open_quantity=ticket.quantity,
        point_value=symbol.point_value,
        entry_price=ticket.entry_price,
        first_stop=signal.stop,
        stop=signal.stop,
        target=signal.target,
        opened_at=fill.at,
        note=ticket.note.strip(),
    )
    figures = figures_with(trade, [], [fill])
    keep(trade, figures)
    statement = insert_for(session, Trade).values(**trade.model_dump(exclude={"id"}))
    statement = statement.on_conflict_do_nothing(index_elements=["signal_id"])
    trade_id: int | None = session.connection().execute(statement.returning(col(Trade.id))).scalar()
    if trade_id is None:
        raise ConflictError("This signal already has a trade: see the journal.", signal.id)
    add_fills(session, session.get_one(Trade, trade_id), [fill], figures, now)
    return trade_id


def _trace_trade(
    session: Session, signal_id: int, trade_id: int, account: Account, ticket: Ticket, risk: Decimal, now: datetime
) -> None:
    decision = trace_decision(session, signal_id, "decision", "Accepted", {"status": "accepted"}, now)
    output = {"entry_price": ticket.entry_price, "quantity": plain(ticket.quantity), "risk": plain(risk)}
    step = Step(
        kind="trade",
        name=f"Trade {trade_id}",
        started_at=now,
        finished_at=now,
        entity="trade",
        entity_id=trade_id,
        inputs={"signal": signal_id, "account": account.name},
        parameters={"risk_percent": plain(account.risk_percent)},
        output=output,
        content=output,
    )
    add_step(session, step, [decision])
