"""Orders for the small desk, each through the action that a person uses: working, filled in part, rejected, unknown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Engine
from sqlmodel import Session, select

from core.orders import Event, EventKind, Execution, Leg, OrderType, Side, Source, Terms, bracket
from db.actions.orders import OrderRequest, place_order
from db.engine import writer
from db.models import BrokerContract, BrokerOrder
from db.store.moments import to_ms
from db.store.orders.state import apply_event
from db.store.revision import bump

REJECTED = "The exchange is closed <b>today</b> **really**"
LOST = "The gateway does not know this order."


def add_orders(engine: Engine, now: datetime) -> dict[str, int]:
    """Ids of the tickets by name: `working` (a bracket), `partly`, `rejected`, `unknown`."""
    name_at_broker(engine)
    buy = Terms(Side.BUY, Decimal(12_000), OrderType.LIMIT, limit=1.02)
    found = {
        "working": place(engine, "working", bracket(buy, 1.01, 1.05, "working"), now),
        "partly": place(engine, "partly", one(Side.BUY, 20_000, 1.03), now, broker="ibkr"),
        "rejected": place(engine, "rejected", one(Side.SELL, 5_000, 1.2), now, broker="ibkr"),
        "unknown": place(engine, "unknown", one(Side.BUY, 7_000, 1.04), now, broker="ibkr"),
    }
    at = to_ms(now)
    trade = Execution("0001f4e8.01", Decimal(8_000), Decimal("1.02995"), commission=Decimal("0.8"))
    happen(
        engine, found["partly"], now, Event(EventKind.SUBMITTED, at, Source.IBKR),
        Event(EventKind.FILL, at, Source.IBKR, execution=trade),
    )  # fmt: skip
    happen(engine, found["rejected"], now, Event(EventKind.REJECTED, at, Source.IBKR, REJECTED))
    happen(
        engine, found["unknown"], now, Event(EventKind.SUBMITTED, at, Source.IBKR),
        Event(EventKind.LOST, at, Source.RECONCILE, LOST),
    )  # fmt: skip
    return found


def name_at_broker(engine: Engine) -> None:
    """Say what the first symbol is at Interactive Brokers."""
    with writer(engine) as session:
        session.add(
            BrokerContract(
                key="EUR.CASH.IDEALPRO.USD",
                symbol_id=1,
                symbol="EUR",
                kind="CASH",
                exchange="IDEALPRO",
                number=12087792,
            )
        )


def one(side: Side, quantity: int, limit: float) -> dict[Leg, Terms]:
    """A limit order alone."""
    return {Leg.ENTRY: Terms(side, Decimal(quantity), OrderType.LIMIT, limit=limit)}


def place(
    engine: Engine, key: str, legs: Mapping[Leg, Terms], now: datetime, *, broker: str = "paper", symbol_id: int = 1
) -> int:
    """Send an order of the first account; returns its ticket's id."""
    return place_order(engine, OrderRequest(key, 1, symbol_id, legs, broker=broker, note=f"By plan: {key}"), now)


def happen(engine: Engine, ticket_id: int, now: datetime, *events: Event) -> None:
    """Let events happen to the entry of a ticket, as its broker would report them."""
    with writer(engine) as session:
        entry = entry_of(session, ticket_id)
        for event in events:
            apply_event(session, entry, event, now)
        bump(session)


def entry_of(session: Session, ticket_id: int) -> BrokerOrder:
    query = select(BrokerOrder).where(BrokerOrder.ticket_id == ticket_id, BrokerOrder.leg == Leg.ENTRY.value)
    return session.exec(query).one()
