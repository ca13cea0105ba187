"""Strategies as they are stored: reading one, changing one that nobody changed meanwhile, and their history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import CursorResult, delete, exists, update
from sqlmodel import Session, col, select

from core.errors import ConflictError, NotFoundError
from db.conflict import insert_for
from db.models import LineageStep, Signal, Strategy, StrategySymbol, Symbol


def get_strategy(session: Session, strategy_id: int) -> Strategy:
    """The strategy as it is now.

    Raises:
        NotFoundError: there is none.
    """
    strategy = session.get(Strategy, strategy_id, populate_existing=True)
    if strategy is None:
        raise NotFoundError(f"Strategy {strategy_id} does not exist: choose one from the list.", strategy_id)
    return strategy


def change_strategy(session: Session, strategy_id: int, version: int, **values: Any) -> int:
    """Compare and set: change a strategy of which this is still the version; returns the new version.

    Raises:
        NotFoundError: there is no such strategy.
        ConflictError: it was changed since.
    """
    statement = update(Strategy).where(col(Strategy.id) == strategy_id, col(Strategy.version) == version)
    done: CursorResult[Any] = session.connection().execute(statement.values(version=version + 1, **values))
    if done.rowcount != 1:
        found = get_strategy(session, strategy_id)
        raise ConflictError(
            f"'{found.name}' was changed in another window meanwhile: reload the page and make your change again.",
            found.version,
        )
    return version + 1


def has_signals(session: Session, strategy_id: int) -> bool:
    """Whether it ever made a signal."""
    return bool(session.scalar(select(exists().where(col(Signal.strategy_id) == strategy_id))))


def symbols_of(session: Session, strategy_id: int) -> list[Symbol]:
    """The symbols it watches, by name."""
    query = select(Symbol).join(StrategySymbol, col(StrategySymbol.symbol_id) == Symbol.id)
    return list(session.exec(query.where(StrategySymbol.strategy_id == strategy_id).order_by(col(Symbol.name))))


def watch(session: Session, strategy_id: int, symbol_ids: Sequence[int]) -> None:
    """Let it watch these symbols and no others."""
    gone = col(StrategySymbol.symbol_id).not_in(list(symbol_ids))
    session.connection().execute(delete(StrategySymbol).where(col(StrategySymbol.strategy_id) == strategy_id, gone))
    rows = [{"strategy_id": strategy_id, "symbol_id": symbol_id} for symbol_id in symbol_ids]
    if rows:
        session.connection().execute(insert_for(session, StrategySymbol).on_conflict_do_nothing(), rows)


def versions(session: Session, strategy_id: int) -> list[LineageStep]:
    """Every version of its settings that was stored by a person, oldest first; `parameters` holds them whole."""
    query = select(LineageStep).where(LineageStep.entity == "strategy", LineageStep.entity_id == strategy_id)
    return list(session.exec(query.order_by(col(LineageStep.id))))
