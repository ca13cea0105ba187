"""Two runs side by side: which step came out differently, and from which parameters and values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from core.timeframe import Timeframe
from db.models import IndicatorSnapshot, LineageStep, Run, Signal
from db.views.lineage.chain import trace
from db.views.lineage.content import snapshots, steps
from db.views.lineage.subjects import own_steps


@dataclass(frozen=True)
class Pair:
    """One step of both sides, as far as each has it. `label` says which: `Indicators M5`."""

    kind: str
    label: str
    left: LineageStep | None
    right: LineageStep | None

    @property
    def same(self) -> bool:
        """Whether both made exactly the same."""
        return bool(self.left and self.right and self.left.content_hash == self.right.content_hash)


@dataclass(frozen=True)
class Value:
    """One indicator of one timeframe on both sides; None where it was not computed."""

    timeframe: str
    name: str
    left: float | None
    right: float | None


@dataclass(frozen=True)
class Comparison:
    """Two signals or runs. `facts` are (what, left, right) of the runs themselves."""

    facts: list[tuple[str, Any, Any]]
    pairs: list[Pair]
    values: list[Value]

    @property
    def first(self) -> Pair | None:
        """The first step that differs, in the order in which steps follow from each other."""
        return next((pair for pair in self.pairs if not pair.same), None)


def compare(session: Session, entity: str, left: int, right: int) -> Comparison:
    """Two rows of `entity` (`signal` or `run`); what happened to them afterwards is left out."""
    runs = _run(session, entity, left), _run(session, entity, right)
    sides = _made(session, entity, left), _made(session, entity, right)
    return Comparison(_facts(*runs), _pairs(*sides), _values(session, *runs))


def comparable(session: Session, entity: str, entity_id: int, limit: int) -> list[int]:
    """Ids of the newest others of the same strategy and symbol, newest first."""
    if entity not in ("signal", "run"):
        return []
    model: Any = Signal if entity == "signal" else Run
    row = session.get(model, entity_id)
    if row is None or row.strategy_id is None:
        return []
    query = select(model.id).where(
        col(model.strategy_id) == row.strategy_id, col(model.symbol_id) == row.symbol_id, col(model.id) != entity_id
    )
    if model is Signal:
        query = query.where(col(Signal.deleted_at).is_(None))
    return [one for one in session.exec(query.order_by(col(model.id).desc()).limit(limit)) if one is not None]


def _run(session: Session, entity: str, entity_id: int) -> Run | None:
    if entity == "run":
        return session.get(Run, entity_id)
    signal = session.get(Signal, entity_id)
    return None if signal is None else session.get(Run, signal.run_id)


def _made(session: Session, entity: str, entity_id: int) -> list[LineageStep]:
    """The steps up to the signal, those of a run all that it recorded."""
    own = own_steps(session, entity, entity_id)
    if entity == "run":
        return steps(session, own)
    chain = trace(session, own)
    wanted, queue = set[int](), [one for one in own if chain.by_id[one].kind == "signal"]
    while queue:
        one = queue.pop()
        if one not in wanted:
            wanted.add(one)
            queue += chain.parents.get(one, [])
    return steps(session, wanted)


def _pairs(left: Iterable[LineageStep], right: Iterable[LineageStep]) -> list[Pair]:
    one, other = _named(left), _named(right)
    # The order of the left side, and what only the right one has behind it.
    return [Pair(key[0], _label(key), one.get(key), other.get(key)) for key in dict.fromkeys([*one, *other])]


def _named(found: Iterable[LineageStep]) -> dict[tuple[str, str, int], LineageStep]:
    """Steps by kind, timeframe and, where several have both in common, their number."""
    seen: Counter[tuple[str, str]] = Counter()
    named: dict[tuple[str, str, int], LineageStep] = {}
    for step in found:
        key = (step.kind, str(step.inputs.get("timeframe") or ""))
        named[(*key, seen[key])] = step
        seen[key] += 1
    return named


def _label(key: tuple[str, str, int]) -> str:
    kind, timeframe, number = key
    return " ".join(part for part in (kind.capitalize(), timeframe, str(number + 1) if number else "") if part)


def _facts(left: Run | None, right: Run | None) -> list[tuple[str, Any, Any]]:
    def both(name: str, read: Any) -> tuple[str, Any, Any]:
        return name, None if left is None else read(left), None if right is None else read(right)

    return [
        both("Run", lambda run: run.id),
        both("Slot", lambda run: run.slot),
        both("Status", lambda run: run.status),
        both("Settings' version", lambda run: run.result.get("version")),
        both("Code", lambda run: run.code_version),
        both("Bars", lambda run: str(run.result.get("bars_hash") or "")[:12] or None),
        both("Outcome", lambda run: run.error or run.result.get("reason")),
    ]


def _values(session: Session, left: Run | None, right: Run | None) -> list[Value]:
    one, other = _by_timeframe(session, left), _by_timeframe(session, right)
    found = []
    for timeframe in sorted({*one, *other}):
        mine, yours = one.get(timeframe, {}), other.get(timeframe, {})
        name = Timeframe(timeframe).name
        found += [Value(name, key, mine.get(key), yours.get(key)) for key in dict.fromkeys([*mine, *yours])]
    return found


def _by_timeframe(session: Session, run: Run | None) -> dict[int, dict[str, float | None]]:
    rows: list[IndicatorSnapshot] = [] if run is None else snapshots(session, run.id or 0)
    return {row.timeframe: row.values for row in rows}
