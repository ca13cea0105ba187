"""A small desk that sends orders: one account, one symbol with one-minute bars up to NOW, no costs unless asked for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine
from sqlmodel import select

from core.orders import Event, EventKind, Execution, Leg, OrderType, Side, Source, Terms, bracket, leg_reference
from core.timeframe import Timeframe
from db.actions.orders import OrderRequest, place_order
from db.engine import reader, writer
from db.models import BrokerContract, BrokerOrder, Setting, Symbol, Trade, TradeFill
from db.store.orders.costs import KEY
from db.store.orders.state import apply_event, order_by_reference
from tests.factories import NOW, NOW_MS, add, add_bars, make_account, make_bars, make_symbol

MINUTE = 60_000
FREE = {"spread_ticks": 0, "spread_bps": 0, "slippage_bps": 0, "volume_share": None, "basis_points": 0}
CALM = (100.0, 100.5, 99.5, 100.0)
BUY, SELL = Side.BUY, Side.SELL


def open_market(
    engine: Engine,
    costs: Mapping[str, Any] | None = None,
    *,
    account: Mapping[str, Any] | None = None,
    volume: float = 1.0,
    **symbol: Any,
) -> None:
    """Account 1 and symbol 1, last price 100."""
    with writer(engine) as session:
        make_account(session, **(account or {}))
        row = make_symbol(session, "MKT", **symbol)
        made = make_bars([CALM] * 5, start=NOW_MS - 5 * MINUTE, timeframe=Timeframe.M1)
        made.volume[:] = volume
        add_bars(session, row, made)
        add(session, BrokerContract(key="MKT.STK.USD", symbol_id=row.id, symbol="MKT"))
        add(session, Setting(key=KEY, value={"MKT": FREE | dict(costs or {})}, updated_at=NOW))


def bars(engine: Engine, *rows: tuple[float, float, float, float], after: int = 0, volume: float = 1.0) -> None:
    """One-minute bars of symbol 1, the first of them `after` minutes after NOW."""
    made = make_bars(list(rows), start=NOW_MS + after * MINUTE, timeframe=Timeframe.M1)
    made.volume[:] = volume
    with writer(engine) as session:
        add_bars(session, session.get_one(Symbol, 1), made)


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def ms(minutes: float) -> int:
    return NOW_MS + int(minutes * MINUTE)


def one(side: Side, quantity: int, kind: OrderType = OrderType.MARKET, **more: Any) -> dict[Leg, Terms]:
    """An order alone."""
    return {Leg.ENTRY: Terms(side, Decimal(quantity), kind, **more)}


def send(engine: Engine, key: str, legs: Mapping[Leg, Terms], when: datetime = NOW, **more: Any) -> int:
    return place_order(engine, OrderRequest(key, 1, 1, legs, **more), when)


def happen(engine: Engine, reference: str, kind: EventKind, minute: float = 0, **more: Any) -> None:
    """What Interactive Brokers would say."""
    with writer(engine) as session:
        row = order_by_reference(session, reference)
        apply_event(session, row, Event(kind, ms(minute), Source.IBKR, **more), at(minute))


def filled(engine: Engine, reference: str, name: str, quantity: str, price: str, minute: float = 0, revision: int = 0):
    execution = Execution(name, Decimal(quantity), Decimal(price), revision)
    happen(engine, reference, EventKind.FILL, minute, execution=execution)


def at_the_broker(engine: Engine, quantity: str = "10", minute: float = 1, **market: Any) -> None:
    """A bracket of ten at Interactive Brokers, stop 95 and target 110, its entry filled for `quantity` at 100."""
    open_market(engine, **market)
    legs = bracket(Terms(BUY, Decimal(10), OrderType.LIMIT, limit=100.0), 95.0, 110.0, "")
    send(engine, "buy", legs, broker="ibkr")
    for leg in legs:
        happen(engine, leg_reference(1, leg), EventKind.SUBMITTED)
    filled(engine, leg_reference(1, Leg.ENTRY), "e1", quantity, "100", minute)


def statuses(engine: Engine) -> dict[str, str]:
    with reader(engine) as session:
        return dict(session.exec(select(BrokerOrder.reference, BrokerOrder.status).order_by(BrokerOrder.id)).all())


def order(engine: Engine, reference: str) -> BrokerOrder:
    with reader(engine) as session:
        found = order_by_reference(session, reference)
    assert found is not None, reference
    return found


def journal(engine: Engine) -> list[tuple[Any, ...]]:
    """(direction, quantity, open, entry price, exit price, pnl) of every trade."""
    with reader(engine) as session:
        return [
            (one.direction, one.quantity, one.open_quantity, one.entry_price, one.exit_price, one.pnl)
            for one in session.exec(select(Trade).order_by(Trade.id))
        ]


def fills(engine: Engine) -> list[tuple[Any, ...]]:
    """(trade, kind, quantity, price, fee, external id) of every fill."""
    with reader(engine) as session:
        return [
            (one.trade_id, one.kind, one.quantity, one.price, one.fee, one.external_id)
            for one in session.exec(select(TradeFill).order_by(TradeFill.id))
        ]
