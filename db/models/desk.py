"""What the person owns and does: accounts, trades, settings."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, SmallInteger
from sqlmodel import Field, SQLModel

from db.money import Money


class Account(SQLModel, table=True):
    """A trading account. `risk_percent` is the share of the balance that one trade may lose at its stop."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    currency: str = "USD"
    initial_balance: Decimal = Field(sa_type=Money)
    risk_percent: Decimal = Field(sa_type=Money)
    created_at: datetime


class Trade(SQLModel, table=True):
    """A position the person took. One signal makes at most one trade.

    `risk` is the money lost if the first stop is hit, in the account's currency. `pnl` and `r_multiple` are set at the
    close: `r_multiple` = pnl / risk. `status` is `open` or `closed`.
    """

    __table_args__ = (
        Index("ix_trade_account_status", "account_id", "status"),
        Index("ix_trade_closed_at", "closed_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id")
    symbol_id: int = Field(foreign_key="symbol.id")
    signal_id: int | None = Field(default=None, foreign_key="signal.id", unique=True)
    status: str = "open"
    direction: int = Field(sa_type=SmallInteger)
    quantity: Decimal = Field(sa_type=Money)
    entry_price: float
    stop: float
    target: float
    risk: Decimal = Field(sa_type=Money)
    opened_at: datetime
    closed_at: datetime | None = None
    exit_price: float | None = None
    pnl: Decimal | None = Field(default=None, sa_type=Money)
    r_multiple: float | None = None
    note: str = ""


class Setting(SQLModel, table=True):
    """A value the person chose, by key."""

    key: str = Field(primary_key=True)
    value: Any = Field(default=None, sa_type=JSON)
    updated_at: datetime


class Revision(SQLModel, table=True):
    """One row that counts changes: pages key their caches by it."""

    id: int = Field(default=1, primary_key=True)
    number: int = Field(default=0, sa_type=BigInteger)
