"""What became of the signals, whatever was decided about them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import select
from sqlmodel import Session, col

from db.models import Signal, SignalOutcome, Strategy, Symbol
from db.store.signals import shown
from db.views.journal import TradeFilter


def outcome_table(session: Session, strategy_id: int | None = None, limit: int | None = None) -> pd.DataFrame:
    """Followed signals of one strategy or of all, newest first.

    Columns: signal_id, strategy, symbol, direction, entry_type, band, status (the decision), state, result_r, mfe_r,
    mae_r, bars_held, timeframe (minutes), as_of, filled_at, ended_at (UTC ms), through.
    """
    columns: list[Any] = [
        col(SignalOutcome.signal_id),
        col(Strategy.name).label("strategy"),
        col(Symbol.name).label("symbol"),
        col(Signal.direction),
        col(Signal.entry_type),
        col(Signal.band),
        col(Signal.status),
        *(getattr(SignalOutcome, name) for name in ("state", "result_r", "mfe_r", "mae_r", "bars_held", "timeframe")),
        col(Signal.as_of),
        *(getattr(SignalOutcome, name) for name in ("filled_at", "ended_at", "through")),
    ]
    query = (
        select(*columns)
        .join(Signal, col(Signal.id) == col(SignalOutcome.signal_id))
        .join(Strategy, col(Strategy.id) == col(Signal.strategy_id))
        .join(Symbol, col(Symbol.id) == col(Signal.symbol_id))
        .where(shown())
        .order_by(col(SignalOutcome.signal_id).desc())
        .limit(limit)
    )
    found = session.execute(query if strategy_id is None else query.where(col(Signal.strategy_id) == strategy_id))
    return pd.DataFrame(found.fetchall(), columns=list(found.keys()))


def decisions(session: Session, wanted: TradeFilter) -> pd.DataFrame:
    """Every signal that was decided on or let go, followed or not, newest first; one row a signal.

    Symbols, strategies, side and dates of the filter count; the dates bound the bar at which the signal was seen.
    Columns: signal_id, symbol, strategy, direction, status, reason (None: none), as_of (UTC ms), state and result_r of
    its outcome (None where it is not followed).
    """
    columns: list[Any] = [
        col(Signal.id).label("signal_id"),
        col(Symbol.name).label("symbol"),
        col(Strategy.name).label("strategy"),
        *(getattr(Signal, name) for name in ("direction", "status", "reason", "as_of")),
        *(getattr(SignalOutcome, name) for name in ("state", "result_r")),
    ]
    query = (
        select(*columns)
        .join(Strategy, col(Strategy.id) == col(Signal.strategy_id))
        .join(Symbol, col(Symbol.id) == col(Signal.symbol_id))
        .outerjoin(SignalOutcome, col(SignalOutcome.signal_id) == col(Signal.id))
        .where(shown(), col(Signal.status) != "new")
        .order_by(col(Signal.id).desc())
    )
    for column, allowed in ((col(Signal.symbol_id), wanted.symbols), (col(Signal.strategy_id), wanted.strategies)):
        if allowed:
            query = query.where(column.in_(allowed))
    if wanted.direction is not None:
        query = query.where(col(Signal.direction) == wanted.direction)
    if wanted.since is not None:
        query = query.where(col(Signal.as_of) >= _ms(wanted.since))
    if wanted.until is not None:
        query = query.where(col(Signal.as_of) < _ms(wanted.until))
    found = session.execute(query)
    return pd.DataFrame(found.fetchall(), columns=list(found.keys()))


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
