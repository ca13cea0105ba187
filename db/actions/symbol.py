"""A new symbol with its first bars."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session, col

from core.bars import Bars, Floats
from core.errors import ConflictError
from db.conflict import insert_for
from db.engine import writer
from db.models import Symbol
from db.store.bars.series import store_bars
from db.store.revision import bump
from db.store.watching import watch_new_bars


def add_symbol(
    engine: Engine, symbol: Symbol, bars: Bars, adj_close: Floats | None, now: datetime, until: int
) -> list[str]:
    """Register a symbol together with its first bars, complete at `until` (UTC ms), in one transaction.

    The bars decide its base timeframe, in which a feed goes on. Returns the names of the strategies that watch it.

    Raises:
        ConflictError: there is a symbol of that name.
    """
    with writer(engine) as session:
        symbol_id = _insert(session, symbol, now)
        if symbol_id is None:
            raise ConflictError(f"There is a symbol {symbol.name} already: choose another --name.", symbol.name)
        stored = session.get_one(Symbol, symbol_id)
        store_bars(session, stored, bars, adj_close, until=until)
        watchers = watch_new_bars(session, stored, None)
        bump(session)
        return watchers


def _insert(session: Session, symbol: Symbol, now: datetime) -> int | None:
    values = symbol.model_dump(exclude={"id", "base_timeframe"}) | {"created_at": now}
    once = (
        insert_for(session, Symbol)
        .values(values)
        .on_conflict_do_nothing(index_elements=["name"])
        .returning(col(Symbol.id))
    )
    return session.execute(once).scalar()
