"""Bars from a file into the data base."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlmodel import Session

from core.errors import MarketDataError, ParameterError
from core.timeframe import Calendar, Timeframe
from db.actions.follow import follow_signals
from db.actions.outcomes import follow_outcomes
from db.engine import reader, writer
from db.models import Run, Symbol
from db.store.bars.series import UpsertCount, store_bars
from db.store.lineage.steps import Step, add_step
from db.store.revision import bump
from db.store.symbols import find_symbol
from db.store.watching import watch_new_bars
from db.version import code_version
from workers.market.files.check import Checked, check
from workers.market.files.read import read_table
from workers.market.files.table import Rejection
from workers.market.words import symbol_name

CHUNK = 100_000
"""Bars a transaction. A long one would keep SQLite's only write lock from the workers and from the person."""


@dataclass(frozen=True)
class SymbolChoice:
    """What the user says about the symbol; None is not said. It counts when the import makes the symbol."""

    name: str
    currency: str | None = None
    tick_size: float | None = None
    point_value: Decimal | None = None
    lot_step: Decimal | None = None
    calendar: Calendar | None = None
    description: str | None = None

    def said(self) -> dict[str, Any]:
        """The properties that were given, by column name."""
        names = ("currency", "tick_size", "point_value", "lot_step", "calendar", "description")
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}


@dataclass(frozen=True)
class Order:
    """What to import, and how to read it. `day_first` None: the file's own dates decide."""

    path: Path
    symbol: SymbolChoice
    timeframe: Timeframe
    zone: ZoneInfo
    day_first: bool | None = None


@dataclass(frozen=True)
class Report:
    """What became of every line that held something: the four counts add up to `rows`.

    `watchers` are the strategies that can read the symbol since these bars.
    """

    rows: int
    inserted: int
    unchanged: int
    updated: int
    rejected: list[Rejection]
    first: int | None
    last: int | None
    run_id: int
    watchers: list[str]


class Progress(Protocol):
    """Told how far an import is."""

    def read(self, count: int) -> None:
        """`count` more bytes of the file were read."""

    def storing(self, total: int) -> None:
        """All rows are read; `total` bars are to be stored."""

    def stored(self, count: int) -> None:
        """`count` more bars were stored."""


def import_file(engine: Engine, order: Order, clock: Callable[[], datetime], progress: Progress) -> Report:
    """Read the whole file, then store its good bars in transactions of `CHUNK` bars.

    Nothing is written before all of the file was read. Each transaction is complete in itself (bars, the higher
    timeframes above them, the symbol): an import that is stopped leaves whole chunks, and the same command again goes
    on where it stopped, since stored bars count as unchanged. The run and its lineage are written with the last chunk.

    Raises:
        ParameterError: the command's options do not fit the symbol or the file.
        MarketDataError: the file cannot be read, or no row of it is a bar.
    """
    started = clock()
    _check_choice(engine, order.symbol)
    table, layout, sha256 = read_table(order.path, progress.read)
    told = layout.day_first if order.day_first is None else order.day_first
    try:
        checked = check(table, order.timeframe, order.zone, told, int(started.timestamp() * 1000))
    except ParameterError as error:
        raise ParameterError(f"{order.path.name}: {error.message}", order.path) from error
    decimals = table.decimals
    del table
    progress.storing(len(checked.bars))
    count = UpsertCount(unchanged=checked.repeated)
    run_id, watchers = 0, list[str]()
    for part, final in _chunks(checked):
        with writer(engine) as session:
            symbol = _symbol(session, order.symbol, decimals, started)
            before = symbol.base_timeframe
            adjusted = None if checked.adj_close is None else checked.adj_close[part]
            count += store_bars(session, symbol, checked.bars[part], adjusted)
            watchers += watch_new_bars(session, symbol, before)
            if final:
                run_id = _record(session, order, symbol, checked, count, sha256, (started, clock()))
            bump(session)
        progress.stored(part.stop - part.start)
    if run_id:
        follow_signals(engine, symbol.id or 0, clock())
        follow_outcomes(engine, symbol.id or 0, clock())
    return replace(_report(checked, count, run_id), watchers=watchers)


def _chunks(checked: Checked) -> Iterator[tuple[slice, bool]]:
    total = len(checked.bars)
    for begin in range(0, total, CHUNK):
        end = min(begin + CHUNK, total)
        yield slice(begin, end), end == total


def _report(checked: Checked, count: UpsertCount, run_id: int) -> Report:
    bars = checked.bars
    return Report(
        rows=checked.rows,
        inserted=count.inserted,
        unchanged=count.unchanged,
        updated=count.updated,
        rejected=checked.rejected,
        first=int(bars.time[0]) if len(bars) else None,
        last=int(bars.time[-1]) if len(bars) else None,
        run_id=run_id,
        watchers=[],
    )


def _check_choice(engine: Engine, choice: SymbolChoice) -> None:
    """Refuse what cannot work before the file is read."""
    symbol_name(choice.name)
    with reader(engine) as session:
        symbol = find_symbol(session, choice.name)
    if symbol is not None and symbol.source == "sample":
        raise ParameterError(
            f"{choice.name} is one of the sample's symbols: import your bars under another name.", choice.name
        )
    for name, told in choice.said().items():
        if symbol is not None and getattr(symbol, name) != told:
            word, kept = name.replace("_", " "), getattr(symbol, name)
            raise ParameterError(f"{choice.name} already has the {word} {kept}: leave --{name.replace('_', '-')} out.")


def _symbol(session: Session, choice: SymbolChoice, decimals: int, now: datetime) -> Symbol:
    """The stored symbol, or a new one whose tick is the last decimal place that the file shows."""
    symbol = find_symbol(session, choice.name)
    if symbol is None:
        plain: dict[str, Any] = {"tick_size": float(f"1e-{decimals}")} | choice.said()
        plain["calendar"] = (choice.calendar or Calendar.UTC).value
        symbol = Symbol(name=choice.name, source="file", created_at=now, **plain)
        session.add(symbol)
        session.flush()
    return symbol


def _record(
    session: Session,
    order: Order,
    symbol: Symbol,
    checked: Checked,
    count: UpsertCount,
    sha256: str,
    times: tuple[datetime, datetime],
) -> int:
    """The run and its lineage step."""
    report = replace(_report(checked, count, 0), rejected=[])
    counts = {name: getattr(report, name) for name in ("rows", "inserted", "unchanged", "updated", "first", "last")}
    result = counts | {"rejected": len(checked.rejected), "file": order.path.name, "sha256": sha256}
    run = Run(
        kind="import",
        symbol_id=symbol.id,
        status="done",
        started_at=times[0],
        finished_at=times[1],
        code_version=code_version(),
        result=result | {"timeframe": order.timeframe.name},
    )
    session.add(run)
    session.flush()
    if run.id is None:
        raise MarketDataError("the import could not be recorded.", run)
    step = Step(
        kind="bars",
        name=f"Import of {order.path.name}",
        started_at=times[0],
        finished_at=times[1],
        run_id=run.id,
        entity="run",
        entity_id=run.id,
        inputs={"file": order.path.name, "sha256": sha256},
        parameters={"symbol": symbol.name, "timeframe": order.timeframe.name, "time_zone": order.zone.key},
        output=result,
        content=checked.bars,
    )
    add_step(session, step)
    return run.id
