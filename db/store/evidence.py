"""What was known about a signal when it was made, read from what the scan stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import exists, or_
from sqlmodel import Session, col, select

from core.analyst.evidence import (
    BarSeen,
    EventSeen,
    IndicatorValue,
    Note,
    PriceLevel,
    PriceTarget,
    SignalEvidence,
    Structure,
    VoteCast,
)
from core.bars import Bars
from core.errors import ParameterError, StrategyError
from core.lineage import content_hash
from core.patterns.events import Kind
from core.patterns.naming import title
from core.timeframe import Timeframe
from db.models import (
    IndicatorSnapshot,
    LineageStep,
    PatternEvent,
    PatternLog,
    PatternReview,
    PatternStatus,
    Signal,
    SignalVote,
    Strategy,
    Symbol,
)
from db.plugins import strategy_of
from db.store.bars.series import read_bars
from db.store.bars.versions import read_bars_seen
from db.store.signals import get_signal

BARS: Final = 12
EVENTS: Final = 12
LEVELS: Final = 10
NOTES: Final = 5
_LOOKED_AT: Final = 150
"""Newest events of a timeframe among which the nearest are found."""

_BREAKS = ("bos", "choch")
_ZONES = ("order_block", "fair_value_gap", "sweep")
_LEVELS = (
    "liquidity_pool", "level", "previous_day_high", "previous_day_low", "previous_week_high", "previous_week_low",
    "swing_high", "swing_low",
)  # fmt: skip


def signal_evidence(session: Session, signal_id: int) -> SignalEvidence:
    """The signal with its votes, indicators, events, levels and last bars, none of them later than its `as_of`.

    Raises:
        NotFoundError: there is no such signal.
    """
    signal = get_signal(session, signal_id)
    symbol, strategy = session.get_one(Symbol, signal.symbol_id), session.get_one(Strategy, signal.strategy_id)
    timeframe = Timeframe(signal.timeframe)
    bars = _bars(session, signal, timeframe)
    close = float(bars.close[-1]) if len(bars) else signal.entry
    indicators = _indicators(session, signal)
    logs = _logs(session, signal, strategy)
    return SignalEvidence(
        signal_id=signal_id,
        symbol=symbol.name,
        description=symbol.description,
        currency=symbol.currency,
        asset_class=symbol.asset_class,
        source=symbol.source,
        strategy=strategy.name,
        timeframe=timeframe.name,
        direction="long" if signal.direction > 0 else "short",
        entry_type=signal.entry_type,
        entry=signal.entry,
        stop=signal.stop,
        targets=_targets(signal),
        reward_risk=signal.reward_risk,
        confidence=signal.confidence,
        band=signal.band,
        last_close=close,
        atr=next((one.value for one in indicators if (one.timeframe, one.name) == (timeframe.name, "ATR14")), None),
        tick_size=_tick_size(session, signal_id, symbol),
        as_of=signal.as_of,
        expires_at=signal.expires_at,
        structure=tuple(_structure(session, log, signal.as_of) for log in logs),
        events=_events(session, signal, logs, close),
        indicators=indicators,
        levels=_levels(session, signal, logs, close),
        votes=_votes(session, signal_id),
        bars=tuple(BarSeen(*row) for row in bars.frame().itertuples(index=False)) if len(bars) else (),
        notes=_notes(session, signal),
    )


def _bars(session: Session, signal: Signal, timeframe: Timeframe) -> Bars:
    """The last bars as the scan saw them; those of today where it did not note their version."""
    query = select(LineageStep).where(LineageStep.run_id == signal.run_id, LineageStep.kind == "bars")
    for step in session.exec(query.order_by(col(LineageStep.id))):
        if step.inputs.get("timeframe") == timeframe.name and "version" in step.inputs:
            return read_bars_seen(session, step, BARS)
    return read_bars(session, signal.symbol_id, timeframe, until=signal.as_of, count=BARS)


def _tick_size(session: Session, signal_id: int, symbol: Symbol) -> float:
    """The tick that the scan judged with; the symbol's of today where the scan did not note it."""
    query = select(LineageStep.parameters).where(
        LineageStep.entity == "signal", LineageStep.entity_id == signal_id, LineageStep.kind == "signal"
    )
    noted = session.exec(query.order_by(col(LineageStep.id))).first() or {}
    return float(noted.get("tick_size", symbol.tick_size))


def _targets(signal: Signal) -> tuple[PriceTarget, ...]:
    risk = signal.entry - signal.stop
    rows = signal.targets or [{"name": "target", "price": signal.target}]
    return tuple(
        PriceTarget(
            str(row.get("name", "target")),
            float(row["price"]),
            round(float(row.get("r") or (float(row["price"]) - signal.entry) / risk), 2),
        )
        for row in rows
    )


def _votes(session: Session, signal_id: int) -> tuple[VoteCast, ...]:
    query = select(SignalVote).where(SignalVote.signal_id == signal_id).order_by(col(SignalVote.id))
    return tuple(
        VoteCast(vote.family, vote.name, vote.vote, vote.weight, vote.strength, vote.detail)
        for vote in session.exec(query)
    )


def _indicators(session: Session, signal: Signal) -> tuple[IndicatorValue, ...]:
    query = (
        select(IndicatorSnapshot)
        .where(IndicatorSnapshot.run_id == signal.run_id, col(IndicatorSnapshot.as_of) <= signal.as_of)
        .order_by(col(IndicatorSnapshot.timeframe).desc())
    )
    return tuple(
        IndicatorValue(Timeframe(row.timeframe).name, name, value)
        for row in session.exec(query)
        for name, value in row.values.items()
    )


def _logs(session: Session, signal: Signal, strategy: Strategy) -> list[PatternLog]:
    """The strategy's own event logs of the symbol, longest timeframe first; none when it cannot be loaded any more."""
    try:
        code = strategy_of(strategy.kind, strategy.parameters)
    except (ParameterError, StrategyError):
        return []
    hashes = {int(timeframe): content_hash(code.detector(timeframe)) for timeframe in code.timeframes}
    query = select(PatternLog).where(
        PatternLog.symbol_id == signal.symbol_id, col(PatternLog.timeframe).in_(list(hashes))
    )
    rows = session.exec(query.order_by(col(PatternLog.timeframe).desc()))
    return [row for row in rows if hashes[row.timeframe] == row.settings_hash]


def _structure(session: Session, log: PatternLog, as_of: int) -> Structure:
    name = Timeframe(log.timeframe).name
    newest = _newest(session, log, as_of, _BREAKS, 1)
    if not newest:
        return Structure(name, "none", "no break of structure is known")
    event = newest[0]
    kind = title(Kind[event.kind.upper()])
    bars = (as_of - event.known_at) // Timeframe(log.timeframe).ms
    return Structure(
        name, "up" if event.direction > 0 else "down", f"{kind} through {event.level:g}, {bars} bars before"
    )


def _events(session: Session, signal: Signal, logs: Sequence[PatternLog], close: float) -> tuple[EventSeen, ...]:
    """The signal's own events first, then untouched zones nearest to the last close."""
    own = [_own_event(item) for item in signal.evidence]
    known = {(item["kind"], item["timeframe"], item["price_low"], item["price_high"]) for item in signal.evidence}
    near = [
        (event, Timeframe(log.timeframe).name)
        for log in logs
        for event in _newest(session, log, signal.as_of, _ZONES, _LOOKED_AT, alive=True)
    ]
    near.sort(key=lambda pair: (_distance(pair[0], close), -pair[0].known_at, pair[0].id))
    others = [
        EventSeen(
            event.kind, name, event.direction, event.price_low, event.price_high, event.known_at, round(event.score, 3)
        )
        for event, name in near
        if (event.kind, name, event.price_low, event.price_high) not in known
    ]
    return (*own, *others[: max(0, EVENTS - len(own))])


def _own_event(item: dict[str, Any]) -> EventSeen:
    return EventSeen(
        str(item["kind"]),
        str(item["timeframe"]),
        int(item["direction"]),
        float(item["price_low"]),
        float(item["price_high"]),
        int(item["known_at"]),
        round(float(item["score"]), 3),
        str(item.get("role", "")),
    )


def _levels(session: Session, signal: Signal, logs: Sequence[PatternLog], close: float) -> tuple[PriceLevel, ...]:
    found = {
        (event.level, Timeframe(log.timeframe).name): title(Kind[event.kind.upper()])
        for log in logs
        for event in reversed(_newest(session, log, signal.as_of, _LEVELS, _LOOKED_AT, alive=True))
    }
    nearest = sorted(found.items(), key=lambda item: (abs(item[0][0] - close), item[0][1]))
    return tuple(PriceLevel(name, timeframe, level) for (level, timeframe), name in nearest[:LEVELS])


def _newest(
    session: Session, log: PatternLog, as_of: int, kinds: Sequence[str], count: int, *, alive: bool = False
) -> list[PatternEvent]:
    """Newest events of these kinds known at `as_of`, newest first; `alive` leaves out those with a status by then."""
    query = select(PatternEvent).where(
        PatternEvent.log_id == log.id, col(PatternEvent.known_at) <= as_of, col(PatternEvent.kind).in_(kinds)
    )
    if alive:
        ended = exists().where(
            col(PatternStatus.event_id) == col(PatternEvent.id), col(PatternStatus.known_at) <= as_of
        )
        query = query.where(~ended)
    order = (col(PatternEvent.known_at).desc(), col(PatternEvent.end).desc(), col(PatternEvent.id).desc())
    return list(session.exec(query.order_by(*order).limit(count)))


def _distance(event: PatternEvent, close: float) -> float:
    return max(event.price_low - close, close - event.price_high, 0.0)


def _notes(session: Session, signal: Signal) -> tuple[Note, ...]:
    """What people had written about the patterns of this signal by then, newest first."""
    same = [
        (col(PatternReview.timeframe) == int(Timeframe[item["timeframe"]]))
        & (col(PatternReview.kind) == item["kind"])
        & (col(PatternReview.start) == item["start"])
        & (col(PatternReview.end) == item["end"])
        for item in signal.evidence
    ]
    if not same:
        return ()
    query = select(PatternReview).where(
        PatternReview.symbol_id == signal.symbol_id,
        PatternReview.note != "",
        col(PatternReview.reviewed_at) <= datetime.fromtimestamp(signal.as_of / 1000, UTC),
    )
    rows = session.exec(query.where(or_(*same)).order_by(col(PatternReview.id).desc()).limit(NOTES))
    return tuple(Note(f"review of a {row.kind.replace('_', ' ')}: {row.verdict}", row.note) for row in rows)
