"""What went into a scan, and the lineage of the signal it made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from core.bars import Bars
from core.indicators.snapshot import last_values
from core.scan import ScanResult
from core.strategies.base import Strategy
from core.strategies.plugin import PluginStrategy
from core.timeframe import Timeframe
from db.store.lineage import Step, add_step
from db.store.patterns import as_records

WINDOW = 500
"""Bars of each timeframe that a scan sees."""


@dataclass(frozen=True)
class ScanInput:
    """Everything a scan reads, as of its slot (UTC ms); `version` is that of the strategy's settings."""

    strategy_id: int
    symbol_id: int
    slot: int
    symbol: str
    tick_size: float
    strategy: Strategy
    bars: Mapping[Timeframe, Bars]
    version: int = 1


@dataclass(frozen=True)
class Mark:
    """When one part of a scan (`bars`, `events`, `indicators`, `votes`) began and ended."""

    part: str
    timeframe: Timeframe | None
    started_at: datetime
    finished_at: datetime


def trace_signal(
    session: Session, run_id: int, signal_id: int, given: ScanInput, result: ScanResult, marks: Sequence[Mark]
) -> None:
    """The chain of one signal: bars, events and indicators of each timeframe, the votes, the signal."""
    made = result.verdict.suggestion
    assert made is not None
    when = {(mark.part, mark.timeframe): (mark.started_at, mark.finished_at) for mark in marks}
    evidence_steps: list[int] = []
    for timeframe, view in result.views.items():
        span = {"symbol": given.symbol, "timeframe": timeframe.name}
        bars = _step(
            session, run_id, "bars", f"{given.symbol} {timeframe.name}", when["bars", timeframe],
            inputs={**span, "slot": given.slot}, parameters={"count": WINDOW},
            output={"first": int(view.bars.time[0]), "last": int(view.bars.time[-1]), "count": len(view.bars)},
            content=view.bars,
        )  # fmt: skip
        events = _step(
            session, run_id, "events", f"Events {timeframe.name}", when["events", timeframe], parents=[bars],
            inputs=span, parameters=asdict(given.strategy.detector(timeframe)),
            output={"events": len(view.log), "status rows": len(view.log.statuses)}, content=as_records(view.log),
        )  # fmt: skip
        columns = dict(view.indicators)
        indicators = _step(
            session, run_id, "indicators", f"Indicators {timeframe.name}", when["indicators", timeframe],
            parents=[bars], inputs=span, parameters={"names": list(columns)}, output=last_values(columns),
            content=columns,
        )  # fmt: skip
        evidence_steps += [events, indicators]
    votes = _step(
        session, run_id, "votes", "Votes and confidence", when["votes", None], parents=evidence_steps,
        inputs=_strategy(given), parameters=given.strategy.parameters(),
        output={"confidence": made.confidence, "band": made.band, "reason": result.verdict.reason}, content=made.votes,
    )  # fmt: skip
    _step(
        session, run_id, "signal", f"Signal {signal_id}", when["votes", None], parents=[votes],
        entity=("signal", signal_id), inputs={"zone": made.source_key}, parameters={"tick_size": given.tick_size},
        output={"entry": made.entry, "stop": made.stop, "target": made.targets[0].price, "as_of": made.as_of},
        content=made,
    )  # fmt: skip


def _strategy(given: ScanInput) -> dict[str, Any]:
    """What judged: the settings' version and, for a strategy of the user's own, the hash of its file."""
    told = {"strategy": given.strategy_id, "version": given.version, "symbol": given.symbol}
    return told | ({"source": given.strategy.source} if isinstance(given.strategy, PluginStrategy) else {})


def _step(
    session: Session,
    run_id: int,
    kind: str,
    name: str,
    when: tuple[datetime, datetime],
    *,
    parents: Sequence[int] = (),
    entity: tuple[str | None, int | None] = (None, None),
    **details: Any,
) -> int:
    step = Step(
        kind=kind,
        name=name,
        run_id=run_id,
        entity=entity[0],
        entity_id=entity[1],
        started_at=when[0],
        finished_at=when[1],
        **details,
    )
    return add_step(session, step, parents)
