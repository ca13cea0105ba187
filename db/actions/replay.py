"""Compute a signal once more from what its scan noted, and say where it comes out differently."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from core.bar_difference import difference
from core.bar_pack import unpack
from core.bars import Bars
from core.errors import BarsError, ChartroomError, NotFoundError
from core.lineage import content_hash
from core.scan import scan
from core.scan_parts import Part, hashes
from core.strategies.plugin import PluginStrategy
from core.timeframe import Timeframe
from db.actions.scan_trace import PACKED
from db.engine import snapshot, writer
from db.models import LineageStep, Replay, Signal
from db.plugins import strategy_of
from db.store.bars.versions import read_bars_seen
from db.store.revision import bump
from db.version import code_version

EARLIER: Final = "It cannot be replayed: an earlier version of Chartroom made it, which did not note what it saw."
PERSON: Final = "person"
NIGHTLY: Final = "nightly"
_PARTS: Final = ("bars", "events", "indicators", "votes", "signal")


@dataclass(frozen=True)
class Findings:
    """What a replay found; `step` None and not identical: it could not be replayed, and `detail` says why."""

    identical: bool
    step: str | None = None
    detail: str = ""
    hashes: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def replay_signal(engine: Engine, signal_id: int, now: datetime, by: str = PERSON) -> Replay:
    """Recompute a signal from the bars as its scan saw them and store how that came out.

    A nightly replay is stored once a day (UTC) and signal: the one that is there is returned.

    Raises:
        NotFoundError: there is no such signal.
    """
    began = time.perf_counter()
    try:
        found = compare(engine, signal_id)
    except NotFoundError:
        raise
    except ChartroomError as error:
        found = Findings(False, detail=f"It cannot be replayed: {error.message}")
    row = Replay(
        signal_id=signal_id,
        by=by,
        identical=found.identical,
        step=found.step,
        detail=found.detail,
        hashes={name: list(pair) for name, pair in found.hashes.items()},
        code_version=code_version(),
        started_at=now,
        finished_at=now + timedelta(seconds=time.perf_counter() - began),
    )
    with writer(engine) as session:
        if session.get(Signal, signal_id, with_for_update={"key_share": True}) is None:
            raise _gone(signal_id)
        before = _tonight(session, signal_id, now) if by == NIGHTLY else None
        if before is not None:
            return before
        session.add(row)
        bump(session)
    return row


def compare(engine: Engine, signal_id: int) -> Findings:
    """Recompute a signal and compare every part with its step; nothing is written. Errors as `replay_signal`."""
    with snapshot(engine) as session:
        signal = session.get(Signal, signal_id)
        if signal is None:
            raise _gone(signal_id)
        steps = _steps(session, signal)
        if not is_replayable(steps):
            return Findings(False, detail=EARLIER)
        bars = {
            part[1]: read_bars_seen(session, step, step.parameters["count"])
            for part, step in steps.items()
            if part[0] == "bars" and part[1]
        }
    judged = steps["votes", None]
    known = {timeframe: content_hash(seen) for timeframe, seen in bars.items()}
    now: dict[Part, str] = {("bars", timeframe): digest for timeframe, digest in known.items()}
    source, refusal = None, ""
    try:
        strategy = strategy_of(judged.inputs["kind"], judged.parameters)
        source = strategy.source if isinstance(strategy, PluginStrategy) else None
        now |= hashes(scan(strategy, bars, steps["signal", None].parameters["tick_size"]), known)
    except ChartroomError as error:
        refusal = f"The strategy cannot judge any more: {error.message}"
    pairs = {part: (step.content_hash, now.get(part, "")) for part, step in steps.items()}
    named = {_name(part): pair for part, pair in pairs.items()}
    # Bars before all else: changed ones may be such that no strategy judges them, or differ beside another code.
    differing = sorted(
        (part for part, (then, again) in pairs.items() if then != again), key=lambda one: one[0] != "bars"
    )
    if differing and differing[0][0] == "bars":
        return Findings(False, _name(differing[0]), _why(differing[0], steps, bars, source), named)
    if refusal:
        return Findings(False, "votes", refusal)
    if not differing:
        return Findings(True, hashes=named)
    return Findings(False, _name(differing[0]), _why(differing[0], steps, bars, source), named)


def is_replayable(steps: Mapping[Part, LineageStep]) -> bool:
    """Whether the scan noted all that a replay needs."""
    seen = [step for part, step in steps.items() if part[0] == "bars"]
    judged, signal = steps.get(("votes", None)), steps.get(("signal", None))
    return (
        bool(seen)
        and all("version" in step.inputs and PACKED in step.output for step in seen)
        and judged is not None
        and "kind" in judged.inputs
        and signal is not None
        and "tick_size" in signal.parameters
    )


def _steps(session: Session, signal: Signal) -> dict[Part, LineageStep]:
    """The steps of the signal's scan, in their order, by part."""
    query = select(LineageStep).where(LineageStep.run_id == signal.run_id, col(LineageStep.kind).in_(_PARTS))
    found: dict[Part, LineageStep] = {}
    for step in session.exec(query.order_by(col(LineageStep.id))):
        name = step.inputs.get("timeframe") if step.kind in _PARTS[:3] else None
        found[step.kind, Timeframe.parse(name) if name else None] = step
    return found


def _why(first: Part, steps: Mapping[Part, LineageStep], bars: Mapping[Timeframe, Bars], source: str | None) -> str:
    """A sentence or two about the first part that differs."""
    step = steps[first]
    if first[0] == "bars" and first[1] is not None:
        try:
            then = unpack(step.output[PACKED], first[1])
        except BarsError as error:
            return f"The bars are others than then; which of them cannot be said: {error.message}"
        told = difference(then, bars[first[1]])
        return f"{step.name.split()[0]} {told}" if told else "The bars differ in the bits of their numbers."
    judged = steps["votes", None]
    if first[0] in ("votes", "signal") and source != judged.inputs.get("source"):
        return f"The file {judged.inputs['kind']}.py was changed since, and now judges differently."
    if step.code_version != code_version():
        return f"The bars are the same; the code is another: {step.code_version} then, {code_version()} now."
    return "Bars and code are the same, and it still comes out differently: its record was changed, or the code is not."


def _name(part: Part) -> str:
    return part[0] if part[1] is None else f"{part[0]} {part[1].name}"


def _tonight(session: Session, signal_id: int, now: datetime) -> Replay | None:
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    query = select(Replay).where(Replay.signal_id == signal_id, Replay.by == NIGHTLY, Replay.started_at >= midnight)
    return session.exec(query).first()


def _gone(signal_id: int) -> NotFoundError:
    return NotFoundError(f"There is no signal {signal_id}: see the Signals page for those there are.", signal_id)
