"""What a person said was filled while nobody else could: an estimate, until the broker shows the execution itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sqlmodel import Session, col, select, update

from core.orders import Event, Execution, Order
from db.models import BrokerOrder, OrderExecution, TradeFill
from db.store.orders.charges import fills_of_execution

_MARK: Final = "#hand"


def estimate_id(reference: str, number: int) -> str:
    """The name of the execution that a person reports."""
    return f"{reference}{_MARK}{number}"


def estimated(order: Order) -> bool:
    """Whether a person reported something of it."""
    return any(_MARK in one.id for one in order.executions)


def proven(session: Session, row: BrokerOrder, order: Order, event: Event) -> Execution | None:
    """Let a broker's execution stand for what a person reported of it, so that it is not booked twice.

    It is the same when it was traded before the person decided, or has the same size, or does not fit beside it. Where
    it covers the whole estimate, that takes its name, as a revision before the broker's own. Of a larger estimate the
    rest is returned: a revision of it, to be applied first.
    """
    new = event.execution
    guess = next((one for one in order.executions if _MARK in one.id), None)
    if new is None or guess is None or any(one.id == new.id for one in order.executions):
        return None
    rows = session.exec(select(OrderExecution).where(OrderExecution.execution == guess.id)).all()
    fits = order.filled + new.quantity <= order.terms.quantity
    if fits and new.quantity != guess.quantity and event.time > min(one.time for one in rows):
        return None
    if new.quantity < guess.quantity:
        return replace(guess, quantity=guess.quantity - new.quantity, revision=guess.revision + 1)
    for fill in fills_of_execution(session, row.account_id, guess.id):
        name = new.id + (fill.external_id or "").removeprefix(guess.id)
        session.connection().execute(update(TradeFill).where(col(TradeFill.id) == fill.id).values(external_id=name))
        session.expire(fill)
    for one in rows:
        one.execution, one.revision = new.id, one.revision - guess.revision - 1
        session.add(one)
    session.flush()
    return None
