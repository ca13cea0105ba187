"""Scans of real daily bars, stored on both data bases: whole, once, append-only and traceable."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, func
from sqlmodel import Session, col, select

from core.errors import NotFoundError, ParameterError
from core.lineage import content_hash
from core.patterns.detect import detect
from core.scan_parts import event_arrays
from core.signals.confidence import confidence
from core.signals.vote import Vote
from core.timeframe import Timeframe
from db.actions.scan import done_slots
from db.actions.scan_trace import WINDOW
from db.engine import reader, writer
from db.models import (
    IndicatorSnapshot,
    LineageEdge,
    LineageStep,
    PatternEvent,
    PatternLog,
    PatternStatus,
    Run,
    Signal,
    SignalVote,
    Strategy,
)
from db.store.bars.series import read_bars, store_bars
from db.store.lineage.steps import chain
from db.store.revision import current
from tests.factories import make_strategy, make_symbol
from tests.real_bars import sample_bars
from workers.scanning import scan_one

DAILY = {"structure": "W1", "shift": "D1", "entry": "D1"}
TABLES = (Run, Signal, SignalVote, IndicatorSnapshot, PatternEvent, PatternStatus, LineageStep, LineageEdge)


@pytest.fixture
def desk(engine: Engine) -> tuple[Engine, int, int]:
    """A data base with all daily bars of GOOG and a strategy on them: (engine, strategy id, symbol id)."""
    with writer(engine) as session:
        symbol = make_symbol(session, "GOOG", source="sample", calendar="us_stocks")
        strategy = make_strategy(session, "SMC daily", parameters=DAILY)
        store_bars(session, symbol, sample_bars("GOOG", None))
        ids = strategy.id, symbol.id
    return engine, *ids


def closes(desk: tuple[Engine, int, int], count: int) -> list[int]:
    """Close times of the last `count` daily bars, oldest first: the slots to scan."""
    engine, _, symbol_id = desk
    with reader(engine) as session:
        return read_bars(session, symbol_id, Timeframe.D1, count=count).close_time.tolist()


def counts(engine: Engine) -> dict[str, int]:
    with reader(engine) as session:
        return {table.__name__: session.exec(select(func.count()).select_from(table)).one() for table in TABLES}


def test_a_signal_is_stored_whole_and_traces_back_to_its_bars(desk: tuple[Engine, int, int]) -> None:
    engine, strategy_id, symbol_id = desk
    made = [scan_one(engine, strategy_id, symbol_id, slot) for slot in closes(desk, 70)]
    signals = [signal_id for signal_id in made if signal_id]
    assert signals, "GOOG made daily signals in the winter of 2012/13"
    with reader(engine) as session:
        for signal_id in signals:
            _check_signal(session, symbol_id, session.get_one(Signal, signal_id))
        assert current(session) == len(signals)


def _check_signal(session: Session, symbol_id: int, signal: Signal) -> None:
    votes = session.exec(select(SignalVote).where(SignalVote.signal_id == signal.id)).all()
    stated = [Vote(v.family, v.name, v.vote, v.weight, v.strength, v.detail) for v in votes]
    assert confidence(stated) == signal.confidence
    run = session.get_one(Run, signal.run_id)
    assert signal.as_of <= run.slot
    traced = chain(session, "signal", signal.id)
    kinds = [step.kind for step in traced.steps]
    assert sorted(kinds) == ["bars"] * 2 + ["events"] * 2 + ["indicators"] * 2 + ["settings", "signal", "votes"]
    parents = {child for _, child in traced.edges}
    assert {step.kind for step in traced.steps if step.id not in parents} == {"bars", "settings"}
    for step in traced.steps:
        assert step.started_at <= step.finished_at
        if step.kind in ("bars", "events"):
            assert step.content_hash == _computed_again(session, symbol_id, step)


def _computed_again(session: Session, symbol_id: int, step: LineageStep) -> str:
    """The hash that the stored bars give now for what the run saw then."""
    timeframe = Timeframe.parse(step.inputs["timeframe"])
    slot = step.inputs.get("slot") or session.get_one(Run, step.run_id).slot
    bars = read_bars(session, symbol_id, timeframe, until=slot, count=WINDOW)
    return content_hash(bars if step.kind == "bars" else event_arrays(detect(bars)))


def test_a_slot_is_scanned_once(desk: tuple[Engine, int, int]) -> None:
    engine, strategy_id, symbol_id = desk
    slots = closes(desk, 70)
    first = [scan_one(engine, strategy_id, symbol_id, slot) for slot in slots]
    before = counts(engine)
    again = [scan_one(engine, strategy_id, symbol_id, slot) for slot in slots]
    assert any(first)
    assert not any(again)
    assert counts(engine) == before
    with reader(engine) as session:
        assert done_slots(session, strategy_id, symbol_id, slots[0]) == set(slots)


def test_the_same_slot_scanned_by_eight_at_once_makes_one_run(desk: tuple[Engine, int, int]) -> None:
    engine, strategy_id, symbol_id = desk
    slot = next(slot for slot in reversed(closes(desk, 70)) if _suggests(desk, slot))
    gate = Barrier(8)

    def scan() -> int | None:
        gate.wait()
        return scan_one(engine, strategy_id, symbol_id, slot)

    with ThreadPoolExecutor(8) as pool:
        made = [job.result() for job in [pool.submit(scan) for _ in range(8)]]
    assert sum(signal_id is not None for signal_id in made) == 1
    found = counts(engine)
    assert (found["Run"], found["Signal"], found["LineageStep"]) == (1, 1, 9)


def _suggests(desk: tuple[Engine, int, int], slot: int) -> bool:
    """Whether a scan of this slot makes a suggestion, without storing anything."""
    from core.scan import scan
    from db.actions.scan import load_scan

    given = load_scan(desk[0], desk[1], desk[2], slot)
    return scan(given.strategy, given.bars, given.tick_size).verdict.suggestion is not None


def test_the_event_log_only_grows_and_holds_what_was_known(desk: tuple[Engine, int, int]) -> None:
    engine, strategy_id, symbol_id = desk
    slots = closes(desk, 30)
    seen: dict[str, list[tuple[Any, ...]]] = {}
    for slot in slots:
        scan_one(engine, strategy_id, symbol_id, slot)
        rows = _log_rows(engine)
        for name, before in seen.items():
            assert rows[name][: len(before)] == before, "what was stored once stays as it was"
        seen = rows
    with reader(engine) as session:
        log = session.exec(select(PatternLog).where(PatternLog.timeframe == int(Timeframe.D1))).one()
        stored = session.exec(select(PatternEvent).where(PatternEvent.log_id == log.id)).all()
        assert log.through == slots[-1]
        bars = read_bars(session, symbol_id, Timeframe.D1, until=slots[0], count=WINDOW)
    first = detect(bars).events
    assert len([event for event in stored if event.known_at <= slots[0]]) == len(first)
    assert all(event.known_at <= slots[-1] for event in stored)


def _log_rows(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    with reader(engine) as session:
        events = session.exec(select(PatternEvent).order_by(col(PatternEvent.id))).all()
        statuses = session.exec(select(PatternStatus)).all()
        return {
            "events": [tuple(event.model_dump().values()) for event in events],
            "statuses": sorted((row.known_at, row.event_id, row.status) for row in statuses),
        }


def test_a_failure_is_recorded_and_a_later_success_takes_its_place(desk: tuple[Engine, int, int]) -> None:
    engine, strategy_id, symbol_id = desk
    slot = closes(desk, 1)[0]
    with writer(engine) as session:
        session.get_one(Strategy, strategy_id).parameters = {**DAILY, "minimum_r": -1}
    with pytest.raises(ParameterError, match="minimum R above 0"):
        scan_one(engine, strategy_id, symbol_id, slot)
    with reader(engine) as session:
        run = session.exec(select(Run)).one()
        assert (run.status, run.slot) == ("failed", slot)
        assert "minimum R above 0" in run.error
        assert not done_slots(session, strategy_id, symbol_id, 0)
    with writer(engine) as session:
        session.get_one(Strategy, strategy_id).parameters = DAILY
    scan_one(engine, strategy_id, symbol_id, slot)
    with reader(engine) as session:
        run = session.exec(select(Run)).one()
        assert (run.status, run.error) == ("done", None)


def test_a_missing_strategy_is_named(engine: Engine) -> None:
    from db.actions.scan import load_scan

    with pytest.raises(NotFoundError, match="does not exist any more"):
        load_scan(engine, 1, 1, 0)
