"""What trading on paper costs on a symbol: set it, or go back to what holds for the asset class."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Final

from sqlalchemy import Engine
from sqlmodel import Session

from core.errors import EditConflictError
from db.engine import writer
from db.models import Symbol
from db.store.lineage.steps import settings_step, steps_of
from db.store.orders.costs import (
    PaperCosts,
    asset_class,
    check_costs,
    check_price,
    default_costs,
    lock_costs,
    own_costs,
    put_costs,
)
from db.store.orders.market import last_bar
from db.store.revision import bump
from db.store.symbols import get_symbol

ENTITY: Final = "paper_costs"
"""Of the steps that tell how costs were; their number is the symbol's."""


def save_costs(
    engine: Engine, symbol_id: int, costs: PaperCosts | None, seen: PaperCosts | None, now: datetime
) -> None:
    """Set the costs of a symbol; None: those of its asset class again. The paper broker uses them with the next bar
    that it reads. `seen` is what the symbol had of its own when the person began to change it.

    The costs of all symbols share a row and its time: what is compared is the costs, so that a change of another symbol
    is no conflict.

    Raises:
        NotFoundError: no such symbol.
        DeskError: a figure that cannot be.
        EditConflictError: somebody saved others meanwhile; carries (theirs, yours) of each figure that differs.
    """
    if costs is not None:
        check_costs(costs)
    with writer(engine) as session:
        symbol = get_symbol(session, symbol_id)
        lock_costs(session, now)
        before = own_costs(session, symbol)
        if before == costs:
            return
        if before != seen:
            raise _conflict(symbol, before, costs)
        last = last_bar(session, symbol)
        if costs is not None and last is not None:
            check_price(symbol, costs, last.price)
        put_costs(session, symbol, costs, now)
        _trace(session, symbol, costs, now)
        bump(session)


def _conflict(symbol: Symbol, before: PaperCosts | None, wanted: PaperCosts | None) -> EditConflictError:
    theirs, mine = (asdict(one or default_costs(symbol)) for one in (before, wanted))
    fields: dict[str, tuple[object, object]] = {
        name: (theirs[name], mine[name]) for name in mine if theirs[name] != mine[name]
    }
    told = f"Somebody changed the costs of {symbol.name} meanwhile: look at them and decide again."
    return EditConflictError(told, fields, symbol.id)


def _trace(session: Session, symbol: Symbol, costs: PaperCosts | None, now: datetime) -> None:
    symbol_id = symbol.id or 0
    version = len(steps_of(session, ENTITY, symbol_id)) + 1
    whose = f"default of {asset_class(symbol)}" if costs is None else "own"
    content = {"symbol": symbol.name, "costs": whose} | asdict(costs or default_costs(symbol))
    name = f"Paper costs of {symbol.name}, version {version}"
    settings_step(session, ENTITY, symbol_id, version, content, now, name)
