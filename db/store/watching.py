"""Which strategies watch which symbols."""

from __future__ import annotations

from sqlmodel import Session, col, select

from core.errors import ChartroomError
from db.conflict import insert_for
from db.models import Strategy, StrategySymbol, Symbol
from db.plugins import strategy_of


def watch_new_bars(session: Session, symbol: Symbol, finest_before: int | None) -> list[str]:
    """Put a symbol that just got its first or finer bars on the strategies that can now read it; returns their names.

    `finest_before` is its base timeframe (minutes) before those bars, None for none. Strategies that could read it
    before are left alone: whoever took the symbol off one of them keeps it off.
    """
    if symbol.base_timeframe is None:
        return []
    names = []
    for strategy in session.exec(select(Strategy).order_by(col(Strategy.id))):
        entry = _entry_minutes(strategy)
        if entry is not None and symbol.base_timeframe <= entry < (finest_before or entry + 1):
            _put(session, strategy, symbol)
            names.append(strategy.name)
    return names


def _entry_minutes(strategy: Strategy) -> int | None:
    """Entry timeframe in minutes; None for a strategy whose parameters are faulty, which its scans report."""
    try:
        return int(strategy_of(strategy.kind, strategy.parameters).entry_timeframe)
    except ChartroomError:
        return None


def _put(session: Session, strategy: Strategy, symbol: Symbol) -> None:
    row = {"strategy_id": strategy.id, "symbol_id": symbol.id}
    session.execute(insert_for(session, StrategySymbol).values(row).on_conflict_do_nothing())
