"""A scan killed in the middle: nothing half-written, and after the retry the same as if nothing had happened."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from redis import Redis
from sqlalchemy import Engine, func, text
from sqlmodel import Session, col, select

from core.jobs import scan_slot
from core.timeframe import Timeframe
from db.engine import engine_for, reader, writer
from db.migrate import upgrade
from db.models import LineageStep, PatternEvent, PatternStatus, Run, Signal, SignalVote, Symbol
from db.store.bars.series import store_bars
from tests.factories import make_strategy, make_symbol
from tests.real_bars import sample_bars
from tests.redis_server import RedisServer
from tests.workers.desk_process import ROOT, alive, clean_environment, command_line, until
from workers.due import owed_slots
from workers.queue import submit
from workers.scanning import scan_owed

DAILY = {"structure": "W1", "shift": "D1", "entry": "D1"}
NOW = 2_000_000_000_000


@pytest.fixture
def pool(tmp_path: Path, database_url: str) -> Iterator[tuple[psutil.Process, Redis]]:
    """One worker of the product, and its Redis."""
    with RedisServer(tmp_path) as server:
        process = subprocess.Popen(
            [sys.executable, "-m", "workers", "work", "--count", "1"],
            env=clean_environment(tmp_path, REDIS_URL=server.url, DATABASE_URL=database_url),
            cwd=ROOT,
            start_new_session=True,
        )
        family = psutil.Process(process.pid)
        with Redis.from_url(server.url) as client:
            yield family, client
        members = [family, *family.children(recursive=True)]
        # What the parent's death asks of them is to finish what they do, and that may be a chart: not waited for here.
        for member in filter(alive, members):
            member.kill()
        process.wait()
        _, left = psutil.wait_procs(members, timeout=10)
        assert [command_line(process) for process in left if alive(process)] == []


def furnish(engine: Engine) -> tuple[int, int, int]:
    """GOOG's daily bars and a strategy on them: (strategy id, symbol id, the slot to scan up to)."""
    with writer(engine) as session:
        symbol = make_symbol(session, "GOOG", source="sample", calendar="us_stocks")
        strategy = make_strategy(session, "SMC daily", parameters=DAILY, schedule="10 0 * * *")
        store_bars(session, symbol, sample_bars("GOOG", None))
        slot = owed_slots(session, strategy, symbol, NOW)[-1]
        return strategy.id or 0, symbol.id or 0, slot


def work_horse(pool: psutil.Process) -> psutil.Process | None:
    """The process that does the job: the worker's child that leads a group of its own."""
    found = [child for child in pool.children(recursive=True) if alive(child) and os.getpgid(child.pid) == child.pid]
    return found[0] if found else None


def count(engine: Engine, table: type) -> int:
    with reader(engine) as session:
        return session.exec(select(func.count()).select_from(table)).one()


def killed_while_it_waits(engine: Engine, family: psutil.Process) -> bool:
    """Kill the work-horse once it has done five slots, while nobody else can write; False when it has not."""
    with writer(engine) as session:
        if engine.dialect.name == "postgresql":
            session.execute(text("LOCK TABLE run IN SHARE ROW EXCLUSIVE MODE"))
        if session.exec(select(func.count()).select_from(Run)).one() < 5:
            return False
        horse = work_horse(family)
        assert horse is not None
        os.kill(horse.pid, signal.SIGKILL)
        until(lambda: not alive(horse), "the end of the work-horse", 10)
        return True


def outcome(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    """Everything that scans leave, but for the moments at which they ran."""
    with reader(engine) as session:
        steps = _rows(session, LineageStep, "kind", "name", "inputs", "output", "content_hash")
        return {
            "signals": _rows(
                session, Signal, "source_key", "as_of", "entry", "stop", "target", "confidence", "evidence"
            ),
            "votes": _rows(session, SignalVote, "signal_id", "name", "vote", "strength", "detail"),
            "events": _rows(session, PatternEvent, "kind", "start", "end", "known_at", "level", "score"),
            "statuses": _rows(session, PatternStatus, "status", "known_at"),
            "runs": _rows(session, Run, "slot", "status", "result"),
            "lineage": [row for row in steps if row[0] not in ("chart", "expiry")],  # what follows a scan
        }


def _rows(session: Session, table: type, *names: str) -> list[tuple[object, ...]]:
    found = session.exec(select(*(col(getattr(table, name)) for name in names))).all()
    return sorted(tuple(str(value) for value in row) for row in found)


def test_killed_in_the_middle_of_a_scan(engine: Engine, pool: tuple[psutil.Process, Redis], tmp_path: Path):
    family, client = pool
    strategy_id, symbol_id, slot = furnish(engine)
    until(lambda: client.scard("rq:workers"), "a worker")
    submit(scan_slot(strategy_id, symbol_id, slot, "GOOG"), connection=client)
    until(lambda: killed_while_it_waits(engine, family), "the first slots", pause=0.002)
    assert 5 <= count(engine, Run) < 60, "it was killed before its end"
    until(lambda: count(engine, Run) == 60, "the retry")
    until(lambda: work_horse(family) is None, "the end of the job")

    peaceful = engine_for(f"sqlite:///{tmp_path / 'peaceful.db'}")
    upgrade(peaceful)
    assert scan_owed(peaceful, *furnish(peaceful))
    killed, expected = outcome(engine), outcome(peaceful)
    for name, rows in expected.items():
        assert killed[name] == rows, name
    with reader(engine) as session:
        assert session.exec(select(Symbol.base_timeframe)).one() == int(Timeframe.D1)
