"""Rows with plain defaults: a test names only what it is about."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

from sqlmodel import Session, SQLModel, insert

from core.bars import Bars
from core.timeframe import Timeframe
from db.models import Account, Bar, Run, Signal, Strategy, Symbol, Trade, TradeFill

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NOW_MS = int(NOW.timestamp()) * 1000
HOUR = 3_600_000


Row = TypeVar("Row", bound=SQLModel)


def add(session: Session, row: Row) -> Row:
    session.add(row)
    session.flush()
    return row


def make_symbol(session: Session, name: str = "SIM-EURUSD", **fields: Any) -> Symbol:
    """A simulated symbol in USD: one unit gains 1 USD when the price rises by 1; lots of 1."""
    return add(session, Symbol(**{"name": name, "source": "simulated", "created_at": NOW} | fields))


def make_strategy(session: Session, name: str = "SMC intraday", **fields: Any) -> Strategy:
    plain = {"name": name, "kind": "smc_mtf", "schedule": "*/5 * * * *", "created_at": NOW}
    return add(session, Strategy(**plain | fields))


def make_account(session: Session, name: str = "Practice", **fields: Any) -> Account:
    """100,000 USD, 0.5 % risk a trade."""
    plain = {"initial_balance": Decimal(100_000), "risk_percent": Decimal("0.5"), "created_at": NOW}
    return add(session, Account(**{"name": name} | plain | fields))


def make_run(session: Session, **fields: Any) -> Run:
    plain = {"kind": "scan", "status": "done", "started_at": NOW, "finished_at": NOW, "code_version": "test"}
    return add(session, Run(**plain | fields))


def make_signal(
    session: Session,
    *,
    symbol: Symbol | None = None,
    strategy: Strategy | None = None,
    run: Run | None = None,
    source_key: str = "zone-1",
    **fields: Any,
) -> Signal:
    """A new long signal on M5: entry 100, stop 98, target 106 (3 R), seen at NOW, to be taken within four hours."""
    symbol = symbol or make_symbol(session)
    strategy = strategy or make_strategy(session)
    run = run or make_run(session)
    plain = {
        "timeframe": int(Timeframe.M5),
        "direction": 1,
        "entry_type": "BUY_LIMIT",
        "entry": 100.0,
        "stop": 98.0,
        "target": 106.0,
        "targets": [{"price": 104.0, "name": "2R"}, {"price": 106.0, "name": "3R"}],
        "reward_risk": 3.0,
        "confidence": 0.6,
        "band": "MEDIUM",
        "as_of": NOW_MS,
        "expires_at": NOW_MS + 4 * HOUR,
        "created_at": NOW,
    }
    keys = {"symbol_id": symbol.id, "strategy_id": strategy.id, "run_id": run.id, "source_key": source_key}
    return add(session, Signal(**keys | plain | fields))


def make_trade(session: Session, *, account: Account, symbol: Symbol, **fields: Any) -> Trade:
    """An open long trade with its fills: 250 units at 100, stop 98, target 106, 500 at risk."""
    plain = {
        "direction": 1,
        "quantity": Decimal(250),
        "entry_price": 100.0,
        "stop": 98.0,
        "target": 106.0,
        "risk": Decimal(500),
        "opened_at": NOW,
    }
    row = {"account_id": account.id, "symbol_id": symbol.id, "point_value": symbol.point_value} | plain | fields
    closed = row.get("status") == "closed"
    row = {"open_quantity": Decimal(0) if closed else row["quantity"], "first_stop": row["stop"]} | row
    trade = add(session, Trade(**row))
    fill = {"trade_id": trade.id, "account_id": trade.account_id, "quantity": trade.quantity, "booked_at": NOW}
    fill |= {"stop": trade.stop}
    add(session, TradeFill(**fill, kind="entry", price=trade.entry_price, at=trade.opened_at))
    if closed:
        price, at = trade.exit_price or trade.entry_price, trade.closed_at or NOW
        add(session, TradeFill(**fill, kind="exit", price=price, at=at, realised=trade.pnl or Decimal(0)))
    return trade


def make_bars(rows: list[tuple[float, float, float, float]], *, start: int, timeframe: Timeframe) -> Bars:
    """Bars from (open, high, low, close) rows, one after the other from `start` (UTC ms), volume 1."""
    timed = [(start + index * timeframe.ms, *row, 1.0) for index, row in enumerate(rows)]
    return Bars.from_rows(timeframe, timed)


def add_bars(session: Session, symbol: Symbol, bars: Bars) -> None:
    """Store bars as they are, and name their timeframe as the symbol's finest if it has none."""
    named = {"symbol_id": symbol.id, "timeframe": int(bars.timeframe)}
    if len(bars):
        session.execute(insert(Bar), [named | row for row in bars.frame().to_dict("records")])
    symbol.base_timeframe = min(symbol.base_timeframe or int(bars.timeframe), int(bars.timeframe))
    session.flush()
