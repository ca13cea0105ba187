"""What went into a scan, and the lineage of the signal it made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlmodel import Session

from core.bar_pack import pack
from core.bars import Bars
from core.indicators.snapshot import last_values
from core.patterns.detect import DetectorSettings
from core.scan import ScanResult
from core.scan_parts import Part, hashes
from core.strategies.base import Strategy
from core.strategies.plugin import PluginStrategy
from core.timeframe import Timeframe
from db.store.lineage.roots import strategy_step
from db.store.lineage.steps import Linked, Step, add_steps

WINDOW = 500
"""Bars of each timeframe that a scan sees."""
PACKED = "packed"
"""Where the output of a `bars` step keeps the bars themselves (see `core.bar_pack`)."""


@dataclass(frozen=True)
class ScanInput:
    """Everything a scan reads, as of its slot (UTC ms), in one snapshot.

    `kind` and `version` are those of the strategy's settings, `bars_version` is the newest change of the symbol's bars.
    """

    strategy_id: int
    symbol_id: int
    slot: int
    symbol: str
    tick_size: float
    strategy: Strategy
    bars: Mapping[Timeframe, Bars]
    version: int = 1
    kind: str = ""
    bars_version: int = 0


@dataclass(frozen=True)
class Mark:
    """When one part of a scan (`bars`, `events`, `indicators`, `votes`) began and ended."""

    part: str
    timeframe: Timeframe | None
    started_at: datetime
    finished_at: datetime


def trace_signal(
    session: Session,
    run_id: int,
    signal_id: int,
    given: ScanInput,
    result: ScanResult,
    marks: Sequence[Mark],
    bars: Mapping[Timeframe, str],
) -> None:
    """The chain of one signal: bars, events and indicators of each timeframe, the votes, the signal.

    It notes what a replay needs to compute the signal again. `bars` are the hashes of the bars.
    """
    when = {(mark.part, mark.timeframe): (mark.started_at, mark.finished_at) for mark in marks}
    digests = dict(hashes(result, dict(bars)))
    linked: list[Linked] = []

    def add(part: Part, name: str, *, after: Sequence[int] = (), parents: Sequence[int] = (), **details: Any) -> int:
        began, ended = when["votes" if part[0] == "signal" else part[0], part[1]]
        step = Step(part[0], name, began, ended, run_id=run_id, **details)
        linked.append(Linked(step, parents, after, digests[part]))
        return len(linked) - 1

    evidence = [at for timeframe in result.views for at in _add_view(add, timeframe, given, result)]
    made = result.verdict.suggestion
    assert made is not None
    parameters = given.strategy.parameters()
    decided = when["votes", None][1]
    settings = strategy_step(session, given.strategy_id, given.version, given.kind, parameters, decided)
    votes = add(
        ("votes", None), "Votes and confidence", after=evidence, parents=[settings],
        inputs=_strategy(given), parameters=parameters,
        output={"confidence": made.confidence, "band": made.band, "reason": result.verdict.reason},
    )  # fmt: skip
    add(
        ("signal", None), f"Signal {signal_id}", after=[votes], entity="signal", entity_id=signal_id,
        inputs={"zone": made.source_key}, parameters={"tick_size": given.tick_size},
        output={"entry": made.entry, "stop": made.stop, "target": made.targets[0].price, "as_of": made.as_of},
    )  # fmt: skip
    add_steps(session, linked)


def _add_view(add: Any, timeframe: Timeframe, given: ScanInput, result: ScanResult) -> list[int]:
    """The steps of one timeframe; returns the places of those that the votes come from."""
    view, name = result.views[timeframe], timeframe.name
    span = {"symbol": given.symbol, "timeframe": name}
    times = view.bars.time
    seen = {"first": int(times[0]), "last": int(times[-1])} if len(times) else {"first": None, "last": None}
    bars = add(
        ("bars", timeframe), f"{given.symbol} {name}",
        inputs={
            **span, "symbol_id": given.symbol_id, "slot": given.slot, "version": given.bars_version,
            "as_of": view.bars.as_of if len(times) else None,
        },
        parameters={"count": WINDOW}, output={**seen, "count": len(times), PACKED: pack(view.bars)},
    )  # fmt: skip
    events = add(
        ("events", timeframe), f"Events {name}", after=[bars], inputs=span,
        parameters=_detector(given.strategy.detector(timeframe)),
        output={"events": len(view.log), "status rows": len(view.log.statuses)},
    )  # fmt: skip
    columns = dict(view.indicators)
    indicators = add(
        ("indicators", timeframe), f"Indicators {name}", after=[bars], inputs=span,
        parameters={"names": list(columns)}, output=last_values(columns),
    )  # fmt: skip
    return [events, indicators]


@lru_cache(maxsize=64)
def _detector(settings: DetectorSettings) -> dict[str, Any]:
    return asdict(settings)


def _strategy(given: ScanInput) -> dict[str, Any]:
    """What judged: kind and version of the settings and, for a strategy of the user's own, the hash of its file."""
    told = {"strategy": given.strategy_id, "kind": given.kind, "version": given.version, "symbol": given.symbol}
    return told | ({"source": given.strategy.source} if isinstance(given.strategy, PluginStrategy) else {})
