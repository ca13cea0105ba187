"""Rows of the journal made from what a broker's file says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session

from core.journal.imports.identity import names_of
from core.journal.imports.rows import CashRow, Deal
from core.journal.imports.trades import Holding, implied_value
from core.risk import plain
from db.models import Account, CashMovement, ImportBatch, Symbol, Trade
from db.store.symbols import find_symbol
from db.store.trades import Execution


def symbol_for(session: Session, account: Account, holdings: Sequence[Holding], now: datetime) -> tuple[Symbol, bool]:
    """The market of that name, and whether it was made from what the file says about it, as there was none."""
    deals = [deal for holding in holdings for deal in holding.deals]
    found = find_symbol(session, holdings[0].symbol)
    if found is not None:
        return found, False
    multiplier = next((deal.multiplier for deal in deals if deal.multiplier), None)
    symbol = Symbol(
        name=holdings[0].symbol,
        description="From a broker's file",
        source="file",
        vendor_symbol=holdings[0].symbol,
        currency=next((deal.currency for deal in deals if deal.currency), account.currency),
        tick_size=10.0 ** -_places([deal.price for deal in deals]),
        lot_step=Decimal(1).scaleb(-_places([deal.quantity for deal in deals])),
        point_value=multiplier or implied_value(holdings) or Decimal(1),
        created_at=now,
    )
    session.add(symbol)
    session.flush()
    return symbol, True


def _places(values: Sequence[Decimal]) -> int:
    """Decimal places that the finest of these values needs."""
    return max((max(0, -int(value.normalize().as_tuple().exponent)) for value in values), default=0)


def new_trade(account: Account, symbol: Symbol, holding: Holding, batch: ImportBatch) -> Trade:
    """The trade that a holding begins, with the value and the rate that the file states for its first execution."""
    first = holding.deals[0]
    stop = None if first.stop is None else float(first.stop)
    return Trade(
        account_id=account.id or 0,
        symbol_id=symbol.id or 0,
        direction=holding.direction,
        quantity=first.quantity,
        open_quantity=first.quantity,
        point_value=first.multiplier or symbol.point_value,
        fx_rate=first.rate or Decimal(1),
        entry_price=float(first.price),
        first_stop=stop,
        stop=stop,
        target=None if first.target is None else float(first.target),
        opened_at=first.at,
        import_id=batch.id,
        external_id=holding.position or None,
    )


def execution_of(deal: Deal, direction: int, batch: ImportBatch) -> Execution:
    return Execution(
        entry=deal.side == direction,
        quantity=deal.quantity,
        price=float(deal.price),
        at=deal.at,
        fee=deal.fee,
        swap=deal.swap,
        stated=deal.stated,
        external_id=deal.id,
        import_id=batch.id,
    )


def movement_of(row: CashRow, account: Account, batch: ImportBatch, name: str, now: datetime) -> CashMovement:
    return CashMovement(
        account_id=account.id or 0,
        kind=row.kind,
        amount=row.amount,
        at=row.at,
        reason=row.text[:200],
        booked_by=f"import of {batch.file_name}",
        booked_at=now,
        external_id=cash_id(name, row),
        import_id=batch.id,
    )


def cash_id(kind: str, row: CashRow) -> str:
    """The name of a cash movement of this kind of file."""
    return names_of(kind, cash_own_id(row))[0]


def cash_own_id(row: CashRow) -> str:
    """The broker's id, else what the file says of it."""
    return row.id or f"{row.at.isoformat()} {plain(row.amount)} {row.kind}"
