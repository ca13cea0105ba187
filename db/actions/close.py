"""The person closes a trade: one transaction sets its result."""

from __future__ import annotations

import math
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CursorResult, Engine, update
from sqlmodel import Session, col

from core.errors import ConflictError, DeskError, NotFoundError
from core.risk import money, plain, profit
from db.engine import writer
from db.models import Symbol, Trade
from db.money import storable
from db.store.lineage import Step, add_step, steps_of
from db.store.revision import bump


def close_trade(engine: Engine, trade_id: int, price: float, closed_at: datetime, note: str, now: datetime) -> None:
    """Close an open trade at `price`: P&L = direction x (exit - entry) x quantity x point value, R = P&L / risk.

    `closed_at` (aware) lies between the opening and `now`. `note` is added to the trade's own, on a line of its own.
    However many processes try, the trade is closed once.

    Raises:
        NotFoundError: no such trade.
        ConflictError: the trade is closed already.
        DeskError: price or time cannot be; nothing was written.
    """
    with writer(engine) as session:
        trade = session.get(Trade, trade_id)
        if trade is None:
            raise NotFoundError(f"Trade {trade_id} does not exist: choose one from the journal.", trade_id)
        if trade.status != "open":
            raise _closed_before(trade)
        _check(trade, price, closed_at, now)
        symbol = session.get_one(Symbol, trade.symbol_id)
        pnl = profit(trade.direction, trade.entry_price, price, trade.quantity, symbol.point_value)
        if pnl and not storable(pnl):
            raise DeskError(f"A result of {money(pnl)} cannot be: correct the price of the exit.", price)
        result = {"exit_price": price, "closed_at": closed_at, "pnl": pnl, "r_multiple": float(pnl / trade.risk)}
        if not _settle(session, trade, result, note.strip()):
            raise _closed_before(session.get_one(Trade, trade_id, populate_existing=True))
        _trace(session, trade_id, result, now)
        bump(session)


def _check(trade: Trade, price: float, closed_at: datetime, now: datetime) -> None:
    if not (math.isfinite(price) and price > 0):
        raise DeskError(f"The price {price} is not a positive number: enter the price of the exit.", price)
    if closed_at.tzinfo is None:
        raise DeskError("The time of the exit has no time zone: enter it in UTC.", closed_at)
    if closed_at < trade.opened_at:
        opened = f"{trade.opened_at:%Y-%m-%d %H:%M:%S}"
        raise DeskError(f"The trade was opened at {opened} UTC: enter a later time of exit.", closed_at)
    if closed_at > now:
        raise DeskError("The time of the exit lies in the future: enter when it happened.", closed_at)


def _settle(session: Session, trade: Trade, result: dict[str, Any], note: str) -> bool:
    """Compare and set; False when somebody else closed the trade first."""
    statement = update(Trade).where(col(Trade.id) == trade.id, col(Trade.status) == "open")
    notes = "\n".join(text for text in (trade.note, note) if text)
    done: CursorResult[Any] = session.connection().execute(statement.values(status="closed", note=notes, **result))
    return done.rowcount == 1


def _closed_before(trade: Trade) -> ConflictError:
    return ConflictError(
        f"This trade was already closed at {trade.exit_price} with {money(trade.pnl or Decimal(0))}: see the journal.",
        trade.id,
    )


def _trace(session: Session, trade_id: int, result: dict[str, Any], now: datetime) -> None:
    output = {**result, "pnl": plain(result["pnl"]), "closed_at": result["closed_at"].isoformat()}
    step = Step("close", f"Close trade {trade_id}", now, now, inputs={"trade": trade_id}, output=output, content=output)
    add_step(session, step, steps_of(session, "trade", trade_id))
