"""Portfolios: accounts looked at together, in which currency, and what turns prices and units into another."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from db.money import Money


class Portfolio(SQLModel, table=True):
    """Accounts that are looked at together, valued in `currency`. `method` is a `core.ledger.Method`. Exactly one of
    those that are not archived is the default.
    """

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    currency: str = "USD"
    benchmark_id: int | None = Field(default=None, foreign_key="symbol.id")
    method: str = "average"
    is_default: bool = False
    created_at: datetime
    archived_at: datetime | None = None
    version: int = 1


class PortfolioAccount(SQLModel, table=True):
    """An account belongs to a portfolio; it may belong to several."""

    __tablename__ = "portfolio_account"

    portfolio_id: int = Field(primary_key=True, foreign_key="portfolio.id")
    account_id: int = Field(primary_key=True, foreign_key="account.id", index=True)


class FxRate(SQLModel, table=True):
    """What one unit of `currency` was worth in `base` at `at` (UTC ms). `source` is `hand` or a symbol."""

    __tablename__ = "fx_rate"

    currency: str = Field(primary_key=True)
    base: str = Field(primary_key=True)
    at: int = Field(primary_key=True, sa_type=BigInteger)
    rate: Decimal = Field(sa_type=Money)
    source: str
    booked_at: datetime


class CorporateAction(SQLModel, table=True):
    """A split (`new` units for every `old` ones) or a dividend (`per_unit` of `currency`) of a symbol at `at` (UTC ms).

    Rows are only added: `withdrawn_at` takes a mistake out.
    """

    __tablename__ = "corporate_action"
    __table_args__ = (UniqueConstraint("symbol_id", "kind", "at", "withdrawn_at"),)

    id: int | None = Field(default=None, primary_key=True)
    symbol_id: int = Field(foreign_key="symbol.id")
    kind: str
    at: int = Field(sa_type=BigInteger)
    new: int | None = None
    old: int | None = None
    per_unit: Decimal | None = Field(default=None, sa_type=Money)
    currency: str = ""
    source: str
    booked_at: datetime
    withdrawn_at: datetime | None = None
