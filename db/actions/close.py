"""The person closes a trade: one transaction sets its result."""

from __future__ import annotations

import math
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Engine
from sqlmodel import Session

from core.errors import ConflictError, DeskError
from core.risk import money, plain
from db.actions.fill import check_cost, check_moment
from db.actions.paper_first import step_first
from db.engine import writer
from db.models import Trade
from db.money import storable
from db.store.accounts import get_account
from db.store.imports.foreign import check_rated
from db.store.lineage.roots import origin
from db.store.lineage.steps import Step, add_step
from db.store.orders.follow import follow
from db.store.revision import bump
from db.store.trades import Execution, add_fills, figures_with, fills_of, get_trade


def close_trade(
    engine: Engine,
    trade_id: int,
    price: float,
    closed_at: datetime,
    note: str,
    now: datetime,
    fee: Decimal = Decimal(0),
    swap: Decimal = Decimal(0),
) -> None:
    """Close what is open of a trade at `price`: P&L = direction x (exit - average entry) x quantity x the trade's money
    per point, less all costs; R = P&L / risk, and none without a stop.

    `closed_at` (aware) lies between the last fill and `now`. `note` is added to the trade's own, on a line of its own.
    Orders that were to close it are cancelled, or their broker is asked to. However many processes try, it is closed
    once.

    Raises:
        NotFoundError: no such trade.
        ConflictError: the trade is closed already.
        DeskError: price, costs or time cannot be; nothing was written.
    """
    step_first(engine, trade_id, now)
    with writer(engine) as session:
        # The account first, then the trade: every action locks in this order.
        get_account(session, get_trade(session, trade_id).account_id, lock=True)
        trade = get_trade(session, trade_id, lock=True)
        if trade.status != "open":
            raise _closed_before(trade)
        check_rated(session, trade)
        fills = fills_of(session, trade_id)
        _check(trade, fills[-1].at, price, closed_at, now)
        for cost in (fee, swap):
            check_cost(cost)
        leave = Execution(False, trade.open_quantity, price, closed_at, fee, swap)
        figures = figures_with(trade, fills, [leave])
        if figures.pnl and not storable(figures.pnl):
            raise DeskError(f"A result of {money(figures.pnl)} cannot be: correct the price of the exit.", price)
        trade.note = "\n".join(text for text in (trade.note, note.strip()) if text)
        trade.version += 1
        add_fills(session, trade, [leave], figures, now)
        _trace(session, trade, now)
        follow(session, trade.account_id, trade.symbol_id, now)
        bump(session)


def _check(trade: Trade, last: datetime, price: float, closed_at: datetime, now: datetime) -> None:
    if not (math.isfinite(price) and price > 0):
        raise DeskError(f"The price {price} is not a positive number: enter the price of the exit.", price)
    if closed_at.tzinfo is None:
        raise DeskError("The time of the exit has no time zone: enter it in UTC.", closed_at)
    if closed_at < trade.opened_at:
        opened = f"{trade.opened_at:%Y-%m-%d %H:%M:%S}"
        raise DeskError(f"The trade was opened at {opened} UTC: enter a later time of exit.", closed_at)
    if closed_at > now:
        raise DeskError("The time of the exit lies in the future: enter when it happened.", closed_at)
    check_moment(closed_at, last, now)


def _closed_before(trade: Trade) -> ConflictError:
    return ConflictError(
        f"This trade was already closed at {trade.exit_price} with {money(trade.pnl or Decimal(0))}: see the journal.",
        trade.id,
    )


def _trace(session: Session, trade: Trade, now: datetime) -> None:
    assert trade.id is not None
    assert trade.closed_at is not None
    assert trade.pnl is not None
    output = {
        "exit_price": trade.exit_price,
        "closed_at": trade.closed_at.isoformat(),
        "pnl": plain(trade.pnl),
        "r_multiple": trade.r_multiple,
    }
    step = Step("close", f"Close trade {trade.id}", now, now, inputs={"trade": trade.id}, output=output, content=output)
    add_step(session, step, origin(session, "trade", trade.id, now))
