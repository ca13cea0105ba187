"""What its lineage costs a scan of the desk that makes a signal: the same scan with and without it, taken in turns.

A scan here is all that a worker does for one slot: it reads strategy and bars, finds events and indicators on three
timeframes, judges, and stores run, events, votes, snapshots and signal in one transaction. `ours` is that with its
lineage, `peer` without: no version of the bars is read, nothing is hashed, packed or traced. A scan that makes no
signal writes no steps, so its share is smaller; `quiet_cost_percent` is of such a slot.

Every scan is of a strategy of its own, with the same settings, so that each makes the same signal for the first time.
Times are medians over `SCANS` pairs, in a process of its own on SQLite.
"""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Engine

SCANS = 150
NOW = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)
SEARCHED = 3_000
STEP_MS = 45 * 60_000


def run() -> dict[str, Any]:
    """Median milliseconds of both, and the cost of the lineage in percent of the scan without it."""
    from db.engine import engine_for
    from db.migrate import upgrade

    with tempfile.TemporaryDirectory(prefix="chartroom-lineage-") as name:
        engine = engine_for(f"sqlite:///{Path(name) / 'chartroom.db'}")
        upgrade(engine)
        symbol_id = _market(engine)
        loud, quiet = _slots(engine, symbol_id)
        ours, peer = _pairs(engine, symbol_id, loud)
        quiet_ours, quiet_peer = _pairs(engine, symbol_id, quiet)
        engine.dispose()
    return {
        "name": "lineage",
        "unit": "ms per scan that makes a signal",
        "ours": round(ours * 1e3, 3),
        "peer": round(peer * 1e3, 3),
        "ratio": round(peer / ours, 3),
        "cost_percent": round((ours / peer - 1) * 100, 1),
        "quiet_ms": round(quiet_ours * 1e3, 3),
        "quiet_cost_percent": round((quiet_ours / quiet_peer - 1) * 100, 1),
        "scans": SCANS,
    }


def _market(engine: Engine) -> int:
    """A simulated currency pair with all its bars; returns its id."""
    from core.settings import Settings
    from db.engine import writer
    from db.models import Symbol
    from db.store.bars import store_bars
    from workers.market.base import feed_for

    now = int(NOW.timestamp() * 1000)
    with writer(engine) as session:
        symbol = Symbol(
            name="SIM-EURUSD", source="simulated", vendor_symbol="SIM-EURUSD", calendar="fx", tick_size=0.00001,
            created_at=NOW,
        )  # fmt: skip
        session.add(symbol)
        session.flush()
        feed = feed_for(symbol, Settings.from_mapping({"SIMULATED": "1"}))
        assert feed is not None
        store_bars(session, symbol, feed.fetch(symbol.name, None, now).bars, until=now)
        return symbol.id or 0


def _slots(engine: Engine, symbol_id: int) -> tuple[int, int]:
    """A slot that makes a signal, and one that does not."""
    from core.scan import scan
    from db.actions.scan import load_scan

    strategy_id, quiet = _strategy(engine, symbol_id, 0), 0
    for back in range(SEARCHED):
        slot = int(NOW.timestamp() * 1000) - back * STEP_MS
        given = load_scan(engine, strategy_id, symbol_id, slot)
        if scan(given.strategy, given.bars, given.tick_size).verdict.suggestion is not None:
            return slot, quiet
        quiet = slot
    raise RuntimeError("the simulated market makes no signal any more: choose another one")


def _pairs(engine: Engine, symbol_id: int, slot: int) -> tuple[float, float]:
    """Median seconds of a scan of `slot` with and without lineage."""
    from workers.scanning import scan_one

    with_it, without = list[float](), list[float]()
    strategies = [_strategy(engine, symbol_id, slot + number) for number in range(1, 2 * SCANS + 3)]
    for number, strategy_id in enumerate(strategies):
        gc.collect()
        if number % 2:
            began = time.perf_counter()
            scan_one(engine, strategy_id, symbol_id, slot)
            with_it.append(time.perf_counter() - began)
        else:
            with _no_lineage():
                began = time.perf_counter()
                scan_one(engine, strategy_id, symbol_id, slot)
                without.append(time.perf_counter() - began)
    return median(with_it[1:]), median(without[1:])


def _strategy(engine: Engine, symbol_id: int, number: int) -> int:
    from db.actions.strategies import StrategyDraft, create_strategy

    parameters = {"structure": "H4", "shift": "M15", "entry": "M5"}
    draft = StrategyDraft(f"SMC {number}", "smc_mtf", "*/5 * * * *", parameters, [symbol_id], active=False)
    return create_strategy(engine, draft, NOW)


@contextmanager
def _no_lineage() -> Iterator[None]:
    """The scan as it would be if nothing about it were recorded."""
    from db.actions import scan

    plain: dict[str, Any] = {
        "newest_change": lambda session, symbol_id: 0,
        "content_hash": lambda value: "",
        "trace_signal": lambda *arguments: None,
    }
    kept = {name: getattr(scan, name) for name in plain}
    try:
        for name, function in plain.items():
            setattr(scan, name, function)
        yield
    finally:
        for name, function in kept.items():
            setattr(scan, name, function)
