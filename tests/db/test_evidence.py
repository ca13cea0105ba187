"""What the model is told about a signal: what was known at its bar, and nothing that came later."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from core.errors import NotFoundError
from core.timeframe import Timeframe
from db.engine import reader, writer
from db.models import LineageStep, PatternReview, Signal, Symbol
from db.store.bars.series import read_bars, store_bars
from db.store.evidence import signal_evidence
from tests.factories import make_strategy, make_symbol
from tests.real_bars import sample_bars
from workers.scanning import scan_one

DAILY = {"structure": "W1", "shift": "D1", "entry": "D1"}


def test_the_evidence_ends_at_the_signals_bar_and_stays_what_it_was(sqlite_engine: Engine) -> None:
    with writer(sqlite_engine) as session:
        symbol = make_symbol(session, "GOOG", source="sample", calendar="us_stocks", description="Alphabet")
        strategy = make_strategy(session, "SMC daily", parameters=DAILY)
        store_bars(session, symbol, sample_bars("GOOG", None))
        slots = read_bars(session, symbol.id or 0, Timeframe.D1, count=70).close_time.tolist()
    made = None
    while made is None:
        made = scan_one(sqlite_engine, strategy.id or 0, symbol.id or 0, slots.pop(0))
    with reader(sqlite_engine) as session:
        before = signal_evidence(session, made)
        signal = session.get_one(Signal, made)
        known = read_bars(session, symbol.id or 0, Timeframe.D1, until=signal.as_of)
    assert (before.symbol, before.description, before.timeframe) == ("GOOG", "Alphabet", "D1")
    assert before.last_close == before.bars[-1].close == known.close[-1]
    assert Timeframe.D1.close_time(before.bars[-1].time) == before.as_of == signal.as_of
    assert [one.timeframe for one in before.structure] == ["W1", "D1"]
    assert before.structure[1].direction == before.direction.replace("long", "up").replace("short", "down")
    assert all(event.known_at <= before.as_of for event in before.events)
    assert [event.role for event in before.events[: len(signal.evidence)]] == [e["role"] for e in signal.evidence]
    distances = [abs(level.price - before.last_close) for level in before.levels]
    assert len(distances) == 10
    assert all(near <= far for near, far in pairwise(distances))
    # True range over fourteen days: between the smallest and the largest of the days it was made from.
    ranges = known.high[-60:] - known.low[-60:]
    assert before.atr is not None
    assert ranges.min() < before.atr < 2 * ranges.max()
    assert before.reach >= 20 * before.atr
    assert len(before.votes) >= 4
    for slot in slots:
        scan_one(sqlite_engine, strategy.id or 0, symbol.id or 0, slot)
    with writer(sqlite_engine) as session:
        own = signal.evidence[0]
        named = {key: own[key] for key in ("kind", "direction", "start", "end")}
        named |= {"symbol_id": symbol.id, "timeframe": int(Timeframe[own["timeframe"]]), "verdict": "invalid"}
        by_then = datetime.fromtimestamp(signal.as_of / 1000, UTC)
        later = by_then + timedelta(milliseconds=1)
        session.add(PatternReview(reviewed_at=by_then, note="Too old", **named))
        session.add(
            PatternReview(reviewed_at=later, note="It ran to the target", **named | {"direction": -own["direction"]})
        )
        session.get_one(Symbol, symbol.id).tick_size = 0.5
        last = known[-1:]
        store_bars(session, symbol, replace(last, close=last.close * 1.5, high=last.high * 1.5))
    with reader(sqlite_engine) as session:
        after = signal_evidence(session, made)
    assert [note.text for note in after.notes] == ["Too old"]
    assert {**vars(after), "notes": ()} == vars(before), "today's tick and bars are none of its business"
    with writer(sqlite_engine) as session:
        step = session.exec(
            select(LineageStep).where(LineageStep.kind == "signal", LineageStep.entity_id == made)
        ).one()
        step.parameters = {}
        assert signal_evidence(session, made).tick_size == 0.5, "an earlier version did not note it"


def test_an_unknown_signal_is_said_to_be_unknown(sqlite_engine: Engine) -> None:
    with reader(sqlite_engine) as session, pytest.raises(NotFoundError):
        signal_evidence(session, 7)
