"""What the Strategies page shows: every strategy with its last run and its record, and the runs of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, exists, func, select
from sqlmodel import Session, col

from core.signals.outcome import State
from db.models import Run, Signal, SignalOutcome, Strategy, StrategySymbol, Symbol
from db.store.signals import shown

ENDED = tuple(state.value for state in (State.TARGET, State.STOP, State.EXPIRED))
SCAN = "scan"


@dataclass(frozen=True)
class Record:
    """How the followed signals of a strategy ended: `ended` cases, of which `hits` met the target; mean result in R."""

    ended: int = 0
    hits: int = 0
    average_r: float | None = None


@dataclass(frozen=True)
class RunLine:
    """One scan; `outcome` is the strategy's sentence, or what went wrong when it `failed`."""

    id: int
    symbol: str
    slot: int
    failed: bool
    outcome: str
    started_at: datetime
    finished_at: datetime
    signal_id: int | None


@dataclass(frozen=True)
class StrategyLine:
    """One strategy of the list; `symbols` by name."""

    strategy: Strategy
    symbols: list[str]
    signals: int
    record: Record
    last: RunLine | None


def strategy_lines(session: Session) -> list[StrategyLine]:
    """Every strategy, the active ones first, then by name."""
    found = session.scalars(select(Strategy).order_by(col(Strategy.active).desc(), col(Strategy.name)))
    symbols, signals, records = _symbols(session), _signals(session), _records(session)
    lines = []
    for strategy in found:
        known = strategy.id or 0
        last = runs(session, known, 1)
        lines.append(
            StrategyLine(
                strategy,
                symbols.get(known, []),
                signals.get(known, 0),
                records.get(known, Record()),
                last[0] if last else None,
            )
        )
    return lines


def runs(session: Session, strategy_id: int, limit: int) -> list[RunLine]:
    """The newest scans of a strategy, newest first, each with the signal it made."""
    # Asked first: newest first, the search for a run that is not there would read every run there is.
    if not session.scalar(select(exists().where(col(Run.strategy_id) == strategy_id))):
        return []
    query = (
        select(Run, col(Symbol.name), func.max(col(Signal.id)))
        .join(Symbol, col(Symbol.id) == col(Run.symbol_id))
        .outerjoin(Signal, (col(Signal.run_id) == col(Run.id)) & shown())
        .where(col(Run.id).in_(_newest(strategy_id, limit)))
        .group_by(col(Run.id), col(Symbol.name))
        .order_by(col(Run.id).desc())
    )
    return [_line(run, name, signal_id) for run, name, signal_id in session.execute(query)]


def newest_scan(session: Session) -> tuple[int, datetime | None]:
    """What changes with every scan: the id and the end of the newest one; (0, None) before the first."""
    query = select(col(Run.id), col(Run.finished_at)).where(col(Run.kind) == SCAN).order_by(col(Run.id).desc()).limit(1)
    row = session.execute(query).first()
    return (int(row[0]), row[1]) if row else (0, None)


def symbol_choices(session: Session) -> dict[int, str]:
    """Every symbol's name by id, those that are not from a live market with their source."""
    query = select(col(Symbol.id), col(Symbol.name), col(Symbol.source)).order_by(col(Symbol.name))
    return {
        int(key): f"{name} (sample)" if source == "sample" else str(name)
        for key, name, source in session.execute(query)
    }


def _newest(strategy_id: int, limit: int) -> Any:
    # Limited by itself, so that the join reads no more runs than are shown.
    wanted = (col(Run.kind) == SCAN, col(Run.strategy_id) == strategy_id)
    return select(col(Run.id)).where(*wanted).order_by(col(Run.id).desc()).limit(limit)


def _line(run: Run, symbol: str, signal_id: int | None) -> RunLine:
    failed = run.status == "failed"
    outcome = run.error if failed else run.result.get("reason")
    text = str(outcome or "No reason was recorded.")
    return RunLine(run.id or 0, symbol, run.slot or 0, failed, text, run.started_at, run.finished_at, signal_id)


def _symbols(session: Session) -> dict[int, list[str]]:
    query = (
        select(col(StrategySymbol.strategy_id), col(Symbol.name))
        .join(Symbol, col(Symbol.id) == col(StrategySymbol.symbol_id))
        .order_by(col(Symbol.name))
    )
    found: dict[int, list[str]] = {}
    for strategy_id, name in session.execute(query):
        found.setdefault(int(strategy_id), []).append(str(name))
    return found


def _signals(session: Session) -> dict[int, int]:
    query = select(col(Signal.strategy_id), func.count()).where(shown()).group_by(col(Signal.strategy_id))
    return {int(strategy_id): int(count) for strategy_id, count in session.execute(query)}


def _records(session: Session) -> dict[int, Record]:
    hit = case((col(SignalOutcome.state) == State.TARGET.value, 1), else_=0)
    query = (
        select(col(Signal.strategy_id), func.count(), func.sum(hit), func.avg(col(SignalOutcome.result_r)))
        .join(Signal, col(Signal.id) == col(SignalOutcome.signal_id))
        .where(col(SignalOutcome.state).in_(ENDED), shown())
        .group_by(col(Signal.strategy_id))
    )
    return {int(key): Record(int(ended), int(hits), mean) for key, ended, hits, mean in session.execute(query)}
