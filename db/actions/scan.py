"""A scan's results, written whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Engine, Executable, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from core.errors import NotFoundError
from core.indicators.snapshot import last_values
from core.lineage import content_hash
from core.scan import ScanResult
from core.strategies.base import Suggestion
from core.timeframe import Timeframe
from db.actions.scan_trace import WINDOW, Mark, ScanInput, trace_signal
from db.conflict import insert_for
from db.engine import snapshot, writer
from db.models import IndicatorSnapshot, Run, Signal, SignalVote, Strategy, Symbol
from db.plugins import strategy_of
from db.store.bars.series import read_bars
from db.store.bars.versions import newest_change
from db.store.patterns import append_events
from db.store.revision import bump
from db.version import code_version


def load_scan(engine: Engine, strategy_id: int, symbol_id: int, slot: int) -> ScanInput:
    """Read the strategy and the bars that were complete at `slot`.

    Raises:
        NotFoundError: no such strategy or symbol.
        ParameterError: the stored parameters do not make a strategy, or there is no such kind any more.
        StrategyError: the user's own file cannot be used.
    """
    with snapshot(engine) as session:
        row, symbol = session.get(Strategy, strategy_id), session.get(Symbol, symbol_id)
        if row is None or symbol is None:
            raise NotFoundError(f"strategy {strategy_id} or symbol {symbol_id} does not exist any more.")
        code = strategy_of(row.kind, row.parameters)
        bars = {
            timeframe: read_bars(session, symbol_id, timeframe, until=slot, count=WINDOW)
            for timeframe in code.timeframes
        }
        return ScanInput(
            strategy_id, symbol_id, slot, symbol.name, symbol.tick_size, code, bars, row.version, row.kind,
            newest_change(session, symbol_id),
        )  # fmt: skip


def record_scan(engine: Engine, given: ScanInput, result: ScanResult, marks: Sequence[Mark]) -> int | None:
    """Store a finished scan in one transaction; returns the id of the signal it made, if any.

    The slot is claimed by the insert of its run: a second scan of the same slot, or one that was retried after its
    commit, writes nothing.
    """
    # Whatever can be worked out is, before the transaction: on SQLite nobody else writes while it lasts.
    bars = {timeframe: content_hash(found) for timeframe, found in given.bars.items()}
    run = _run(given, result, marks, bars)
    with writer(engine) as session:
        run_id = _upsert_run(session, **run)
        if run_id is None:
            return None
        for timeframe, view in result.views.items():
            if len(view.bars):
                settings = given.strategy.detector(timeframe)
                append_events(session, given.symbol_id, timeframe, settings, view.log, view.bars.as_of)
        if result.verdict.suggestion is None:
            return None
        signal_id = _insert_signal(session, given, run_id, result.verdict.suggestion)
        if signal_id is not None:
            _insert_details(session, run_id, signal_id, given, result)
            trace_signal(session, run_id, signal_id, given, result, marks, bars)
            bump(session)
        return signal_id


def record_failure(
    engine: Engine, strategy_id: int, symbol_id: int, slot: int, error: BaseException, times: tuple[datetime, datetime]
) -> None:
    """Store that the scan of a slot failed, with the reason; a later success takes the row over."""
    with writer(engine) as session:
        _upsert_run(
            session,
            strategy_id=strategy_id,
            symbol_id=symbol_id,
            slot=slot,
            status="failed",
            started_at=times[0],
            finished_at=times[1],
            result={},
            error=f"{type(error).__name__}: {error}",
        )
        bump(session)


def done_slots(session: Session, strategy_id: int, symbol_id: int, since: int) -> set[int]:
    """The slots from `since` (UTC ms) on that were scanned."""
    query = select(Run.slot).where(
        Run.strategy_id == strategy_id, Run.symbol_id == symbol_id, col(Run.slot) >= since, Run.status == "done"
    )
    return {slot for slot in session.exec(query) if slot is not None}


def _run(given: ScanInput, result: ScanResult, marks: Sequence[Mark], bars: Mapping[Timeframe, str]) -> dict[str, Any]:
    seen = {
        timeframe.name: {"bars": len(view.bars), "as_of": view.bars.as_of if len(view.bars) else None}
        for timeframe, view in result.views.items()
    }
    return {
        "strategy_id": given.strategy_id,
        "symbol_id": given.symbol_id,
        "slot": given.slot,
        "status": "done",
        "started_at": marks[0].started_at,
        "finished_at": marks[-1].finished_at,
        "result": {
            "reason": result.verdict.reason,
            "seen": seen,
            "bars_hash": content_hash({timeframe.name: digest for timeframe, digest in bars.items()}),
            "version": given.version,
        },
        "error": None,
    }


def _upsert_run(session: Session, **values: Any) -> int | None:
    """Insert the run of a slot, or take over a failed one; None when the slot is done already."""
    row = {"kind": "scan", "code_version": code_version(), **values}
    statement = _upsert(session.get_bind().dialect.name, tuple(row))
    found: int | None = session.execute(statement, row).scalar_one_or_none()
    return found


@lru_cache(maxsize=8)
def _upsert(dialect: str, names: tuple[str, ...]) -> Executable:
    """The statement, made once: making it takes longer than running it."""
    table = Run.metadata.tables[str(Run.__tablename__)]
    statement = (postgresql if dialect == "postgresql" else sqlite).insert(table)
    upsert: Executable = statement.on_conflict_do_update(
        index_elements=["strategy_id", "symbol_id", "slot"],
        set_={name: statement.excluded[name] for name in names},
        where=table.c.status == "failed",
    ).returning(table.c.id)
    return upsert


def _insert_signal(session: Session, given: ScanInput, run_id: int, made: Suggestion) -> int | None:
    """Store the suggestion; None when an earlier scan suggested this zone already."""
    # Asked first, because on PostgreSQL an insert that meets a conflict uses up an id, and people read these.
    known = select(Signal.id).where(
        Signal.strategy_id == given.strategy_id,
        Signal.symbol_id == given.symbol_id,
        Signal.source_key == made.source_key,
    )
    if session.exec(known).first() is not None:
        return None
    row = {
        "strategy_id": given.strategy_id,
        "symbol_id": given.symbol_id,
        "run_id": run_id,
        "source_key": made.source_key,
        "timeframe": int(made.timeframe),
        "direction": made.direction,
        "entry_type": made.entry_type,
        "entry": made.entry,
        "stop": made.stop,
        "target": made.targets[0].price,
        "targets": [asdict(target) for target in made.targets],
        "reward_risk": made.targets[0].r,
        "confidence": made.confidence,
        "band": made.band,
        "as_of": made.as_of,
        "expires_at": made.expires_at,
        "status": "new",
        "evidence": [asdict(item) for item in made.evidence],
        "created_at": session.get_one(Run, run_id).finished_at,
    }
    statement = insert_for(session, Signal).values(row).on_conflict_do_nothing().returning(col(Signal.id))
    return session.execute(statement).scalar_one_or_none()


def _insert_details(session: Session, run_id: int, signal_id: int, given: ScanInput, result: ScanResult) -> None:
    made = result.verdict.suggestion
    assert made is not None
    session.execute(insert(SignalVote), [{"signal_id": signal_id, **asdict(vote)} for vote in made.votes])
    snapshots = [
        {
            "run_id": run_id,
            "timeframe": int(timeframe),
            "as_of": view.bars.as_of,
            "values": last_values(dict(view.indicators)),
        }
        for timeframe, view in result.views.items()
        if len(view.bars)
    ]
    session.execute(insert(IndicatorSnapshot), snapshots)
