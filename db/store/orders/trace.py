"""The steps of the lineage that an order leaves: from the decision or the account's settings to the trade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from core.orders import EventKind, Transition
from core.risk import plain
from db.models import BrokerOrder, OrderExecution, OrderTicket, Trade
from db.store.lineage.roots import origin
from db.store.lineage.steps import Step, add_step
from db.store.orders.terms import terms_of, to_json

TICKET, EXECUTION = "order_ticket", "order_execution"
_QUIET = frozenset({EventKind.SUBMITTED, EventKind.NOTED, EventKind.CANCEL_REQUESTED, EventKind.REQUEST_REFUSED})


def trace_ticket(
    session: Session, ticket: OrderTicket, rows: Sequence[BrokerOrder], account: str, parents: Sequence[int],
    now: datetime,
) -> int:  # fmt: skip
    """What a person committed to, as it was committed; returns the step's id."""
    inputs: dict[str, Any] = {"account": account, "broker": ticket.broker}
    inputs |= {} if ticket.signal_id is None else {"signal": ticket.signal_id}
    legs = {row.leg: to_json(terms_of(row)) for row in rows}
    output = {"references": [row.reference for row in rows]}
    step = Step(
        "order", f"Order {ticket.id}", now, now, entity=TICKET, entity_id=ticket.id, inputs=inputs, parameters=legs,
        output=output, content=legs | {"broker": ticket.broker},
    )  # fmt: skip
    return add_step(session, step, parents)


def trace_change(session: Session, row: BrokerOrder, change: Transition, now: datetime) -> None:
    """An order that was changed or ended without a fill. What only tells of its way leaves no step."""
    if change.kind in _QUIET:
        return
    output = {
        "before": change.before.value,
        "after": change.after.value,
        "event": change.kind.value,
        "source": change.source.value,
        "detail": change.detail,
        "terms": to_json(terms_of(row)),
    }
    name = f"{row.leg.capitalize()} of order {row.ticket_id}: {change.kind.value}"
    step = Step("transition", name, now, now, inputs={"order": row.reference}, output=output, content=output)
    add_step(session, step, origin(session, TICKET, row.ticket_id, now))


def trace_execution(session: Session, row: BrokerOrder, execution: OrderExecution, now: datetime) -> int:
    """A trade of an order as its broker told it; returns the step's id."""
    output = {
        "execution": execution.execution,
        "revision": execution.revision,
        "quantity": plain(execution.quantity),
        "price": plain(execution.price),
        "commission": plain(execution.commission),
        "time": execution.time,
    }
    name = f"{row.leg.capitalize()} of order {row.ticket_id} filled: {plain(execution.quantity)}"
    step = Step(
        "execution", name, now, now, entity=EXECUTION, entity_id=execution.id, inputs={"order": row.reference},
        output=output, content=output,
    )  # fmt: skip
    return add_step(session, step, origin(session, TICKET, row.ticket_id, now))


def trace_booking(
    session: Session, trade: Trade, kind: str, output: Mapping[str, Any], execution: int, now: datetime
) -> None:
    """A trade that an execution opened (`trade`), added to or reduced (`fill`), or closed (`close`).

    Each is a step of the trade's own, so that the orders which ended it belong to its chain as well.
    """
    made = kind == "trade"
    names = {"trade": "Trade", "fill": "Fill of trade", "close": "Close trade"}
    figures = dict(output) | {
        "pnl": None if trade.pnl is None else plain(trade.pnl),
        "r_multiple": trade.r_multiple,
    }
    step = Step(
        kind, f"{names[kind]} {trade.id}", now, now, entity="trade", entity_id=trade.id,
        inputs={} if made else {"trade": trade.id}, output=figures, content=figures,
    )  # fmt: skip
    known = [] if made else origin(session, "trade", trade.id or 0, now)
    add_step(session, step, [*known, execution])


def trace_journal(session: Session, trade: Trade, name: str, output: Mapping[str, Any], now: datetime) -> None:
    """A correction that the broker sent and the journal took over."""
    step = Step(
        "journal", name, now, now, entity="trade", entity_id=trade.id, inputs={"trade": trade.id}, output=output,
        content=output,
    )  # fmt: skip
    add_step(session, step, origin(session, "trade", trade.id or 0, now))
