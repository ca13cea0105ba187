"""The minute: what it asks for, and that several clocks on either data base do everything once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from redis import Redis
from rq import Queue
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from core import jobs
from core.settings import Settings
from core.timeframe import Timeframe
from db.engine import reader, writer
from db.models import ChartExport, Run, Strategy, StrategySymbol, Symbol
from db.seed import seed
from db.store.bars.series import last_close
from tests.factories import (
    HOUR,
    NOW,
    NOW_MS,
    add,
    add_bars,
    make_bars,
    make_run,
    make_signal,
    make_strategy,
    make_symbol,
)
from tests.processes import at_once
from workers.due import due_charts, due_fetches, due_scans, owed_slots, unfed_symbols
from workers.pool import DeskWorker
from workers.preload import warm_up
from workers.queue import connection, submit
from workers.schedule import Clock
from workers.slots import LEAST, MOST, last_slots
from workers.tasks.market import fetch_bars, now_ms, tick

FIVE = 300_000


@pytest.fixture
def _desk(monkeypatch: pytest.MonkeyPatch, database_url: str, redis_url: str, redis_connection: Redis) -> None:
    """The environment of a desk on an empty data base and an empty queue."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("REDIS_URL", redis_url)


def settings(**env: str) -> Settings:
    return Settings.from_mapping(env)


def watch(session: Session, **symbol: object) -> tuple[int, int]:
    """A strategy on one symbol; their ids."""
    strategy, watched = make_strategy(session), make_symbol(session, **symbol)
    assert strategy.id
    assert watched.id
    add(session, StrategySymbol(strategy_id=strategy.id, symbol_id=watched.id))
    return strategy.id, watched.id


def slots(found: list[jobs.Job]) -> list[int]:
    return [int(job.arguments[2]) for job in found]


def test_each_fed_symbol_is_fetched_once_a_minute(sqlite_engine: Engine):
    with writer(sqlite_engine) as session:
        make_symbol(session, "SIM-EURUSD")
        make_symbol(session, "AAPL", source="sample", base_timeframe=1440)
        make_symbol(session, "MSFT", source="yahoo", base_timeframe=1440)
    at_noon = due_fetches(sqlite_engine, settings(), NOW_MS + 30_000)
    assert [job.job_id for job in at_noon] == [f"fetch-SIM-EURUSD-{NOW_MS}", f"fetch-MSFT-{NOW_MS}"]
    a_minute_later = due_fetches(sqlite_engine, settings(), NOW_MS + 60_000)
    assert [job.description for job in a_minute_later] == ["Fetch bars of SIM-EURUSD"]
    assert len(due_fetches(sqlite_engine, settings(CHARTROOM_SIMULATED="off"), NOW_MS)) == 1


def owed(engine: Engine, strategy_id: int, symbol_id: int) -> list[int]:
    with reader(engine) as session:
        return owed_slots(session, session.get_one(Strategy, strategy_id), session.get_one(Symbol, symbol_id), NOW_MS)


def test_what_was_done_is_not_owed_and_one_scan_makes_up_for_the_rest(engine: Engine):
    with writer(engine) as session:
        strategy_id, symbol_id = watch(session)
        for slot in last_slots("*/5 * * * *", NOW_MS):
            if slot not in (NOW_MS, NOW_MS - 3 * FIVE):
                status = "failed" if slot == NOW_MS - FIVE else "done"
                make_run(session, strategy_id=strategy_id, symbol_id=symbol_id, slot=slot, status=status)
    assert owed(engine, strategy_id, symbol_id) == [NOW_MS - 3 * FIVE, NOW_MS - FIVE, NOW_MS]
    assert slots(due_scans(engine, [symbol_id], NOW_MS)) == [NOW_MS]
    assert due_scans(engine, [symbol_id + 1], NOW_MS) == []


def test_without_a_feed_time_stands_still_after_the_last_bar(engine: Engine):
    last = NOW_MS - 400 * HOUR
    with writer(engine) as session:
        strategy_id, symbol_id = watch(session, source="file")
        assert owed_slots(session, session.get_one(Strategy, strategy_id), session.get_one(Symbol, symbol_id), 0) == []
        bars = make_bars([(1.0, 1.0, 1.0, 1.0)], start=last - Timeframe.M1.ms, timeframe=Timeframe.M1)
        add_bars(session, session.get_one(Symbol, symbol_id), bars)
    assert owed(engine, strategy_id, symbol_id)[-1] == last
    assert len(owed(engine, strategy_id, symbol_id)) == MOST


def test_sleeping_strategy_owes_nothing(sqlite_engine: Engine):
    with writer(sqlite_engine) as session:
        strategy, watched = make_strategy(session, active=False), make_symbol(session)
        add(session, StrategySymbol(strategy_id=strategy.id or 0, symbol_id=watched.id or 0))
    assert due_scans(sqlite_engine, [watched.id or 0], NOW_MS) == []


def test_symbols_without_a_feed_wait_for_nothing_but_their_first_bar(sqlite_engine: Engine):
    with writer(sqlite_engine) as session:
        make_symbol(session, "SIM-EURUSD", base_timeframe=1)
        make_symbol(session, "EMPTY", source="file")
        ready = make_symbol(session, "AAPL", source="sample", base_timeframe=1440)
    assert unfed_symbols(sqlite_engine) == [ready.id]


def test_new_signal_without_a_chart_is_asked_for_again(engine: Engine):
    with writer(engine) as session:
        strategy, symbol = make_strategy(session), make_symbol(session)
        new, drawn, taken = (
            make_signal(session, strategy=strategy, symbol=symbol, source_key=key, status=status)
            for key, status in (("a", "new"), ("b", "new"), ("c", "accepted"))
        )
        image = {"subject": "signal", "title": "x", "format": "png", "width": 1, "height": 1, "created_at": NOW}
        add(session, ChartExport(subject_id=drawn.id, once=f"signal-{drawn.id}", **image))
    assert [job.job_id for job in due_charts(engine)] == [f"chart-signal-{new.id}"]
    assert taken.status == "accepted"


@pytest.mark.usefixtures("_desk")
def test_fetch_stores_bars_up_to_now_and_asks_for_the_scans_that_waited(engine: Engine, redis_connection: Redis):
    seed(engine, datetime.now(UTC), True)
    with reader(engine) as session:
        symbol = session.exec(select(Symbol).where(Symbol.name == "SIM-EURUSD")).one()
    before = int(datetime.now(UTC).timestamp()) // 60 * 60_000
    assert fetch_bars(symbol.id or 0, before) > 10_000
    with reader(engine) as session:
        newest = last_close(session, symbol.id or 0, Timeframe.M1)
        assert newest is not None
        assert newest <= int(datetime.now(UTC).timestamp() * 1000)
    queued = Queue(jobs.SCAN, connection=redis_connection).job_ids
    assert [name.split("-")[2] for name in queued] == [str(symbol.id)]


@pytest.mark.usefixtures("_desk")
def test_several_clocks_scan_every_slot_once(engine: Engine, database_url: str, redis_connection: Redis):
    seed(engine, datetime.now(UTC), False)
    with writer(engine) as session:
        sample = session.exec(select(Symbol).where(Symbol.source == "sample").order_by(col(Symbol.id))).first()
        assert sample
        frequent = make_strategy(
            session, "Busy", parameters={"structure": "W1", "shift": "D1", "entry": "D1"}, schedule="0 */6 * * *"
        )
        add(session, StrategySymbol(strategy_id=frequent.id or 0, symbol_id=sample.id or 0))
    at_once(three_ticks, 3)
    queue = Queue(jobs.SCAN, connection=redis_connection)
    assert len(queue.job_ids) == len(set(queue.job_ids)) == 5
    # The clocks are not alone: what they asked for is asked for again under another id, and done by two workers.
    for job in due_scans(engine, unfed_symbols(engine), now_ms()):
        submit(replace(job, job_id=f"again-{job.job_id}"))
    at_once(work, 2)
    tick()
    assert queue.job_ids == []
    assert queue.finished_job_registry.get_job_count(cleanup=False) == 10
    with reader(engine) as session:
        runs = session.exec(select(Run)).all()
    assert {run.status for run in runs} == {"done"}
    done = Counter((run.strategy_id, run.symbol_id, run.slot) for run in runs)
    assert set(done.values()) == {1}
    assert len(done) == 5 * LEAST


def three_ticks() -> None:
    for _ in range(3):
        tick()


def work() -> None:
    """Do every scan that waits, in this process's work-horses."""
    warm_up()  # as the pool's workers do
    DeskWorker([Queue(jobs.SCAN, connection=connection())], connection=connection()).work(
        burst=True, logging_level="CRITICAL"
    )


@pytest.mark.usefixtures("_desk")
def test_clocks_of_the_same_minute_ask_once(redis_connection: Redis):
    first, second = Clock(redis_connection), Clock(redis_connection)
    asked = [clock.submit_tick() for clock in (first, second, first, second)]
    minutes = Queue(jobs.MARKET, connection=redis_connection).job_ids
    assert sum(asked) == len(minutes) == len(set(minutes))
    assert len(minutes) <= 2  # two, when the minute ended in between
    assert all(name.startswith("tick-") for name in minutes)


@pytest.mark.usefixtures("_desk")
def test_tick_leaves_word_that_the_clock_is_heard(redis_connection: Redis):
    tick()
    heard = int(redis_connection.get(jobs.HEALTH_KEY) or 0)
    assert abs(heard - datetime.now(UTC).timestamp() * 1000) < 60_000
