"""What the desk's books say it has at a broker: units by contract and cash by currency."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

from sqlalchemy import func
from sqlmodel import Session, col, select

from core.risk import exact
from db.models import (
    Account,
    BrokerContract,
    BrokerOrder,
    CashMovement,
    OrderExecution,
    OrderTicket,
    Symbol,
    Trade,
    TradeFill,
)

STOCK = "STK"


def contracts(session: Session, symbol_ids: set[int]) -> dict[int, BrokerContract]:
    """Which contract each symbol is at the broker; a symbol that nobody has chosen one for is taken for a share."""
    known = {
        row.symbol_id: row
        for row in session.exec(select(BrokerContract).where(col(BrokerContract.symbol_id).in_(symbol_ids)))
        if row.symbol_id is not None
    }
    query = select(Symbol).where(col(Symbol.id).in_(symbol_ids - known.keys()))
    for symbol in session.exec(query) if symbol_ids - known.keys() else ():
        key = f"{symbol.name}.{STOCK}.{symbol.currency}"
        known[symbol.id or 0] = BrokerContract(key=key, symbol=symbol.name, currency=symbol.currency)
    return known


def units_held(session: Session, broker: str) -> dict[str, Decimal]:
    """Signed units by contract, from the executions of all orders ever sent there; what is flat is left out."""
    newest = (
        select(OrderExecution.execution, func.max(OrderExecution.revision).label("revision"))
        .group_by(col(OrderExecution.execution))
        .subquery()
    )
    total = func.sum(OrderExecution.quantity)
    query = (
        select(BrokerOrder.symbol_id, BrokerOrder.side, total)
        .join(OrderTicket, col(OrderTicket.id) == col(BrokerOrder.ticket_id))
        .join(OrderExecution, col(OrderExecution.order_id) == col(BrokerOrder.id))
        .join(
            newest,
            (newest.c.execution == col(OrderExecution.execution)) & (newest.c.revision == col(OrderExecution.revision)),
        )
        .where(OrderTicket.broker == broker)
        .group_by(col(BrokerOrder.symbol_id), col(BrokerOrder.side))
    )
    found: defaultdict[int, Decimal] = defaultdict(Decimal)
    for symbol_id, side, quantity in session.exec(query):
        found[symbol_id] += side * quantity
    names = contracts(session, set(found)) if found else {}
    held: defaultdict[str, Decimal] = defaultdict(Decimal)
    for symbol_id, quantity in found.items():
        held[names[symbol_id].key] += quantity
    return {key: quantity for key, quantity in held.items() if quantity}


def cash_held(session: Session, broker: str) -> dict[str, Decimal] | None:
    """Cash by currency of the accounts that trade at this broker; None where the books cannot say.

    They can for accounts that send orders nowhere else and trade nothing but shares: what is bought costs its price
    there and then, while a future or a currency pair moves cash in other ways.
    """
    mine = set(session.exec(select(OrderTicket.account_id).where(OrderTicket.broker == broker).distinct()))
    if not mine:
        return None
    elsewhere = select(OrderTicket.id).where(OrderTicket.broker != broker, col(OrderTicket.account_id).in_(mine))
    traded = set(session.exec(select(Trade.symbol_id).where(col(Trade.account_id).in_(mine)).distinct()))
    kinds = {one.kind for one in contracts(session, traded).values()} if traded else set()
    if session.exec(elsewhere.limit(1)).first() is not None or kinds - {STOCK}:
        return None
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    for account in session.exec(select(Account).where(col(Account.id).in_(mine))):
        found[account.currency] += account.initial_balance + _moved(session, account) + _traded(session, account)
    return dict(found)


def _moved(session: Session, account: Account) -> Decimal:
    total: Decimal | None = session.exec(
        select(func.sum(CashMovement.amount)).where(CashMovement.account_id == account.id)
    ).one()
    return total or Decimal(0)


def _traded(session: Session, account: Account) -> Decimal:
    query = (
        select(Trade, TradeFill)
        .join(Trade, col(Trade.id) == col(TradeFill.trade_id))
        .where(Trade.account_id == account.id, col(Trade.deleted_at).is_(None))
    )
    cash = Decimal(0)
    for trade, fill in session.exec(query):
        bought = trade.direction if fill.kind == "entry" else -trade.direction
        cash -= bought * fill.quantity * exact(fill.price) * trade.per_point + fill.fee + fill.swap
    return cash


def number_of(session: Session, key: str) -> int | None:
    """The broker's own number of a contract, if it was looked up before."""
    row = session.get(BrokerContract, key)
    return None if row is None else row.number


def as_instrument(row: BrokerContract) -> Mapping[str, str]:
    """A contract by the fields of `workers.broker.base.Instrument`."""
    return {name: getattr(row, name) for name in ("symbol", "kind", "exchange", "currency", "primary")}
