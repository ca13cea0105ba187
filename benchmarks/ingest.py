"""How fast a million one-minute bars get from a CSV file into SQLite, beside pandas' own way of doing it.

Ours is what `import-bars` runs: every row read, checked and stored, the run and its lineage recorded, and all higher
timeframes built. The peer reads the same file with `read_csv` and appends it with `DataFrame.to_sql` to a table with
the same primary key; it checks nothing and builds nothing. Each runs in a fresh process on a fresh, migrated data base;
time and memory are that process's own. They take turns, `ROUNDS` times; the best time of each counts.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

ROWS = 1_000_000
ROUNDS = 3
CHUNK = 100_000
START_MS = 1_577_836_800_000  # 2020-01-01
MIB = 1024
CANDIDATES = ("ours", "only_m1", "peer")


def run() -> dict[str, Any]:
    """Rows per second of both; `ratio` is ours over the peer's."""
    with tempfile.TemporaryDirectory(prefix="chartroom-ingest-") as name:
        folder = Path(name)
        csv = folder / "bars.csv"
        write_csv(csv, ROWS)
        rounds = [[_in_fresh_process(which, csv, folder) for which in CANDIDATES] for _ in range(ROUNDS)]
    ours, only_m1, peer = (min(figures, key=lambda one: one["seconds"]) for figures in zip(*rounds, strict=True))
    return {
        "name": "ingest",
        "unit": "rows/s",
        "ours": round(ROWS / ours["seconds"]),
        "peer": round(ROWS / peer["seconds"]),
        "ratio": round(peer["seconds"] / ours["seconds"], 2),
        "rows": ROWS,
        "rows_per_second": round(ROWS / ours["seconds"]),
        "rows_per_second_without_higher_timeframes": round(ROWS / only_m1["seconds"]),
        "rows_per_cpu_second": round(ROWS / ours["cpu_seconds"]),
        "seconds": ours["seconds"],
        "seconds_for_higher_timeframes": round(ours["seconds"] - only_m1["seconds"], 2),
        "bars_stored": ours["bars"],
        "peak_mb": max(one[0]["peak_mb"] for one in rounds),
        "peer_peak_mb": max(one[2]["peak_mb"] for one in rounds),
    }


def write_csv(path: Path, rows: int) -> None:
    """A random walk of prices with five decimals, one row a minute."""
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(7)
    close = 1.1 * np.exp(np.cumsum(random.normal(0, 1e-5, rows)))
    opened = np.concatenate([[1.1], close[:-1]])
    spread = random.uniform(0, 1e-4, (2, rows))
    frame = pd.DataFrame(
        {
            "time": (START_MS + np.arange(rows) * 60_000).astype("datetime64[ms]"),
            "open": opened.round(5),
            "high": (np.maximum(opened, close) + spread[0]).round(5),
            "low": (np.minimum(opened, close) - spread[1]).round(5),
            "close": close.round(5),
            "volume": random.integers(1, 500, rows),
        }
    )
    frame.to_csv(path, index=False, date_format="%Y-%m-%d %H:%M:%S")


def ours(csv: Path, database: Path) -> float:
    """Seconds of the real import."""
    from core.timeframe import Calendar, Timeframe
    from db.engine import engine_for
    from workers.market.files.load import Order, SymbolChoice, import_file

    engine = engine_for(f"sqlite:///{database}")
    order = Order(csv, SymbolChoice("EURUSD", calendar=Calendar.FX), Timeframe.M1, ZoneInfo("UTC"))
    began = time.perf_counter()
    report = import_file(engine, order, lambda: datetime.now(UTC), Silent())
    assert report.inserted == ROWS, report
    return time.perf_counter() - began


def only_m1(csv: Path, database: Path) -> float:
    """Seconds of the same reading, checking and storing, without the higher timeframes."""
    from core.timeframe import Timeframe
    from db.engine import engine_for, writer
    from db.models import Symbol
    from db.store.bars.series import upsert_bars
    from workers.market.files.check import check
    from workers.market.files.read import read_table

    engine = engine_for(f"sqlite:///{database}")
    now = datetime.now(UTC)
    began = time.perf_counter()
    table, _layout, _sha256 = read_table(csv, lambda count: None)
    bars = check(table, Timeframe.M1, ZoneInfo("UTC"), None, int(now.timestamp() * 1000)).bars
    with writer(engine) as session:
        session.add(symbol := Symbol(name="EURUSD", source="file", created_at=now))
        session.flush()
    for begin in range(0, len(bars), CHUNK):
        with writer(engine) as session:
            upsert_bars(session, symbol.id or 0, bars[begin : begin + CHUNK])
    return time.perf_counter() - began


def peer(csv: Path, database: Path) -> float:
    """Seconds of pandas alone."""
    import pandas as pd

    from db.engine import engine_for, writer
    from db.models import Symbol

    engine = engine_for(f"sqlite:///{database}")
    with writer(engine) as session:
        session.add(Symbol(id=1, name="EURUSD", source="file", created_at=datetime.now(UTC)))
    began = time.perf_counter()
    frame = pd.read_csv(csv, parse_dates=["time"])
    frame["time"] = frame["time"].astype("datetime64[ms]").astype("int64")
    frame.insert(0, "symbol_id", 1)
    frame.insert(1, "timeframe", 1)
    with engine.begin() as connection:
        frame.to_sql("bar", connection, if_exists="append", index=False, method=None, chunksize=CHUNK)
    return time.perf_counter() - began


class Silent:
    """Progress that nobody watches."""

    def read(self, count: int) -> None:
        """More bytes were read."""

    def storing(self, total: int) -> None:
        """Storing begins."""

    def stored(self, count: int) -> None:
        """More bars were stored."""


def _in_fresh_process(which: str, csv: Path, folder: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(dir=folder) as own:
        command = [sys.executable, "-m", "benchmarks.ingest", which, str(csv), str(Path(own) / "chartroom.db")]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def _child(which: str, csv: Path, database: Path) -> None:
    from sqlalchemy import text

    from db.engine import engine_for
    from db.migrate import upgrade

    engine = engine_for(f"sqlite:///{database}")
    upgrade(engine)
    began = time.process_time()
    seconds = {"ours": ours, "only_m1": only_m1, "peer": peer}[which](csv, database)
    cpu_seconds = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB
    with engine.connect() as connection:
        bars = connection.execute(text("SELECT count(*) FROM bar")).scalar_one()
    figures = {"seconds": round(seconds, 3), "cpu_seconds": round(cpu_seconds, 3), "peak_mb": round(peak)}
    print(json.dumps(figures | {"bars": bars}))


if __name__ == "__main__":
    _child(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
