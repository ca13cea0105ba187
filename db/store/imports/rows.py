"""Rows of the journal made from what a broker's file says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session

from core.journal.imports.futures import contract_of
from core.journal.imports.identity import names_of
from core.journal.imports.rows import CashRow, Deal
from core.journal.imports.trades import Holding, implied_value
from core.risk import plain
from db.models import Account, CashMovement, ImportBatch, Symbol, Trade
from db.store.symbols import find_symbol
from db.store.trades import Execution


@dataclass(frozen=True)
class NewSymbol:
    """A market that a file adds. `origin` says where its point value comes from; `stated`: the file itself says it."""

    name: str
    currency: str
    point_value: Decimal
    origin: str
    stated: bool


def point_values(session: Session, deals: Sequence[Deal], corrected: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """What is known of the symbols (in lower case) of these executions without their results; see `symbol_for`."""
    found = {}
    for name in {deal.symbol.lower() for deal in deals}:
        symbol, contract = find_symbol(session, name), contract_of(name)
        if symbol is not None:
            found[name] = symbol.point_value
        elif name in corrected:
            found[name] = corrected[name]
        elif contract is not None:
            found[name] = contract.point_value
    return found


def symbol_for(
    session: Session, account: Account, holdings: Sequence[Holding], now: datetime, corrected: Mapping[str, Decimal]
) -> tuple[Symbol, NewSymbol | None]:
    """The market of that name, and what it is made of if there was none: from what the file says about it.

    `corrected` are the point values that a person entered, by name in lower case.
    """
    found = find_symbol(session, holdings[0].symbol)
    if found is not None:
        return found, None
    deals = [deal for holding in holdings for deal in holding.deals]
    made = _described(account, holdings, deals, corrected)
    symbol = Symbol(
        name=made.name,
        description="From a broker's file",
        source="file",
        vendor_symbol=made.name,
        currency=made.currency,
        tick_size=10.0 ** -_places([deal.price for deal in deals]),
        lot_step=Decimal(1).scaleb(-_places([deal.quantity for deal in deals])),
        point_value=made.point_value,
        asset_class="future" if contract_of(made.name) else "",
        created_at=now,
    )
    session.add(symbol)
    session.flush()
    return symbol, made


def _described(
    account: Account, holdings: Sequence[Holding], deals: Sequence[Deal], corrected: Mapping[str, Decimal]
) -> NewSymbol:
    """A market as the person says, else the file, else the exchange, else the results that the broker states."""
    name, contract, implied = holdings[0].symbol, contract_of(holdings[0].symbol), implied_value(holdings)
    said = next((deal.multiplier for deal in deals if deal.multiplier), None)
    if name.lower() in corrected:
        value, origin = corrected[name.lower()], "entered here"
    elif said is not None:
        value, origin = said, "stated by the file"
    elif contract is not None:
        value, origin = contract.point_value, f"{contract.exchange}'s contract {contract.root}"
    elif implied is not None:
        value, origin = implied, "what the results in the file imply"
    else:
        value, origin = Decimal(1), "nobody says: one unit for one unit, as of shares"
    return NewSymbol(name, new_currency(account, name, deals), value, origin, said is not None)


def new_currency(account: Account, name: str, deals: Sequence[Deal]) -> str:
    """The one of a market that the desk does not have: as the file says, else its exchange, else the account's."""
    contract = contract_of(name)
    known = contract.currency if contract else account.currency
    return next((deal.currency for deal in deals if deal.currency), known)


def _places(values: Sequence[Decimal]) -> int:
    """Decimal places that the finest of these values needs."""
    return max((max(0, -int(value.normalize().as_tuple().exponent)) for value in values), default=0)


def new_trade(account: Account, symbol: Symbol, holding: Holding, rate: Decimal, batch: ImportBatch) -> Trade:
    """The trade that a holding begins, with the value that the file states for its first execution. `rate` is what the
    symbol's currency is worth in the account's.
    """
    first = holding.deals[0]
    stop = None if first.stop is None else float(first.stop)
    return Trade(
        account_id=account.id or 0,
        symbol_id=symbol.id or 0,
        direction=holding.direction,
        quantity=first.quantity,
        open_quantity=first.quantity,
        point_value=first.multiplier or symbol.point_value,
        fx_rate=rate,
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
