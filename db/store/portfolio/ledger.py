"""The books of a portfolio's accounts, replayed from the journal's fills, its cash and the corporate actions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from sqlmodel import Session, col, select

from core.ledger import Book, Market, Method, Record, Trade, replay_trades
from db.models import Account, CorporateAction, Symbol
from db.store.portfolio.fills import FillTable, read_fills
from db.store.portfolio.records import action_records, cash_records, corporate_actions, instrument, trades_of


@dataclass(frozen=True)
class AccountBook:
    """An account, its fills, and the book they and its other records leave."""

    account: Account
    fills: FillTable
    trades: list[Trade]
    others: list[Record]
    book: Book


@dataclass(frozen=True)
class Ledger:
    """The books of accounts, by id; the symbols that were ever traded in them, by id; and their corporate actions."""

    accounts: dict[int, AccountBook]
    symbols: dict[int, Symbol]
    actions: list[CorporateAction]

    @property
    def book(self) -> Book:
        """All accounts together."""
        return merged([one.book for one in self.accounts.values()])


def merged(books: Sequence[Book]) -> Book:
    """Books of different accounts as one."""
    cash: dict[str, Decimal] = {}
    for book in books:
        for currency, money in book.cash.items():
            cash[currency] = cash.get(currency, Decimal(0)) + money
    return Book(
        {name: one for book in books for name, one in book.positions.items()},
        cash,
        tuple(one for book in books for one in book.fundings),
        tuple(one for book in books for one in book.payments),
    )


def read_ledger(session: Session, accounts: Sequence[Account], method: Method) -> Ledger:
    """Replay these accounts up to what is stored now.

    Raises:
        LedgerError: their records contradict each other.
    """
    fills = [read_fills(session, account.id or 0) for account in accounts]
    traded = sorted({one for table in fills for one in np.unique(table.symbol).tolist()})
    symbols = {row.id or 0: row for row in session.exec(select(Symbol).where(col(Symbol.id).in_(traded)))}
    actions = corporate_actions(session, traded)
    books = {}
    for account, table in zip(accounts, fills, strict=True):
        trades, charges = trades_of(account, table, symbols, actions)
        others = [*charges, *cash_records(session, account, table), *action_records(account, actions)]
        markets = {
            instrument(account.id or 0, key): Market(row.currency, row.point_value) for key, row in symbols.items()
        }
        book = replay_trades(markets, trades, others, method)
        books[account.id or 0] = AccountBook(account, table, trades, others, book)
    return Ledger(books, symbols, actions)
