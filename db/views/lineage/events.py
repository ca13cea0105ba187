"""What an exported run is about: its strategy and symbol, the bars it read, and what it made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from core.timeframe import Timeframe
from db.models import LineageStep, Run, Strategy, Symbol


@dataclass(frozen=True)
class BarsRead:
    """Bars of one timeframe that a run read or wrote; `as_of` (UTC ms) is the last close. `content_hash` is theirs
    where a step recorded it.
    """

    timeframe: str
    count: int
    as_of: int | None
    content_hash: str | None


@dataclass(frozen=True)
class RunFacts:
    """One run. `signals` and `votes` count what it made; their hashes are those of the steps."""

    run: Run
    strategy: Strategy | None
    symbol: Symbol | None
    bars: list[BarsRead]
    signals: list[str]
    votes: list[str]


def run_facts(session: Session, runs: Sequence[Run]) -> list[RunFacts]:
    """The facts of each of these runs, in their order."""
    strategies = {one.id: one for one in session.execute(select(Strategy)).scalars()}
    wanted = {run.symbol_id for run in runs if run.symbol_id is not None}
    symbols = {one.id: one for one in session.execute(select(Symbol).where(col(Symbol.id).in_(wanted))).scalars()}
    row = LineageStep
    # Not the whole steps: the output of bars holds all of them.
    query = select(col(row.run_id), col(row.kind), col(row.inputs), col(row.content_hash)).where(
        col(row.run_id).in_([run.id for run in runs]), col(row.kind).in_(("bars", "votes", "signal"))
    )
    steps: dict[int | None, list[_Made]] = {}
    for run_id, kind, inputs, content_hash in session.execute(query.order_by(col(row.id))):
        steps.setdefault(run_id, []).append(_Made(kind, str(inputs.get("timeframe") or ""), content_hash))
    return [
        _facts(run, strategies.get(run.strategy_id), symbols.get(run.symbol_id), steps.get(run.id, [])) for run in runs
    ]


def newest_runs(session: Session, since: datetime, after: int, limit: int) -> list[Run]:
    """Runs with an id above `after` that began at `since` or later, the oldest first."""
    query = select(Run).where(col(Run.id) > after, col(Run.started_at) >= since).order_by(col(Run.id)).limit(limit)
    return list(session.execute(query).scalars())


@dataclass(frozen=True)
class _Made:
    kind: str
    timeframe: str
    content_hash: str


def _facts(run: Run, strategy: Strategy | None, symbol: Symbol | None, steps: list[_Made]) -> RunFacts:
    hashes = {step.timeframe: step.content_hash for step in steps if step.kind == "bars"}
    made = {kind: [step.content_hash for step in steps if step.kind == kind] for kind in ("signal", "votes")}
    return RunFacts(run, strategy, symbol, _bars(run, hashes), made["signal"], made["votes"])


def _bars(run: Run, hashes: dict[str, str]) -> list[BarsRead]:
    if run.kind == "import":
        frame = str(run.result.get("timeframe") or "")
        last = run.result.get("last")
        as_of = Timeframe[frame].close_time(last) if frame in Timeframe.__members__ and isinstance(last, int) else None
        return [BarsRead(frame, int(run.result.get("rows") or 0), as_of, next(iter(hashes.values()), None))]
    seen = run.result.get("seen") or {}
    return [BarsRead(name, int(one["bars"]), one.get("as_of"), hashes.get(name)) for name, one in seen.items()]
