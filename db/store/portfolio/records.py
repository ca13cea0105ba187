"""What the rows of accounts are to the ledger: fills as counted trades, cash and corporate actions as records.

Every account has positions of its own: two accounts of one portfolio do not net each other's lots. Their instruments
are therefore called `account:symbol`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

import numpy as np
from sqlmodel import Session, col, select

from core.ledger import Charge, Dividend, Exchange, Funding, Record, Split, Trade
from core.ledger.units import amount, share, units
from core.risk import exact
from db.models import Account, CashMovement, CorporateAction, Symbol
from db.store.moments import to_ms
from db.store.portfolio.fills import FillTable, values_of

STATEMENT: Final = "statement"
"""The kind of a charge that brings the ledger to what the broker stated."""


def instrument(account_id: int, symbol_id: int) -> str:
    """The ledger's name of a symbol in an account."""
    return f"{account_id}:{symbol_id}"


def parts(name: str) -> tuple[int, int]:
    """Account and symbol of an instrument."""
    account, symbol = name.split(":")
    return int(account), int(symbol)


def corporate_actions(session: Session, symbol_ids: Sequence[int]) -> list[CorporateAction]:
    """Those of these symbols that were not withdrawn, in the order of time."""
    query = select(CorporateAction).where(
        col(CorporateAction.symbol_id).in_(symbol_ids), col(CorporateAction.withdrawn_at).is_(None)
    )
    return list(session.exec(query.order_by(col(CorporateAction.at), col(CorporateAction.id))))


def trades_of(
    account: Account, table: FillTable, symbols: dict[int, Symbol], actions: Sequence[CorporateAction]
) -> tuple[list[Trade], list[Record]]:
    """The fills in their order, and the charges that stand beside them: costs in the account's own currency where the
    symbol has another one, and what a broker's statement differs by from what the prices say.
    """
    values = values_of(table)
    quantities = _units(table, symbols, actions)
    names = {key: instrument(account.id or 0, key) for key in symbols}
    foreign = {key for key, symbol in symbols.items() if symbol.currency != account.currency}
    trades, charges = [], []
    columns = (table.id, table.symbol, table.time, table.fee + table.swap)
    for row, (key, symbol, time, cost) in enumerate(zip(*(one.tolist() for one in columns), strict=True)):
        fee = 0 if symbol in foreign else cost
        trades.append(Trade(time, f"fill:{key:012d}", names[symbol], quantities[row], values[row], fee))
        if fee != cost:
            charges.append(Charge(f"fill:{key:012d}:cost", time, account.currency, amount(cost), names[symbol]))
    return trades, charges + _statements(account, table, symbols, values)


def cash_records(session: Session, account: Account, table: FillTable) -> list[Record]:
    """What the owner paid in and took out, and fees that belong to no trade.

    A deposit, a withdrawal and an adjustment are funding, which is no gain; a fee is a cost. The initial balance counts
    from the first moment that anything is known about the account.
    """
    query = select(CashMovement).where(CashMovement.account_id == account.id).order_by(col(CashMovement.id))
    movements = session.exec(query).all()
    found: list[Record] = []
    for row in movements:
        key, time = f"cash:{row.id:012d}", to_ms(row.at)
        if row.kind == "fee":
            found.append(Charge(key, time, account.currency, -row.amount))
        else:
            found.append(Funding(key, time, account.currency, row.amount))
    if account.initial_balance:
        first = [to_ms(account.created_at), *(to_ms(row.at) for row in movements), *table.time[:1].tolist()]
        found.append(Funding("balance", min(first), account.currency, account.initial_balance))
    return found


def action_records(account: Account, actions: Sequence[CorporateAction]) -> list[Record]:
    """Splits and dividends of what the account may hold: where it holds nothing they do nothing."""
    found: list[Record] = []
    for row in actions:
        key, name = f"action:{row.id:012d}", instrument(account.id or 0, row.symbol_id)
        if row.kind == "split":
            found.append(Split(key, row.at, name, row.new or 1, row.old or 1))
        else:
            found.append(Dividend(key, row.at, name, row.currency, row.per_unit or Decimal(0)))
    return found


def factor(actions: Sequence[CorporateAction], symbol_id: int, since: int, until: int) -> Fraction:
    """How many units now stand for one of a trade that was opened at `since`, by the splits after that (UTC ms)."""
    found = Fraction(1)
    for row in actions:
        if row.symbol_id == symbol_id and row.kind == "split" and since < row.at <= until:
            found *= Fraction(row.new or 1, row.old or 1)
    return found


def price_for(
    actions: Sequence[CorporateAction], symbol_id: int, price: float, priced: int, opened: int, until: int
) -> float:
    """A market's price of `priced` in the units of a trade that was opened at `opened`, by the splits up to `until`
    (UTC ms). A bar that closes as a split comes is of before it.
    """
    grown = factor(actions, symbol_id, opened, until) / factor(actions, symbol_id, priced - 1, until)
    return price if grown == 1 else float(Fraction(exact(price)) * grown)


def _units(table: FillTable, symbols: dict[int, Symbol], actions: Sequence[CorporateAction]) -> list[int]:
    """Signed quantities in units of the position. The journal keeps a trade in the units it was opened in: what leaves
    it after a split is more (or fewer) of them. So is a contract that makes more per point than its symbol does.
    """
    found: list[int] = (table.sign * table.quantity).tolist()
    split = {row.symbol_id for row in actions if row.kind == "split"}
    own = {key: units(symbol.point_value) for key, symbol in symbols.items()}
    other = table.point_value != np.array([own[key] for key in table.symbol.tolist()], np.int64)
    opened: dict[int, int] = {}
    done: defaultdict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
    for row, symbol in enumerate(table.symbol.tolist()):
        if symbol not in split and not other[row]:
            continue
        trade, time, sign = int(table.trade[row]), int(table.time[row]), int(table.sign[row])
        grown = factor(actions, symbol, opened.setdefault(trade, time), time)
        grown *= Fraction(int(table.point_value[row]), own[symbol])
        if grown == 1:
            continue
        # Rounded as a sum, so that a trade leaves nothing behind when it is closed.
        sums = done[trade, sign]
        before = int(sums[0] * grown)
        sums[0] += int(table.quantity[row])
        found[row] = sign * (int(sums[0] * grown) - before)
    return found


def _statements(account: Account, table: FillTable, symbols: dict[int, Symbol], values: Sequence[int]) -> list[Record]:
    """Where a broker stated what a fill made, that holds: the difference to what the prices say is a charge."""
    found: list[Record] = []
    held: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
    named = {int(table.trade[row]) for row in table.stated}
    for row, trade in enumerate(table.trade.tolist() if named else ()):
        if trade not in named:
            continue
        sums, quantity, made = held[trade], int(table.quantity[row]), 0
        if table.entry[row]:
            sums[0], sums[1] = sums[0] + quantity, sums[1] + values[row]
        else:
            cost = sums[1] if quantity >= sums[0] else share(sums[1], quantity, sums[0])
            sums[0], sums[1] = sums[0] - quantity, sums[1] - cost
            made = -values[row] - cost
        if row in table.stated:
            found += _difference(account, table, symbols[int(table.symbol[row])], row, made)
    return found


def _difference(account: Account, table: FillTable, symbol: Symbol, row: int, made: int) -> list[Record]:
    name, time, key = instrument(account.id or 0, symbol.id or 0), int(table.time[row]), f"{int(table.id[row]):012d}"
    own, stated = account.currency, table.stated[row]
    if own == symbol.currency:
        gap = made - stated
        return [Charge(f"fill:{key}:stated", time, own, amount(gap), name, STATEMENT)] if gap else []
    # The broker changed the result into the account's currency: out of the one, into the other.
    return [Exchange(f"fill:{key}:stated", time, symbol.currency, amount(made), own, amount(stated))]
