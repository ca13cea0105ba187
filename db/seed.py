"""What a new desk starts with: a practice account, symbols to watch, real daily bars, two strategies and prompts."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, col, select

from core.bars import Bars, Floats, validate
from core.timeframe import Calendar, Timeframe
from db.actions.portfolio import furnish
from db.conflict import insert_for
from db.engine import writer
from db.models import Account, Strategy, StrategySymbol, Symbol
from db.store.bars.series import store_bars
from db.store.prompts import add_defaults
from db.store.revision import bump

SAMPLE = Path(__file__).parent / "sample" / "stocks_daily.csv.gz"

_ACCOUNT = {"name": "Practice", "initial_balance": Decimal(100_000), "risk_percent": Decimal("0.5")}

_SIMULATED: tuple[dict[str, Any], ...] = (
    {"name": "SIM-EURUSD", "calendar": Calendar.FX, "tick_size": 0.00001, "lot_step": Decimal(1000)},
    {"name": "SIM-XAUUSD", "calendar": Calendar.FX, "tick_size": 0.01, "lot_step": Decimal("0.01")},
    {"name": "SIM-BTCUSD", "calendar": Calendar.UTC, "tick_size": 0.01, "lot_step": Decimal("0.001")},
)
_DESCRIPTIONS = {
    "SIM-EURUSD": "Simulated currency pair",
    "SIM-XAUUSD": "Simulated gold",
    "SIM-BTCUSD": "Simulated crypto currency",
    "AAPL": "Apple, daily 2005 to 2013",
    "GOOG": "Google, daily 2005 to 2013",
    "IBM": "IBM, daily 2005 to 2013",
    "MSFT": "Microsoft, daily 2005 to 2013",
}
_STOCKS = ("AAPL", "GOOG", "IBM", "MSFT")
_CLASSES = {"SIM-EURUSD": "fx", "SIM-XAUUSD": "future", "SIM-BTCUSD": "crypto"} | dict.fromkeys(_STOCKS, "stock")

_INTRADAY = {
    "name": "SMC intraday",
    "kind": "smc_mtf",
    "parameters": {"structure": "H4", "shift": "M15", "entry": "M5"},
    "schedule": "*/5 * * * *",
}
_DAILY = {
    "name": "SMC daily",
    "kind": "smc_mtf",
    "parameters": {"structure": "W1", "shift": "D1", "entry": "D1"},
    "schedule": "10 0 * * *",
}


def seed(engine: Engine, now: datetime, simulated: bool) -> None:
    """Add whatever of the first furniture is missing, in one transaction; what is there stays as the person left it.

    `simulated` adds the SIM- symbols (their bars come from the feed). Several processes may call this at once.
    """
    with writer(engine) as session:
        added = _insert_missing(session, Account, [_ACCOUNT | {"created_at": now}])
        added += _insert_missing(session, Symbol, [_stock(name, now) for name in _STOCKS])
        added += _insert_missing(session, Strategy, [_INTRADAY | {"created_at": now}, _DAILY | {"created_at": now}])
        added += _watch(session, "SMC daily", _STOCKS)
        if simulated:
            added += _insert_missing(session, Symbol, [_simulated(row, now) for row in _SIMULATED])
            added += _watch(session, "SMC intraday", [str(row["name"]) for row in _SIMULATED])
        added += add_defaults(session, now)
        added += _classify(session) + furnish(session, now)
        if added + _store_sample(session, now):
            bump(session)


def sample_bars() -> dict[str, tuple[Bars, Floats]]:
    """Daily bars (stamped 00:00 UTC of the session's date) and adjusted closes by symbol, from `db/sample`."""
    rows: dict[str, list[tuple[float, ...]]] = {name: [] for name in _STOCKS}
    with gzip.open(SAMPLE, "rt", encoding="utf-8", newline="") as file:
        for symbol, date, *values in list(csv.reader(file))[1:]:
            opened = datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp() * 1000
            rows[symbol].append((opened, *map(float, values)))
    found = {}
    for symbol, table in rows.items():
        columns = np.array(table, dtype=np.float64).T
        times, prices = columns[0].astype(np.int64), (np.ascontiguousarray(column) for column in columns[1:6])
        found[symbol] = (validate(Bars(Timeframe.D1, times, *prices)), columns[6])
    return found


def _classify(session: Session) -> int:
    """Say of our own symbols what they are, where nobody has; how many that were."""
    own = col(Symbol.source).in_(("sample", "simulated")), Symbol.asset_class == "", col(Symbol.name).in_(_CLASSES)
    found = session.exec(select(Symbol).where(*own).with_for_update(key_share=True)).all()
    for symbol in found:
        symbol.asset_class = _CLASSES[symbol.name]
    return len(found)


def _store_sample(session: Session, now: datetime) -> int:
    """Store the bars of sample symbols that have none yet; how many symbols that were."""
    query = select(Symbol).where(col(Symbol.source) == "sample", col(Symbol.base_timeframe).is_(None))
    # Locked, so that of two processes on PostgreSQL the second one sees what the first one stored.
    empty = session.exec(query.with_for_update()).all()
    bars = sample_bars() if empty else {}
    for symbol in empty:
        store_bars(session, symbol, *bars[symbol.name], until=int(now.timestamp() * 1000))
    return len(empty)


def _stock(name: str, now: datetime) -> dict[str, Any]:
    return _symbol(name, "sample", now) | {"calendar": Calendar.US_STOCKS.value, "tick_size": 0.01}


def _simulated(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    return _symbol(row["name"], "simulated", now) | row | {"calendar": row["calendar"].value}


def _symbol(name: str, source: str, now: datetime) -> dict[str, Any]:
    return {
        "name": name,
        "description": _DESCRIPTIONS[name],
        "source": source,
        "vendor_symbol": name,
        "currency": "USD",
        "point_value": Decimal(1),
        "lot_step": Decimal(1),
        "created_at": now,
    }


def _watch(session: Session, strategy: str, symbols: Iterable[str]) -> int:
    strategy_id = session.exec(select(Strategy.id).where(col(Strategy.name) == strategy)).one()
    symbol_ids = session.exec(select(Symbol.id).where(col(Symbol.name).in_(list(symbols)))).all()
    rows = [{"strategy_id": strategy_id, "symbol_id": symbol_id} for symbol_id in sorted(filter(None, symbol_ids))]
    return _insert_missing(session, StrategySymbol, rows)


def _insert_missing(session: Session, table: type[SQLModel], rows: list[dict[str, Any]]) -> int:
    """Insert the rows whose unique key is not taken; how many there were."""
    added = 0
    for row in rows:
        values = table(**row).model_dump(exclude={"id"})
        key = next(iter(table.__table__.primary_key))  # type: ignore[attr-defined]
        statement = insert_for(session, table).values(**values).on_conflict_do_nothing().returning(key)
        added += len(session.connection().execute(statement).fetchall())
    return added
