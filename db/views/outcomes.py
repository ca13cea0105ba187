"""What became of the signals, whatever was decided about them."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import select
from sqlmodel import Session, col

from db.models import Signal, SignalOutcome, Strategy, Symbol
from db.store.signals import shown


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
