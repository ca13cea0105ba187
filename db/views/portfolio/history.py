"""Everything that moved a portfolio's money, as tables: fills, costs, dividends, splits, and the owner's payments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import select
from sqlmodel import Session, col

from core.ledger import Charge, Exchange
from core.ledger.units import amount
from core.risk import exact
from db.models import CashMovement
from db.store.moments import from_ms
from db.store.portfolio.ledger import AccountBook, Ledger
from db.store.portfolio.records import STATEMENT, parts
from db.views.portfolio.curve import Curve
from db.views.portfolio.performance import falls
from db.views.portfolio.positions import Summary

COLUMNS = ["time", "account", "kind", "symbol", "quantity", "price", "amount", "currency", "cost", "trade", "detail"]
FUNDING = ["time", "account", "kind", "amount", "currency", "reason", "booked_by"]


def transactions(session: Session, ledger: Ledger, newest: int | None = None) -> pd.DataFrame:
    """The newest first, `newest` of them or all; columns as `COLUMNS`.

    `amount` is what it brought (negative: cost) without the costs that stand beside it: amounts less costs, and what
    was paid in, add up to the cash of each currency.
    """
    rows: list[dict[str, Any]] = []
    for one in ledger.accounts.values():
        rows += _fills(ledger, one, newest)
        rows += _dividends(ledger, one)
        rows += _beside(ledger, one, newest)
    rows += _charges(session, ledger)
    rows += _splits(ledger)
    rows.sort(key=lambda row: row["time"], reverse=True)
    return pd.DataFrame(rows[:newest], columns=COLUMNS, dtype=object)


def funding(session: Session, ledger: Ledger) -> pd.DataFrame:
    """What the owner paid in and took out, the newest first; columns as `FUNDING`."""
    rows = [_funding_row(row, ledger) for row in _movements(session, ledger) if row.kind != "fee"]
    for one in ledger.accounts.values():
        initial = next((row for row in one.others if row.id == "balance"), None)
        if initial is not None:
            account = one.account
            words = (account.name, "initial balance", account.initial_balance, account.currency, "", "")
            rows.append(dict(zip(FUNDING, (from_ms(initial.time), *words), strict=True)))
    rows.sort(key=lambda row: row["time"], reverse=True)
    return pd.DataFrame(rows, columns=FUNDING, dtype=object)


def tables(session: Session, ledger: Ledger, summary: Summary, curve: Curve | None) -> dict[str, pd.DataFrame]:
    """Everything for a file of the person's own."""
    daily: dict[str, list[Any]] = (
        {} if curve is None else {"day": [from_ms(day - 1).date() for day in curve.days.tolist()]}
    )
    if curve is not None:
        daily |= {"value": curve.equity.tolist(), "paid_in": curve.flows.tolist()}
        known = curve.index is not None
        daily["return"] = [None, *curve.returns.tolist()] if known else [None] * len(curve.days)
        daily["drawdown"] = falls(curve).tolist() if known else [None] * len(curve.days)
        daily |= {"benchmark_close": [None if np.isnan(one) else one for one in curve.benchmark.tolist()]}
    return {
        "positions": _positions(summary),
        "lots": _lots(summary),
        "transactions": transactions(session, ledger),
        "funding": funding(session, ledger),
        "daily": pd.DataFrame(daily, dtype=object),
    }


def _positions(summary: Summary) -> pd.DataFrame:
    rows = [
        {
            "account": line.account.name,
            "symbol": line.symbol.name,
            "asset_class": line.symbol.asset_class,
            "quantity": line.position.quantity,
            "average_price": line.position.average_price,
            "price": None if line.price is None else exact(line.price.price),
            "cost": line.position.cost,
            "market_value": line.market_value,
            "unrealised": line.unrealised,
            "realised": line.position.net,
            "currency": line.symbol.currency,
            "value": line.value,
            "portfolio_currency": summary.portfolio.currency,
        }
        for line in summary.lines
    ]
    return pd.DataFrame(rows, dtype=object)


def _lots(summary: Summary) -> pd.DataFrame:
    rows = [
        (line.account.name, line.symbol.name, from_ms(lot.time), lot.quantity, lot.cost, line.symbol.currency)
        for line in summary.lines
        for lot in line.position.lots
    ]
    return pd.DataFrame(rows, columns=["account", "symbol", "opened_at", "quantity", "cost", "currency"], dtype=object)


def _fills(ledger: Ledger, one: AccountBook, newest: int | None) -> list[dict[str, Any]]:
    table = one.fills
    found = []
    for row in range(len(table) - 1, -1, -1)[:newest]:
        symbol = ledger.symbols[int(table.symbol[row])]
        sign = int(table.sign[row])
        found.append(
            {
                "time": from_ms(int(table.time[row])),
                "account": one.account.name,
                "kind": "bought" if sign > 0 else "sold",
                "symbol": symbol.name,
                "quantity": amount(int(table.quantity[row])),
                "price": exact(float(table.price[row])),
                "amount": amount(-one.trades[row].value),
                "currency": symbol.currency,
                "cost": amount(one.trades[row].fee),
                "trade": int(table.trade[row]),
                "detail": "",
            }
        )
    return found


def _dividends(ledger: Ledger, one: AccountBook) -> list[dict[str, Any]]:
    return [
        {
            "time": from_ms(paid.time),
            "account": one.account.name,
            "kind": "dividend",
            "symbol": ledger.symbols[parts(paid.instrument)[1]].name,
            "amount": paid.amount,
            "currency": paid.currency,
            "detail": "received" if paid.amount > 0 else "paid on a short position",
        }
        for paid in one.book.payments
    ]


def _beside(ledger: Ledger, one: AccountBook, newest: int | None) -> list[dict[str, Any]]:
    """What fills moved in the account's own currency where the symbol has another, and what a broker stated."""
    charged = [row for row in one.others if isinstance(row, Exchange) or (isinstance(row, Charge) and row.instrument)]
    charged = sorted(charged, key=lambda row: -row.time)[:newest]
    places = {key: at for at, key in enumerate(one.fills.id.tolist())} if charged else {}
    found: list[dict[str, Any]] = []
    for row in charged:
        at = places[int(row.id.split(":")[1])]
        common = {
            "time": from_ms(row.time),
            "account": one.account.name,
            "symbol": ledger.symbols[int(one.fills.symbol[at])].name,
            "trade": int(one.fills.trade[at]),
        }
        if isinstance(row, Exchange):
            told = {"kind": "exchange", "detail": "the result, changed by the broker"}
            found.append({**common, **told, "amount": -row.sold, "currency": row.sold_currency})
            found.append({**common, **told, "amount": row.bought, "currency": row.bought_currency})
        elif row.kind == STATEMENT:
            told = {"kind": "statement", "detail": "the broker's result, less that of the prices"}
            found.append({**common, **told, "amount": -row.amount, "currency": row.currency})
        else:
            told = {"kind": "costs", "detail": "fee and swap of the fill"}
            found.append({**common, **told, "amount": -row.amount, "currency": row.currency})
    return found


def _splits(ledger: Ledger) -> list[dict[str, Any]]:
    return [
        {
            "time": from_ms(row.at),
            "kind": "split",
            "symbol": ledger.symbols[row.symbol_id].name,
            "detail": f"{row.new} for {row.old}",
        }
        for row in ledger.actions
        if row.kind == "split"
    ]


def _charges(session: Session, ledger: Ledger) -> list[dict[str, Any]]:
    """Fees that were booked to the account itself."""
    return [
        {
            "time": row.at,
            "account": ledger.accounts[row.account_id].account.name,
            "kind": "charge",
            "amount": row.amount,
            "currency": ledger.accounts[row.account_id].account.currency,
            "detail": row.reason,
        }
        for row in _movements(session, ledger)
        if row.kind == "fee"
    ]


def _movements(session: Session, ledger: Ledger) -> Sequence[CashMovement]:
    query = select(CashMovement).where(col(CashMovement.account_id).in_(list(ledger.accounts)))
    return session.scalars(query.order_by(col(CashMovement.at).desc(), col(CashMovement.id).desc())).all()


def _funding_row(row: CashMovement, ledger: Ledger) -> dict[str, Any]:
    account = ledger.accounts[row.account_id].account
    kind = f"{row.kind}, reversed" if row.reverses_id else row.kind
    values = (row.at, account.name, kind, row.amount, account.currency, row.reason, row.booked_by)
    return dict(zip(FUNDING, values, strict=True))
