"""Trades for the journal and for Home: one read, so that no two pages can disagree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import Select, select
from sqlmodel import Session, col

from db.models import Signal, Strategy, Symbol, Trade


@dataclass(frozen=True)
class TradeFilter:
    """Which trades to read. Empty sequences and None mean no restriction."""

    account_id: int | None = None
    symbols: tuple[int, ...] = ()
    strategies: tuple[int, ...] = ()
    direction: int | None = None
    status: str | None = None


def trades(session: Session, wanted: TradeFilter, limit: int | None = None) -> pd.DataFrame:
    """Trades that match, the newest first; `pnl`, `risk` and `quantity` are exact Decimals.

    Columns: id, signal_id, status, symbol_id, symbol, source, currency, tick_size, point_value, strategy, direction,
    quantity, entry_price, stop, target, risk, opened_at, closed_at, exit_price, pnl, r_multiple, note.
    """
    columns: list[Any] = [
        col(Trade.id),
        col(Trade.signal_id),
        col(Trade.status),
        col(Trade.symbol_id),
        col(Symbol.name).label("symbol"),
        col(Symbol.source),
        col(Symbol.currency),
        col(Symbol.tick_size),
        col(Symbol.point_value),
        col(Strategy.name).label("strategy"),
        col(Trade.direction),
        col(Trade.quantity),
        col(Trade.entry_price),
        col(Trade.stop),
        col(Trade.target),
        col(Trade.risk),
        col(Trade.opened_at),
        col(Trade.closed_at),
        col(Trade.exit_price),
        col(Trade.pnl),
        col(Trade.r_multiple),
        col(Trade.note),
    ]
    query = (
        select(*columns)
        .join(Symbol, col(Symbol.id) == col(Trade.symbol_id))
        .outerjoin(Signal, col(Signal.id) == col(Trade.signal_id))
        .outerjoin(Strategy, col(Strategy.id) == col(Signal.strategy_id))
    )
    found = session.execute(_narrow(query, wanted).order_by(col(Trade.id).desc()).limit(limit))
    return pd.DataFrame(found.fetchall(), columns=list(found.keys()))


def _narrow(query: Select[Any], wanted: TradeFilter) -> Select[Any]:
    if wanted.account_id is not None:
        query = query.where(col(Trade.account_id) == wanted.account_id)
    if wanted.symbols:
        query = query.where(col(Trade.symbol_id).in_(wanted.symbols))
    if wanted.strategies:
        query = query.where(col(Signal.strategy_id).in_(wanted.strategies))
    if wanted.direction is not None:
        query = query.where(col(Trade.direction) == wanted.direction)
    if wanted.status is not None:
        query = query.where(col(Trade.status) == wanted.status)
    return query
