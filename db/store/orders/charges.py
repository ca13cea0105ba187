"""What a broker says of an execution after it: its commission, or that quantity and price were others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session, col, select

from core.errors import ParameterError
from core.risk import plain
from db.models import Account, BrokerOrder, OrderCharge, OrderExecution, Trade, TradeFill
from db.store.changes import note_change
from db.store.orders.trace import trace_journal
from db.store.trades import refigure

_UNIT = Decimal("1e-8")


def fee_of(session: Session, execution: OrderExecution, row: BrokerOrder) -> Decimal:
    """What an execution cost, as far as it is known, in the account's currency."""
    charge = session.get(OrderCharge, execution.execution)
    if charge is None:
        return execution.commission
    return charge.amount if _own_currency(session, row.account_id, charge.currency) else execution.commission


def take_charge(session: Session, name: str, revision: int, currency: str, amount: Decimal, now: datetime) -> bool:
    """Keep the commission of a revision of an execution and enter it into the journal; False when it was known, or that
    of a later revision.

    A commission in another currency than the account's is kept, and said on the order: there is no rate to book it by.
    """
    known = session.get(OrderCharge, name)
    told = (revision, currency, amount)
    if known is not None and (known.revision > revision or (known.revision, known.currency, known.amount) == told):
        return False
    kept = OrderCharge(execution=name, revision=revision, currency=currency, amount=amount, recorded_at=now)
    session.merge(kept)
    session.flush()
    row = order_of_execution(session, name)
    if row is None:
        return True
    if _own_currency(session, row.account_id, currency):
        _charge_fills(session, fills_of_execution(session, row.account_id, name), amount, now)
    else:
        row.error = f"The commission of {plain(amount)} {currency} is not in the journal: book it by hand."
    return True


def order_of_execution(session: Session, name: str) -> BrokerOrder | None:
    """The order that an execution belongs to, as it is now; None for one that never came."""
    query = select(BrokerOrder).join(OrderExecution, col(OrderExecution.order_id) == col(BrokerOrder.id))
    query = query.where(OrderExecution.execution == name).limit(1)
    return session.exec(query.execution_options(populate_existing=True)).first()


def fills_of_execution(session: Session, account_id: int, name: str) -> list[TradeFill]:
    """The fills that an execution became, in their order."""
    external = col(TradeFill.external_id)
    query = select(TradeFill).where(
        TradeFill.account_id == account_id,
        (external == name) | external.startswith(f"{name}/", autoescape=True),
    )
    return list(session.exec(query.order_by(col(TradeFill.id))))


def correct_fills(session: Session, fills: Sequence[TradeFill], quantity: Decimal, price: float, now: datetime) -> None:
    """Give the fills of one execution its corrected price, and the last of them what changed of the quantity.

    Raises:
        ParameterError: the trades cannot have been so; nothing was changed.
    """
    with session.begin_nested():
        before = {fill.id: (fill.quantity, fill.price) for fill in fills}
        last = fills[-1]
        last.quantity += quantity - sum((fill.quantity for fill in fills), Decimal(0))
        if last.quantity <= 0:
            raise ParameterError("Less was traded than its trades can give back.", last.id)
        for fill in fills:
            fill.price = price
        for trade in _trades(session, fills):
            changed = [fill for fill in fills if fill.trade_id == trade.id and before[fill.id] != _said(fill)]
            if not changed:
                continue
            refigure(session, trade)
            trade.version += 1
            for fill in changed:
                was, is_ = (f"{plain(size)} at {at:g}" for size, at in (before[fill.id], _said(fill)))
                note_change(session, trade, "fill", was, is_, fill.at, now, "Corrected by the broker")
            output = {"executions": [fill.external_id for fill in changed], "price": price, "quantity": plain(quantity)}
            trace_journal(session, trade, f"Correction of trade {trade.id}", output, now)


def _charge_fills(session: Session, fills: Sequence[TradeFill], amount: Decimal, now: datetime) -> None:
    """Share a commission among the fills of its execution, by quantity."""
    whole, left = sum((fill.quantity for fill in fills), Decimal(0)), amount
    for number, fill in enumerate(fills):
        last = number == len(fills) - 1
        fill.fee = left if last else (amount * fill.quantity / whole).quantize(_UNIT)
        left -= fill.fee
    for trade in _trades(session, fills):
        before = trade.fees
        refigure(session, trade)
        if before == trade.fees:
            continue
        trade.version += 1
        at = max(fill.at for fill in fills if fill.trade_id == trade.id)
        note_change(session, trade, "fees", plain(before), plain(trade.fees), at, now, "Commission from the broker")
        output = {"commission": plain(amount), "fees": plain(trade.fees)}
        trace_journal(session, trade, f"Commission of trade {trade.id}", output, now)


def _said(fill: TradeFill) -> tuple[Decimal, float]:
    return fill.quantity, fill.price


def _trades(session: Session, fills: Sequence[TradeFill]) -> list[Trade]:
    """The trades of these fills, locked, in the order of their ids."""
    ids = sorted({fill.trade_id for fill in fills})
    session.flush()
    return [session.get_one(Trade, trade_id, populate_existing=True, with_for_update=True) for trade_id in ids]


def _own_currency(session: Session, account_id: int, currency: str) -> bool:
    return session.get_one(Account, account_id).currency == currency
