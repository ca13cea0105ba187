"""What an account is worth, open positions included: at a moment, and at its highest."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Final

import numpy as np
from sqlalchemy import ColumnElement, func
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from core.bars import Floats, Times
from core.risk import exact
from core.timeframe import Timeframe
from db.models import Account, CashMovement, CorporateAction, Symbol, Trade, TradeFill
from db.store.bars.series import read_bars
from db.store.imports.foreign import unrated
from db.store.moments import to_ms
from db.store.orders.market import last_bar
from db.store.portfolio.records import corporate_actions, factor, price_for

MARKS: Final = 5_000
"""Closes of one symbol at most by which the highest equity is found: a longer span is seen by a higher timeframe."""
_NONE = Decimal(0)
_PLACES = Decimal("1e-8")


@dataclass
class _Held:
    """What an account holds of a symbol: signed units, and what they cost at their average price."""

    size: Decimal = _NONE
    cost: Decimal = _NONE

    def take(self, direction: int, kind: str, quantity: Decimal, price: float) -> None:
        """One more fill of a trade of this direction; an exit leaves at the average cost."""
        if kind == "entry":
            self.size += direction * quantity
            self.cost += direction * quantity * exact(price)
            return
        self.cost -= self.cost * quantity / abs(self.size)
        self.size -= direction * quantity


@dataclass
class _Path:
    """How the holding of a symbol went in trades of one value per point: at `times` (UTC ms) its size and cost changed,
    trading at `prices`.

    Sizes and prices are in the units of the end, after all of its splits.
    """

    symbol: Symbol
    per_point: Decimal
    actions: list[CorporateAction]
    times: list[int] = field(default_factory=list)
    prices: list[float] = field(default_factory=list)
    changes: list[tuple[float, float]] = field(default_factory=list)


def equity_at(session: Session, account: Account, moment: datetime) -> Decimal | None:
    """Cash and results up to `moment` and the open positions at the last close by then; None when one has no price,
    or a trade of another currency no rate.
    """
    if unrated(session, account, moment):
        return None
    held = _balance_at(session, account, moment)
    found = _open_at(session, account, moment)
    actions = corporate_actions(session, list({symbol.id or 0 for _, symbol, _ in found}))
    for trade, symbol, fills in found:
        last = last_bar(session, symbol, to_ms(moment))
        if last is None:
            return None
        position = _Held()
        for fill in fills:
            position.take(trade.direction, fill.kind, fill.quantity, fill.price)
        opened = to_ms(fills[0].at)
        price = price_for(actions, trade.symbol_id, last.price, last.at, opened, to_ms(moment))
        held += (exact(price) * position.size - position.cost) * trade.per_point
    return held.quantize(_PLACES)


def peak_equity(session: Session, account: Account, now: datetime) -> Decimal | None:
    """The highest equity so far, as if all money had been paid in or out at the start; None when today's is not known.
    A fee is paid when it was booked.

    Known at each fill and at stored closes (see `MARKS`), and nowhere in between.
    """
    today = equity_at(session, account, now)
    if today is None:
        return None
    start = account.initial_balance + funding(session, account, None, now)
    paths, results = _paths(session, account, now)
    results = sorted([*results, *_charges(session, account, now)], key=lambda one: one[0])
    grids = [_marks(session, path, to_ms(now)) for path in paths]
    times = np.unique(np.concatenate([np.array([at for at, _ in results], np.int64), *(grid[0] for grid in grids)]))
    if not len(times):
        return max(start, today)
    equity = float(start) + _steps(times, [at for at, _ in results], [float(sum_) for _, sum_ in results])
    for path, (at, price) in zip(paths, grids, strict=True):
        size = _steps(times, path.times, [change[0] for change in path.changes])
        cost = _steps(times, path.times, [change[1] for change in path.changes])
        place = np.searchsorted(at, times, side="right") - 1
        known = np.where(place >= 0, price[np.maximum(place, 0)], 0.0)
        equity += (known * size - cost) * float(path.per_point)
    return max(start, today, exact(float(equity.max())).quantize(_PLACES))


def _balance_at(session: Session, account: Account, moment: datetime) -> Decimal:
    query = select(func.sum(TradeFill.realised)).join(Trade, col(Trade.id) == col(TradeFill.trade_id))
    query = query.where(Trade.account_id == account.id, col(Trade.deleted_at).is_(None), TradeFill.at <= moment)
    realised: Decimal | None = session.exec(query).one()
    cash = funding(session, account, None, moment) + sum(one for _, one in _charges(session, account, moment))
    return account.initial_balance + cash + (realised or _NONE)


def funding(session: Session, account: Account, since: datetime | None, until: datetime) -> Decimal:
    """What was paid in less what was taken out after `since` (None: ever) and up to `until`. A fee is a cost, and none
    of it.
    """
    query = select(func.sum(CashMovement.amount)).where(CashMovement.kind != "fee", *_booked(account, until))
    if since is not None:
        query = query.where(CashMovement.at > since)
    found: Decimal | None = session.exec(query).one()
    return found or _NONE


def _charges(session: Session, account: Account, until: datetime) -> list[tuple[int, Decimal]]:
    """(UTC ms, change of the cash) of every fee that belongs to no trade."""
    query = select(CashMovement).where(CashMovement.kind == "fee", *_booked(account, until))
    return [(to_ms(row.at), row.amount) for row in session.exec(query)]


def _booked(account: Account, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return col(CashMovement.account_id) == account.id, col(CashMovement.at) <= until


def _open_at(session: Session, account: Account, moment: datetime) -> list[tuple[Trade, Symbol, list[TradeFill]]]:
    query = (
        select(Trade, Symbol, TradeFill)
        .join(Symbol, col(Symbol.id) == col(Trade.symbol_id))
        .join(TradeFill, col(TradeFill.trade_id) == col(Trade.id))
        .where(Trade.account_id == account.id, col(Trade.deleted_at).is_(None), TradeFill.at <= moment)
        .where(col(Trade.closed_at).is_(None) | (col(Trade.closed_at) > moment))
        .order_by(col(Trade.id), col(TradeFill.at), col(TradeFill.id))
    )
    found: dict[int, tuple[Trade, Symbol, list[TradeFill]]] = {}
    for trade, symbol, fill in session.exec(query):
        found.setdefault(trade.id or 0, (trade, symbol, []))[2].append(fill)
    return list(found.values())


def _paths(session: Session, account: Account, now: datetime) -> tuple[list[_Path], list[tuple[int, Decimal]]]:
    """How every symbol's holding went, and (UTC ms, result) of every fill."""
    told = (TradeFill.at, TradeFill.kind, TradeFill.quantity, TradeFill.price, TradeFill.realised)
    # Columns and no rows of the model: an account may have many thousand fills.
    query = (
        columns(*map(col, (Trade.id, Trade.direction, Trade.symbol_id, Trade.point_value, Trade.fx_rate, *told)))
        .join(TradeFill, col(TradeFill.trade_id) == col(Trade.id))
        .where(col(Trade.account_id) == account.id, col(Trade.deleted_at).is_(None), col(TradeFill.at) <= now)
        .order_by(col(TradeFill.at), col(TradeFill.id))
    )
    paths: dict[tuple[int, Decimal], _Path] = {}
    held: dict[int, _Held] = {}
    grown: dict[int, Fraction] = {}
    results = []
    for trade_id, direction, symbol_id, value, rate, at, kind, quantity, price, realised in session.execute(query):
        key = (symbol_id, value * rate)
        if key not in paths:
            actions = corporate_actions(session, [symbol_id])
            paths[key] = _Path(session.get_one(Symbol, symbol_id), value * rate, actions)
        path, one = paths[key], held.setdefault(trade_id, _Held())
        size, cost = one.size, one.cost
        one.take(direction, kind, quantity, price)
        path.times.append(to_ms(at))
        if trade_id not in grown:
            grown[trade_id] = factor(path.actions, symbol_id, path.times[-1], to_ms(now))
        units, change = grown[trade_id], one.size - size
        # Fractions are slow, and hardly ever is there a split.
        path.prices.append(price if units == 1 else float(price / units))
        path.changes.append((float(change if units == 1 else Fraction(change) * units), float(one.cost - cost)))
        results.append((path.times[-1], realised))
    return list(paths.values()), results


def _marks(session: Session, path: _Path, until: int) -> tuple[Times, Floats]:
    """Times and prices at which a symbol is known: its fills, and the closes from the first of them on."""
    begun, base = path.times[0], Timeframe(path.symbol.base_timeframe or Timeframe.M1)
    fine = (one for one in Timeframe if one >= base and (until - begun) // one.ms <= MARKS)
    bars = read_bars(session, path.symbol.id or 0, next(fine, Timeframe.W1), start=begun, until=until)
    closes = bars.close.copy()
    for row in path.actions:
        if row.kind == "split" and row.at <= until:
            closes[bars.close_time <= row.at] *= (row.old or 1) / (row.new or 1)
    times = np.concatenate([np.array(path.times, np.int64), bars.close_time])
    prices = np.concatenate([np.array(path.prices), closes])
    order = np.argsort(times, kind="stable")
    return times[order], prices[order]


def _steps(times: Times, at: list[int], changes: list[float]) -> Floats:
    """The running sum of `changes`, which happened `at` (in order), as it stood at each of `times`."""
    total = np.concatenate([[0.0], np.cumsum(np.array(changes, np.float64))])
    found: Floats = total[np.searchsorted(np.array(at, np.int64), times, side="right")]
    return found
