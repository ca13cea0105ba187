"""What a person does with a position: open one without a signal, add to it, take part off, move stop or target."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Engine
from sqlmodel import Session

from core.errors import ConflictError, DeskError, ParameterError
from core.risk import exact, plain
from db.actions.fill import check_cost, check_currency, check_fill_price, check_moment, check_quantity
from db.actions.paper_first import step_first
from db.engine import writer
from db.models import Account, Symbol, Trade
from db.money import storable
from db.store.accounts import get_account
from db.store.challenge.room_fees import there_and_back
from db.store.changes import add_to, check_version, set_level
from db.store.imports.foreign import check_rated
from db.store.limits import Intent, check_limits
from db.store.lineage.roots import account_step, origin
from db.store.lineage.steps import Step, add_step
from db.store.orders.follow import follow
from db.store.orders.rows import PAPER, live_orders
from db.store.revision import bump
from db.store.symbols import get_symbol
from db.store.trades import Execution, add_fills, figures_with, fills_of, fit, get_trade, keep


@dataclass(frozen=True)
class ManualTrade:
    """A trade that no signal suggested. `stop` and `target` may be missing: without a stop it has no R."""

    symbol_id: int
    direction: int
    quantity: Decimal
    price: float
    opened_at: datetime
    stop: float | None = None
    target: float | None = None
    fee: Decimal = Decimal(0)
    setup: str = ""
    note: str = ""


@dataclass(frozen=True)
class Part:
    """One more fill of a trade: an entry that adds to it or an exit that takes part off. `fee` and `swap` are costs."""

    quantity: Decimal
    price: float
    at: datetime
    fee: Decimal = Decimal(0)
    swap: Decimal = Decimal(0)


def open_trade(engine: Engine, account_id: int, manual: ManualTrade, now: datetime, *, limits: bool = True) -> int:
    """Book a trade without a signal; returns its id. With `limits` off it is booked whatever the account allows: what
    happened has happened.

    Raises:
        NotFoundError: no such account or symbol.
        LimitError: a rule of the account or of its challenge does not allow it.
        DeskError: the trade cannot be; nothing was written.
    """
    with writer(engine) as session:
        account = get_account(session, account_id, lock=True)
        symbol = get_symbol(session, manual.symbol_id)
        check_currency(account, symbol)
        _check_manual(symbol, manual, now)
        trade = _new_trade(account_id, symbol, manual)
        fill = Execution(True, manual.quantity, manual.price, manual.opened_at, manual.fee)
        figures = figures_with(trade, [], [fill])
        if figures.risk is not None and not storable(figures.risk):
            raise DeskError(f"The size {plain(manual.quantity)} is out of all proportion: correct it.", manual.quantity)
        if limits:
            fees = there_and_back(manual.fee)
            intent = Intent(manual.direction, manual.quantity, manual.price, manual.stop, manual.opened_at, fees=fees)
            check_limits(session, account, symbol, intent, now)
        keep(trade, figures)
        session.add(trade)
        session.flush()
        add_fills(session, trade, [fill], figures, now)
        _trace(session, trade, "trade", f"Trade {trade.id}", fill, now, account)
        bump(session)
        return trade.id or 0


def scale_in(engine: Engine, trade_id: int, version: int, part: Part, now: datetime, *, limits: bool = True) -> int:
    """Add to an open trade; returns its new version. What it adds is risked down to the stop in force.

    Raises:
        NotFoundError: no such trade.
        ConflictError: it is closed, or was changed since `version`.
        LimitError: a rule of the account or of its challenge does not allow it.
        DeskError: the fill cannot be; nothing was written.
    """
    with writer(engine) as session:
        # The account first, then the trade: every action locks in this order.
        account = get_account(session, get_trade(session, trade_id).account_id, lock=True)
        trade = _open(session, trade_id, version)
        symbol = session.get_one(Symbol, trade.symbol_id)
        if limits:
            check_quantity(symbol, part.quantity)
            check_fill_price(part.price)
            fees = there_and_back(part.fee)
            intent = Intent(
                trade.direction, part.quantity, part.price, trade.stop, part.at, True, fees, per_point=trade.per_point
            )
            check_limits(session, account, symbol, intent, now)
        return _add(session, trade, symbol, part, True, now)


def close_part(engine: Engine, trade_id: int, version: int, part: Part, now: datetime) -> int:
    """Take part of an open trade off, or all that is left; returns its new version. Orders that were to close it become
    as small as what is open then, or are cancelled; an entry that still works goes on.

    Raises:
        NotFoundError: no such trade.
        ConflictError: it is closed, or was changed since `version`.
        DeskError: the fill cannot be; nothing was written.
    """
    step_first(engine, trade_id, now)
    with writer(engine) as session:
        get_account(session, get_trade(session, trade_id).account_id, lock=True)
        trade = _open(session, trade_id, version)
        return _add(session, trade, session.get_one(Symbol, trade.symbol_id), part, False, now)


def move_stop(
    engine: Engine, trade_id: int, version: int, stop: float | None, at: datetime, now: datetime, note: str = ""
) -> int:
    """Move the stop of an open trade, or take it away (None); returns the trade's new version.

    The first stop a trade ever has defines its R, later ones do not change it.

    Raises:
        NotFoundError: no such trade.
        ConflictError: it is closed, was changed since `version`, or an order works there: that is moved, and the trade
            follows.
        DeskError: price or time cannot be; nothing was written.
    """
    with writer(engine) as session:
        trade = _open(session, trade_id, version)
        return _move(session, trade, "stop", stop, at, now, note)


def move_to_break_even(engine: Engine, trade_id: int, version: int, at: datetime, now: datetime) -> int:
    """Move the stop of an open trade to the average price of what is open. Errors and result as `move_stop`."""
    with writer(engine) as session:
        trade = _open(session, trade_id, version)
        return _move(session, trade, "stop", trade.entry_price, at, now, "Break-even")


def move_target(
    engine: Engine, trade_id: int, version: int, target: float | None, at: datetime, now: datetime, note: str = ""
) -> int:
    """Move the target of an open trade, or take it away (None). Errors and result as `move_stop`."""
    with writer(engine) as session:
        trade = _open(session, trade_id, version)
        return _move(session, trade, "target", target, at, now, note)


def _check_manual(symbol: Symbol, manual: ManualTrade, now: datetime) -> None:
    if manual.direction not in {1, -1}:
        raise DeskError(f"{manual.direction} is no side: choose long or short.", manual.direction)
    check_quantity(symbol, manual.quantity)
    check_fill_price(manual.price)
    check_cost(manual.fee)
    check_moment(manual.opened_at, None, now)
    for name, level, sign in (("stop", manual.stop, -1), ("target", manual.target, 1)):
        if level is None:
            continue
        _check_level(name, level)
        if sign * manual.direction * (exact(level) - exact(manual.price)) <= 0:
            side = "above" if sign * manual.direction > 0 else "below"
            raise DeskError(f"The {name} {level} is not {side} the price {manual.price}: correct it.", level)


def _new_trade(account_id: int, symbol: Symbol, manual: ManualTrade) -> Trade:
    return Trade(
        account_id=account_id,
        symbol_id=manual.symbol_id,
        direction=manual.direction,
        quantity=manual.quantity,
        open_quantity=manual.quantity,
        point_value=symbol.point_value,
        entry_price=manual.price,
        first_stop=manual.stop,
        stop=manual.stop,
        target=manual.target,
        opened_at=manual.opened_at,
        setup=manual.setup.strip(),
        note=manual.note.strip(),
    )


def _open(session: Session, trade_id: int, version: int) -> Trade:
    trade = get_trade(session, trade_id, lock=True)
    if trade.status != "open":
        raise ConflictError(f"Trade {trade_id} is closed: see the journal.", trade_id)
    current = {name: getattr(trade, name) for name in ("quantity", "open_quantity", "stop", "target")}
    check_version(session, trade, version, current, {})
    return trade


def _add(session: Session, trade: Trade, symbol: Symbol, part: Part, entry: bool, now: datetime) -> int:
    check_quantity(symbol, part.quantity)
    check_fill_price(part.price)
    for cost in (part.fee, part.swap):
        check_cost(cost)
    check_rated(session, trade)
    fills = fills_of(session, trade.id or 0)
    check_moment(part.at, fills[-1].at, now)
    fill = Execution(entry, part.quantity, part.price, part.at, part.fee, part.swap)
    try:
        figures = figures_with(trade, fills, [fill])
    except ParameterError as error:
        raise DeskError(error.message, error.subject) from error
    if not fit(figures):
        raise DeskError("Size or price are out of all proportion: correct them.", part)
    add_to(session, trade, fill, figures, now)
    kind = "fill" if trade.status == "open" else "close"
    name = "Add to" if entry else ("Close part of" if kind == "fill" else "Close")
    _trace(session, trade, kind, f"{name} trade {trade.id}", fill, now)
    if not entry:
        follow(session, trade.account_id, trade.symbol_id, now)
    bump(session)
    return trade.version


def _move(
    session: Session, trade: Trade, field: str, level: float | None, at: datetime, now: datetime, note: str
) -> int:
    if level is not None:
        _check_level(field, level)
    check_moment(at, trade.opened_at, now)
    before = getattr(trade, field)
    if before == level:
        return trade.version
    _check_order(session, trade, field)
    set_level(session, trade, field, level, at, now, note)
    _trace_move(session, trade, field, before, level, now)
    bump(session)
    return trade.version


def _check_order(session: Session, trade: Trade, field: str) -> None:
    """A level that an order stands for is where the order is."""
    for row, ticket in live_orders(session, account_id=trade.account_id, symbol_id=trade.symbol_id):
        if ticket.trade_id == trade.id and row.leg == field:
            where = "on paper" if ticket.broker == PAPER else "at Interactive Brokers"
            raise ConflictError(
                f"Order {ticket.id} ({row.reference}) is the {field} of trade {trade.id} and works {where}: "
                "change that order, the trade follows it.",
                row.reference,
            )


def _check_level(name: str, level: float) -> None:
    if not (math.isfinite(level) and level > 0):
        raise DeskError(f"The {name} {level} is not a positive price: correct it.", level)


def _trace(
    session: Session,
    trade: Trade,
    kind: str,
    name: str,
    fill: Execution,
    now: datetime,
    account: Account | None = None,
) -> None:
    """A fill of a trade; with `account` the one that made it, by hand."""
    output = {"price": fill.price, "quantity": plain(fill.quantity), "at": fill.at.isoformat()}
    output |= {"pnl": None if trade.pnl is None else plain(trade.pnl), "r_multiple": trade.r_multiple}
    made = account is not None
    step = Step(
        kind,
        name,
        now,
        now,
        entity="trade" if made else None,
        entity_id=trade.id if made else None,
        inputs={"trade": trade.id} if account is None else {"account": account.name},
        output=output,
        content=output,
    )
    known = origin(session, "trade", trade.id or 0, now) if account is None else [account_step(session, account, now)]
    add_step(session, step, known)


def _trace_move(
    session: Session, trade: Trade, field: str, before: float | None, after: float | None, now: datetime
) -> None:
    output = {"field": field, "before": before, "after": after}
    step = Step(
        field, f"Move {field} of trade {trade.id}", now, now, inputs={"trade": trade.id}, output=output, content=output
    )
    add_step(session, step, origin(session, "trade", trade.id or 0, now))
