"""What the Orders page shows: the list, its figures, and one order with everything behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pandas as pd
from sqlalchemy import ColumnElement, Select, cast, false, func, or_, select
from sqlalchemy.types import String
from sqlmodel import Session, col

from core.orders import Status
from db.models import (
    Account,
    BrokerOrder,
    OrderCharge,
    OrderExecution,
    OrderRefusal,
    OrderTicket,
    OrderTransition,
    Signal,
    Strategy,
    Symbol,
    Trade,
    TradeFill,
)
from db.store.guards import day_begin
from db.store.moments import to_ms

STATUSES: Final = tuple(status.value for status in Status)
LIVE: Final = tuple(status.value for status in Status if not status.final)
"""Orders that are not over: `unknown` ones too, until a person has decided."""
BY_HAND: Final = 0
"""Stands among the strategies' ids for orders that no signal asked for."""
_ORDER: Final = (
    "id", "ticket_id", "leg", "reference", "side", "type", "quantity", "limit_price", "stop_price", "trail",
    "trail_percent", "tif", "until", "status", "cancelling", "filled", "average_price", "error", "created_at",
    "updated_at",
)  # fmt: skip


@dataclass(frozen=True)
class OrderFilter:
    """Which orders to list. Empty sequences, an empty text and None mean no restriction.

    `strategies` are ids, of which `BY_HAND` stands for orders by hand. `text` is looked for in symbol, strategy, note,
    message and reference; `#12` finds order 12 with all its legs.
    """

    account_id: int | None = None
    statuses: tuple[str, ...] = ()
    strategies: tuple[int, ...] = ()
    text: str = ""


@dataclass(frozen=True)
class OrderFigures:
    """Orders of an account by number. `filled_today` were traded in full with their last execution since the day began
    where the account counts its days; `executions` are all trades since then. `refused_today` were not let through.
    """

    counts: dict[str, int]
    filled_today: int
    executions: int
    refused_today: int

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def working(self) -> int:
        return sum(self.counts[status] for status in LIVE)


@dataclass(frozen=True)
class OrderDetail:
    """One leg of a ticket (`order`), its others, all their transitions and executions (the newest revision of each) in
    order, and what it came from and led to. `corrections` says how often an execution was reported anew, `charges` are
    commissions that came later, both by execution; `trades` the ids of the trades its executions were booked in.
    """

    order: BrokerOrder
    ticket: OrderTicket
    legs: list[BrokerOrder]
    transitions: list[OrderTransition]
    executions: list[OrderExecution]
    corrections: dict[str, int]
    charges: dict[str, OrderCharge]
    symbol: Symbol
    account: Account
    strategy: Strategy | None
    trades: list[int]

    def leg(self, name: str) -> BrokerOrder | None:
        """The leg of this name; None when the ticket has none."""
        return next((one for one in self.legs if one.leg == name), None)


def order_list(session: Session, wanted: OrderFilter, limit: int) -> pd.DataFrame:
    """At most `limit` orders that match: tickets that are still alive first, then the newest; legs in their order.

    Columns: id, ticket_id, leg, reference, side, type, quantity, limit_price, stop_price, trail, trail_percent, tif,
    until, status, cancelling, filled, average_price, error, created_at, updated_at, broker, origin, signal_id,
    trade_id, closes, symbol, source, tick_size, strategy.
    """
    alive = select(col(BrokerOrder.ticket_id)).where(col(BrokerOrder.status).in_(LIVE))
    here = col(BrokerOrder.ticket_id).in_(alive)
    first = _frame(session, _narrow(_listed(), wanted).where(here), limit)
    if len(first) >= limit:
        return first
    rest = _frame(session, _narrow(_listed(), wanted).where(~here), limit - len(first))
    return rest if first.empty else first if rest.empty else pd.concat([first, rest], ignore_index=True)


def order_figures(session: Session, account_id: int, now: datetime) -> OrderFigures:
    """How many orders there are, and what happened today.

    Raises:
        NoResultFound: there is no such account.
    """
    day = day_begin(session.get_one(Account, account_id), now)
    counts = select(col(BrokerOrder.status), func.count()).where(col(BrokerOrder.account_id) == account_id)
    found = {str(status): int(count) for status, count in session.execute(counts.group_by(col(BrokerOrder.status)))}
    # Each once: a correction is another row of the same execution.
    traded = (
        select(
            func.count(func.distinct(col(OrderExecution.execution))),
            func.count(func.distinct(col(OrderExecution.order_id))),
        )
        .join(BrokerOrder, col(BrokerOrder.id) == col(OrderExecution.order_id))
        .where(col(OrderExecution.time) >= to_ms(day), col(BrokerOrder.account_id) == account_id)
    )
    executions = session.execute(traded).one()[0]
    filled = session.execute(traded.where(col(BrokerOrder.status) == Status.FILLED.value)).one()[1]
    refused = select(func.count()).where(
        col(OrderRefusal.account_id) == account_id, col(OrderRefusal.refused_at) >= day
    )
    return OrderFigures(
        counts={status: found.get(status, 0) for status in STATUSES},
        filled_today=int(filled),
        executions=int(executions),
        refused_today=int(session.execute(refused).scalar_one()),
    )


def order_detail(session: Session, ticket_id: int, leg: str | None = None) -> OrderDetail | None:
    """A ticket and what belongs to it; None when there is none. `order` is the leg that is asked for, else the first
    that is alive, else the first.
    """
    query = (
        select(OrderTicket, Symbol, Account, Strategy)
        .join(Symbol, col(Symbol.id) == col(OrderTicket.symbol_id))
        .join(Account, col(Account.id) == col(OrderTicket.account_id))
        .outerjoin(Signal, col(Signal.id) == col(OrderTicket.signal_id))
        .outerjoin(Strategy, col(Strategy.id) == col(Signal.strategy_id))
        .where(col(OrderTicket.id) == ticket_id)
    )
    row, legs = session.execute(query).first(), _legs(session, ticket_id)
    if row is None or not legs:
        return None
    ticket, symbol, account, strategy = row
    ids = [one.id for one in legs]
    moves = select(OrderTransition).where(col(OrderTransition.order_id).in_(ids)).order_by(col(OrderTransition.id))
    executions, corrections = _newest(session, ids)
    asked = next((one for one in legs if one.leg == leg), None)
    return OrderDetail(
        order=asked or next((one for one in legs if one.status in LIVE), legs[0]),
        ticket=ticket,
        legs=legs,
        transitions=list(session.scalars(moves)),
        executions=executions,
        corrections=corrections,
        charges=_charges(session, executions),
        symbol=symbol,
        account=account,
        strategy=strategy,
        trades=_trades(session, ticket, executions),
    )


def orders_of_trade(session: Session, trade_id: int) -> list[BrokerOrder]:
    """Every order that opened a trade, protects it or is to close it, oldest first."""
    query = (
        select(BrokerOrder)
        .join(OrderTicket, col(OrderTicket.id) == col(BrokerOrder.ticket_id))
        .where(or_(col(OrderTicket.trade_id) == trade_id, col(OrderTicket.closes) == trade_id))
    )
    return list(session.scalars(query.order_by(col(BrokerOrder.id))))


def broker_of_trade(session: Session, trade_id: int) -> str | None:
    """The broker that a trade was opened at; None when no order opened it."""
    query = select(col(OrderTicket.broker)).where(col(OrderTicket.trade_id) == trade_id).order_by(col(OrderTicket.id))
    return session.scalars(query.limit(1)).first()


def _listed() -> Select[Any]:
    ticket = (OrderTicket.broker, OrderTicket.origin, OrderTicket.signal_id, OrderTicket.trade_id, OrderTicket.closes)
    symbol = [col(Symbol.name).label("symbol"), Symbol.source, Symbol.tick_size]
    columns: list[Any] = [*(getattr(BrokerOrder, name) for name in _ORDER), *ticket, *symbol]
    return (
        select(*columns, col(Strategy.name).label("strategy"))
        .join(OrderTicket, col(OrderTicket.id) == col(BrokerOrder.ticket_id))
        .join(Symbol, col(Symbol.id) == col(BrokerOrder.symbol_id))
        .outerjoin(Signal, col(Signal.id) == col(OrderTicket.signal_id))
        .outerjoin(Strategy, col(Strategy.id) == col(Signal.strategy_id))
    )


def _narrow(query: Select[Any], wanted: OrderFilter) -> Select[Any]:
    if wanted.account_id is not None:
        query = query.where(col(BrokerOrder.account_id) == wanted.account_id)
    if wanted.statuses:
        query = query.where(col(BrokerOrder.status).in_(wanted.statuses))
    if wanted.strategies:
        by_hand = col(OrderTicket.signal_id).is_(None) if BY_HAND in wanted.strategies else false()
        query = query.where(or_(col(Signal.strategy_id).in_(wanted.strategies), by_hand))
    text = wanted.text.strip()
    return query.where(_matches(text)) if text else query


def _matches(text: str) -> ColumnElement[bool]:
    if text.startswith("#"):
        return cast(col(BrokerOrder.ticket_id), String) == text[1:].strip()
    places = (Symbol.name, Strategy.name, OrderTicket.note, BrokerOrder.error, BrokerOrder.reference)
    return or_(*(col(place).icontains(text, autoescape=True) for place in places))


def _frame(session: Session, query: Select[Any], limit: int) -> pd.DataFrame:
    # By id alone, for which there is an index with the account; the legs of a ticket were written one after the other.
    found = session.execute(query.order_by(col(BrokerOrder.id).desc()).limit(limit))
    frame = pd.DataFrame(found.fetchall(), columns=list(found.keys()), dtype=object)
    return frame.sort_values(["ticket_id", "id"], ascending=[False, True], ignore_index=True)


def _legs(session: Session, ticket_id: int) -> list[BrokerOrder]:
    query = select(BrokerOrder).where(col(BrokerOrder.ticket_id) == ticket_id)
    return list(session.scalars(query.order_by(col(BrokerOrder.id))))


def _newest(session: Session, ids: Sequence[int | None]) -> tuple[list[OrderExecution], dict[str, int]]:
    """The last revision of each execution, in the order of time, and how many came before it."""
    query = select(OrderExecution).where(col(OrderExecution.order_id).in_(ids))
    rows = list(session.scalars(query.order_by(col(OrderExecution.revision))))
    found = {one.execution: one for one in rows}
    times = Counter(one.execution for one in rows)
    newest = sorted(found.values(), key=lambda one: (one.time, one.id or 0))
    return newest, {name: count - 1 for name, count in times.items()}


def _charges(session: Session, executions: Sequence[OrderExecution]) -> dict[str, OrderCharge]:
    query = select(OrderCharge).where(col(OrderCharge.execution).in_([one.execution for one in executions]))
    return {one.execution: one for one in session.scalars(query)}


def _trades(session: Session, ticket: OrderTicket, executions: Sequence[OrderExecution]) -> list[int]:
    fills = [one.trade_fill_id for one in executions if one.trade_fill_id is not None]
    query = select(col(TradeFill.trade_id)).where(col(TradeFill.id).in_(fills)).distinct()
    ids = {int(one) for one in session.scalars(query)} | {one for one in (ticket.trade_id, ticket.closes) if one}
    shown = select(col(Trade.id)).where(col(Trade.id).in_(ids), col(Trade.deleted_at).is_(None))
    return sorted(one for one in session.scalars(shown) if one is not None)
