"""What a person does with strategies: create, copy, edit, switch on and off, run now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from core import jobs
from core.errors import ConflictError, DeskError, ParameterError, StrategyError
from core.schedule import next_times
from core.strategies.base import Strategy as Code
from core.timeframe import Timeframe
from db.engine import reader, writer
from db.models import Strategy, Symbol
from db.plugins import strategy_of
from db.store.lineage.steps import Step, add_step
from db.store.revision import bump
from db.store.strategies import change_strategy, get_strategy, has_signals, symbols_of, watch

NAME_LENGTH = 80


@dataclass(frozen=True)
class StrategyDraft:
    """A strategy as the form gives it; `parameters` that are not given take their defaults."""

    name: str
    kind: str
    schedule: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    symbol_ids: Sequence[int] = ()
    active: bool = True


def create_strategy(engine: Engine, draft: StrategyDraft, now: datetime) -> int:
    """Store a new strategy with its symbols; returns its id.

    Raises:
        ConflictError: the name is taken.
        DeskError: name, kind, parameters, schedule or symbols cannot be; nothing was written.
    """
    with writer(engine) as session:
        values = _checked(session, draft)
        strategy = Strategy(**values, active=draft.active, created_at=now)
        session.add(strategy)
        _flush(session, draft.name)
        strategy_id = strategy.id or 0
        watch(session, strategy_id, draft.symbol_ids)
        _trace(session, strategy_id, 1, values, draft.symbol_ids, now)
        bump(session)
        return strategy_id


def copy_strategy(engine: Engine, strategy_id: int, name: str, now: datetime) -> int:
    """A copy under another name, switched off; returns its id. Errors as `create_strategy`."""
    with reader(engine) as session:
        found = get_strategy(session, strategy_id)
        symbol_ids = [symbol.id or 0 for symbol in symbols_of(session, strategy_id)]
    draft = StrategyDraft(name, found.kind, found.schedule, found.parameters, symbol_ids, active=False)
    return create_strategy(engine, draft, now)


def edit_strategy(engine: Engine, strategy_id: int, version: int, draft: StrategyDraft, now: datetime) -> int:
    """Replace the settings of a strategy of which the person saw `version`; returns the new version.

    A strategy that made signals keeps its kind, so that its record stays that of one thing; its signals keep the
    parameters they were made with in their lineage. Scans that were done already are not done again.

    Raises:
        NotFoundError: there is no such strategy.
        ConflictError: it was changed since, or the name is taken.
        DeskError: the draft cannot be; nothing was written.
    """
    with writer(engine) as session:
        before = get_strategy(session, strategy_id)
        values = _checked(session, draft)
        if draft.kind != before.kind and has_signals(session, strategy_id):
            raise DeskError(f"'{before.name}' has signals of {before.kind}: copy it to use {draft.kind}.", draft.kind)
        try:
            with session.begin_nested():
                after = change_strategy(session, strategy_id, version, **values, active=draft.active)
        except IntegrityError as error:
            raise _taken(draft.name) from error
        watch(session, strategy_id, draft.symbol_ids)
        _trace(session, strategy_id, after, values, draft.symbol_ids, now)
        bump(session)
        return after


def set_active(engine: Engine, strategy_id: int, version: int, active: bool) -> int:
    """Switch a strategy of which the person saw `version` on or off; returns the new version.

    Raises:
        NotFoundError: there is no such strategy.
        ConflictError: it was changed since.
        DeskError: it cannot be switched on, because its code or parameters cannot be used.
    """
    with writer(engine) as session:
        found = get_strategy(session, strategy_id)
        if active:
            _code(found.kind, found.parameters)
        after = change_strategy(session, strategy_id, version, active=active)
        bump(session)
        return after


def run_now(engine: Engine, strategy_id: int, now: datetime) -> list[jobs.Job]:
    """The jobs that scan every symbol of a strategy as of now, also while it is switched off; the page submits them.

    Raises:
        NotFoundError: there is no such strategy.
        DeskError: it watches no symbol, or its code or parameters cannot be used.
    """
    moment = int(now.timestamp()) * 1000
    with reader(engine) as session:
        found = get_strategy(session, strategy_id)
        _code(found.kind, found.parameters)
        symbols = symbols_of(session, strategy_id)
    if not symbols:
        raise DeskError(f"'{found.name}' watches no symbol: edit it and choose some.", strategy_id)
    return [jobs.scan_now(strategy_id, symbol.id or 0, moment, f"{found.name} on {symbol.name}") for symbol in symbols]


def _checked(session: Session, draft: StrategyDraft) -> dict[str, Any]:
    """The draft as column values, its parameters complete."""
    name = draft.name.strip()
    if not name or len(name) > NAME_LENGTH:
        raise DeskError(f"A strategy needs a name of at most {NAME_LENGTH} characters.", draft.name)
    code = _code(draft.kind, draft.parameters)
    schedule = " ".join(draft.schedule.split())
    try:
        next_times(schedule, 0, 1)
    except ParameterError as error:
        raise _refused(error) from error
    _check_symbols(session, draft.symbol_ids, code.entry_timeframe)
    return {"name": name, "kind": draft.kind, "parameters": code.parameters(), "schedule": schedule}


def _code(kind: str, parameters: Mapping[str, Any]) -> Code:
    try:
        return strategy_of(kind, parameters)
    except (ParameterError, StrategyError) as error:
        raise _refused(error) from error


def _check_symbols(session: Session, symbol_ids: Sequence[int], entry: Timeframe) -> None:
    found = {symbol.id: symbol for symbol in session.exec(select(Symbol).where(col(Symbol.id).in_(list(symbol_ids))))}
    for symbol_id in symbol_ids:
        symbol = found.get(symbol_id)
        if symbol is None:
            raise DeskError(f"Symbol {symbol_id} does not exist: choose symbols from the list.", symbol_id)
        if symbol.base_timeframe is not None and symbol.base_timeframe > entry:
            finest = Timeframe(symbol.base_timeframe).name
            raise DeskError(
                f"{symbol.name} has bars from {finest} up and the strategy enters on {entry.name}: "
                "choose a longer entry timeframe, or leave the symbol out.",
                symbol_id,
            )


def _flush(session: Session, name: str) -> None:
    try:
        with session.begin_nested():
            session.flush()
    except IntegrityError as error:
        raise _taken(name) from error


def _taken(name: str) -> ConflictError:
    return ConflictError(f"There is a strategy '{name.strip()}' already: choose another name.", name)


def _refused(error: ParameterError | StrategyError) -> DeskError:
    return DeskError(error.message[:1].upper() + error.message[1:], error.subject)


def _trace(
    session: Session, strategy_id: int, version: int, values: dict[str, Any], symbol_ids: Sequence[int], now: datetime
) -> None:
    """Keep every version of the settings."""
    content = {name: values[name] for name in ("kind", "parameters", "schedule")} | {"symbols": sorted(symbol_ids)}
    step = Step(
        kind="settings",
        name=f"{values['name']}, version {version}",
        started_at=now,
        finished_at=now,
        entity="strategy",
        entity_id=strategy_id,
        inputs={"kind": values["kind"], "symbols": sorted(symbol_ids)},
        parameters=values["parameters"],
        output={"version": version, "schedule": values["schedule"]},
        content=content,
    )
    add_step(session, step)
