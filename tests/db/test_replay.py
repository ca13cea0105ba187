"""A signal computed once more: identical whatever happened since, or the bar that was changed is named."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text
from sqlmodel import select

from core.timeframe import Timeframe
from db.actions.replay import EARLIER, NIGHTLY, replay_signal
from db.actions.replay_night import is_due, replay_sample, sample
from db.engine import reader, writer
from db.models import BarChange, LineageStep, Replay, Signal, Strategy, Symbol
from db.store.bars.series import read_bars, store_bars
from tests.factories import make_strategy, make_symbol
from tests.real_bars import ROOT, bars_before_a_signal, sample_bars
from workers.lineage.replay_due import due_replays
from workers.scanning import scan_one

DAILY = {"structure": "W1", "shift": "D1", "entry": "D1"}


@pytest.fixture
def signal_id(engine: Engine, database_url: str) -> int:
    """A signal of the daily bars of GOOG, of which the oldest and the newest are not there yet."""
    bars = bars_before_a_signal()
    with writer(engine) as session:
        symbol = make_symbol(session, "GOOG", source="sample", calendar="us_stocks")
        strategy = make_strategy(session, "SMC daily", parameters=DAILY)
        store_bars(session, symbol, bars[300:])
        ids = strategy.id, symbol.id
    made = scan_one(engine, *ids, bars.as_of)
    assert made is not None
    return made


def now() -> datetime:
    return datetime.now(UTC)


def verdict(engine: Engine, signal_id: int) -> tuple[bool, str | None, str]:
    found = replay_signal(engine, signal_id, now())
    return found.identical, found.step, found.detail


def command(url: str, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "workers", "replay", *arguments], cwd=ROOT, text=True, capture_output=True, check=False,
        env={**os.environ, "DATABASE_URL": url},
    )  # fmt: skip
    return done.returncode, done.stdout.strip() or done.stderr.strip()


def stored_bar(engine: Engine, signal_id: int, back: int):
    """Symbol and the daily bar that lies `back` before the signal."""
    with reader(engine) as session:
        signal = session.get_one(Signal, signal_id)
        bars = read_bars(session, signal.symbol_id, Timeframe.D1, until=signal.as_of, count=back + 1)
        return signal.symbol_id, bars[:1]


def test_an_untouched_signal_replays_identically(engine, signal_id):
    assert verdict(engine, signal_id) == (True, None, "")
    with reader(engine) as session:
        row = session.exec(select(Replay)).one()
    parts = ["bars", "events", "indicators"]
    names = [f"{part} {timeframe}" for timeframe in ("W1", "D1") for part in parts]
    assert list(row.hashes) == [*names, "votes", "signal"]
    assert all(then == again for then, again in row.hashes.values())


def test_corrections_older_history_and_new_settings_change_nothing(engine, signal_id):
    symbol_id, bar = stored_bar(engine, signal_id, 30)
    bars = sample_bars("GOOG", None)
    with writer(engine) as session:
        symbol = session.get_one(Symbol, symbol_id)
        store_bars(session, symbol, replace(bar, close=bar.close * 1.01, high=bar.high * 1.02))
        store_bars(session, symbol, bars[:300])
        store_bars(session, symbol, bars[-20:])
        strategy = session.exec(select(Strategy)).one()
        strategy.parameters, strategy.version = {**DAILY, "minimum_r": 5.0}, 2
        assert {row.kind for row in session.exec(select(BarChange))} == {"corrected", "late"}
    assert verdict(engine, signal_id) == (True, None, "")


def test_a_bar_that_was_changed_behind_the_desk_is_named(engine, signal_id):
    symbol_id, bar = stored_bar(engine, signal_id, 40)
    change = "UPDATE bar SET close = close + 0.01 WHERE symbol_id = :symbol AND timeframe = 1440 AND time = :time"
    with engine.begin() as connection:
        connection.execute(text(change), {"symbol": symbol_id, "time": int(bar.time[0])})
    identical, step, detail = verdict(engine, signal_id)
    was = float(bar.close[0])
    opened = datetime.fromtimestamp(int(bar.time[0]) / 1000, UTC)
    assert (identical, step) == (False, "bars D1")
    assert detail == f"GOOG D1 bar of {opened:%Y-%m-%d %H:%M} UTC: close was {was!r}, is {was + 0.01!r}."


def test_a_changed_bar_that_no_strategy_would_judge_is_named(engine, signal_id):
    symbol_id, bar = stored_bar(engine, signal_id, 40)
    was, is_ = float(bar.close[0]), float(bar.high[0]) + 0.01
    change = "UPDATE bar SET close = :close WHERE symbol_id = :symbol AND timeframe = 1440 AND time = :time"
    with engine.begin() as connection:
        connection.execute(text(change), {"symbol": symbol_id, "time": int(bar.time[0]), "close": is_})
    opened = datetime.fromtimestamp(int(bar.time[0]) / 1000, UTC)
    named = f"GOOG D1 bar of {opened:%Y-%m-%d %H:%M} UTC: close was {was!r}, is {is_!r}."
    assert verdict(engine, signal_id) == (False, "bars D1", named)


def test_a_bar_that_was_deleted_behind_the_desk_is_named(engine, signal_id):
    symbol_id, bar = stored_bar(engine, signal_id, 40)
    change = "DELETE FROM bar WHERE symbol_id = :symbol AND timeframe = 1440 AND time = :time"
    with engine.begin() as connection:
        connection.execute(text(change), {"symbol": symbol_id, "time": int(bar.time[0])})
    opened = datetime.fromtimestamp(int(bar.time[0]) / 1000, UTC)
    assert f"D1 bar of {opened:%Y-%m-%d %H:%M} UTC" in verdict(engine, signal_id)[2]


def test_bars_that_cannot_be_read_any_more_are_reported(engine, signal_id):
    with writer(engine) as session:
        for step in session.exec(select(LineageStep).where(LineageStep.kind == "bars")):
            step.output = {**step.output, "packed": "damaged"}
    assert verdict(engine, signal_id)[0], "the bars themselves are the same"
    with engine.begin() as connection:
        connection.execute(text("UPDATE bar SET high = high + 1 WHERE timeframe = 1440"))
    (row,) = replay_sample(engine, now())
    assert (row.identical, row.step) == (False, "bars D1")
    assert row.detail.startswith("The bars are others than then; which of them cannot be said: ")
    with writer(engine) as session:
        for step in session.exec(select(LineageStep).where(LineageStep.kind == "bars")):
            step.inputs = {**step.inputs, "timeframe": "D9"}
    assert verdict(engine, signal_id)[2].startswith("It cannot be replayed: ")


def test_another_process_says_the_same(database_url, engine, signal_id):
    assert command(database_url, str(signal_id)) == (0, "identical")


def test_a_changed_desk_is_an_exit_code(database_url, engine, signal_id):
    if engine.dialect.name == "postgresql":
        pytest.skip("the words are the same on both, and a process takes seconds")
    with engine.begin() as connection:
        connection.execute(text("UPDATE bar SET high = high + 1 WHERE timeframe = 1440"))
    code, words = command(database_url, str(signal_id), "--sample", "5")
    assert code == 1
    assert words.startswith("differs in bars D1. GOOG D1 bar of ")


def test_a_changed_record_is_found_where_it_was_changed(engine, signal_id):
    with engine.begin() as connection:
        connection.execute(text("UPDATE lineage_step SET content_hash = 'x' WHERE kind = 'votes'"))
    assert verdict(engine, signal_id)[:2] == (False, "votes")


def test_a_signal_of_an_earlier_version_says_so(engine, signal_id):
    with writer(engine) as session:
        for step in session.exec(select(LineageStep).where(LineageStep.kind == "bars")):
            step.output = {name: step.output[name] for name in ("first", "last", "count")}
    assert verdict(engine, signal_id) == (False, None, EARLIER)


def test_the_night_replays_a_sample_once(engine, signal_id):
    tonight = now()
    with reader(engine) as session:
        assert is_due(session, tonight)
        assert sample(session, tonight.date(), tonight) == [signal_id]
        assert sample(session, tonight.date(), tonight + timedelta(days=31)) == []
    assert len(due_replays(engine, int(tonight.timestamp() * 1000))) == 1
    first, again = replay_sample(engine, tonight), replay_sample(engine, tonight)
    assert [row.id for row in first] == [row.id for row in again]
    assert due_replays(engine, int(tonight.timestamp() * 1000)) == []
    with reader(engine) as session:
        assert [(row.by, row.identical) for row in session.exec(select(Replay))] == [(NIGHTLY, True)]
        assert is_due(session, tonight + timedelta(days=1))
