"""Symbols and their bars."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import BigInteger, Index, SmallInteger
from sqlmodel import Field, SQLModel

from db.money import Money

FED: Final = frozenset({"simulated", "yahoo"})
"""Sources that keep delivering bars by themselves; the others (`sample`, `file`) end with their last bar."""


class Symbol(SQLModel, table=True):
    """A market the desk follows.

    `source` names where bars come from: `simulated`, `sample`, `file` or `yahoo`. `calendar` is a
    `core.timeframe.Calendar`. `point_value` is the money (in `currency`) that one unit of quantity gains when the price
    rises by 1.0; `lot_step` is the smallest quantity step. `base_timeframe` is the finest stored timeframe in minutes,
    None before the first bar. `asset_class` is `stock`, `etf`, `fx`, `crypto`, `future`, `index`, `bond`, or empty when
    nobody has said.
    """

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    description: str = ""
    source: str
    vendor_symbol: str = ""
    calendar: str = "utc"
    currency: str = "USD"
    tick_size: float = 0.01
    point_value: Decimal = Field(default=Decimal(1), sa_type=Money)
    lot_step: Decimal = Field(default=Decimal(1), sa_type=Money)
    base_timeframe: int | None = Field(default=None, sa_type=SmallInteger)
    asset_class: str = ""
    created_at: datetime


class Bar(SQLModel, table=True):
    """One complete bar. `time` is its open time, UTC epoch ms; `timeframe` is minutes.

    `adj_close` is the provider's close adjusted for splits and dividends, where it gives one; the other prices are raw.
    """

    __table_args__ = {"sqlite_with_rowid": False}

    symbol_id: int = Field(primary_key=True, foreign_key="symbol.id")
    timeframe: int = Field(primary_key=True, sa_type=SmallInteger)
    time: int = Field(primary_key=True, sa_type=BigInteger)
    open: float
    high: float
    low: float
    close: float
    volume: float
    adj_close: float | None = None


class BarChange(SQLModel, table=True):
    """One write that changed what an earlier reader may have seen, so that every earlier view can be had again.

    Ids of one symbol grow in the order of their commits. `kind` is `late` (bars from `start` to `end` were not there
    before), `corrected` or `removed` (what they were before is in `BarVersion`). Bars that only continue the series
    make no change. `start` and `end` are open times of the first and last bar, `at` is when: all UTC ms.
    """

    __tablename__ = "bar_change"
    __table_args__ = (Index(None, "symbol_id", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    symbol_id: int = Field(foreign_key="symbol.id")
    timeframe: int = Field(sa_type=SmallInteger)
    kind: str
    start: int = Field(sa_type=BigInteger)
    end: int = Field(sa_type=BigInteger)
    at: int = Field(sa_type=BigInteger)


class BarVersion(SQLModel, table=True):
    """A bar as it was before a change."""

    __tablename__ = "bar_version"
    __table_args__ = {"sqlite_with_rowid": False}

    change_id: int = Field(primary_key=True, foreign_key="bar_change.id")
    time: int = Field(primary_key=True, sa_type=BigInteger)
    open: float
    high: float
    low: float
    close: float
    volume: float
    adj_close: float | None = None
