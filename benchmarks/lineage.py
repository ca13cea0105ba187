"""What its lineage costs a scan of the desk: the same scans with and without it, taken in turns.

A scan is all that a worker does for one slot: it reads strategy and bars, finds events and indicators on three
timeframes, judges, and stores run, events and, where it makes a signal, its votes and snapshots, in one transaction.
`ours` is that with its lineage, `peer` without: no version of the bars is read, nothing is hashed, packed or traced.
`scans` slots of a simulated market, 45 minutes apart, make `signals` signals; figures are the means over all of them.

A scan that makes a signal writes all the steps that there are: `signal_ms` and `signal_cost_percent` are of those
alone, medians over the same signal made by `PAIRS` strategies with the same settings. The keys with `cpu` are of the
processor's own time, which a busy machine disturbs less.
"""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean, median
from typing import Any

from sqlalchemy import Engine, func
from sqlmodel import select

from db.engine import reader

SLOTS = 300
PAIRS = 40
STEP_MS = 45 * 60_000
NOW = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)
Pair = tuple[float, float]


def run() -> dict[str, Any]:
    """Mean milliseconds of a scan with and without, and the cost of the lineage in percent of the scan without it."""
    from db.engine import engine_for
    from db.migrate import upgrade

    with tempfile.TemporaryDirectory(prefix="chartroom-lineage-") as name:
        engine = engine_for(f"sqlite:///{Path(name) / 'chartroom.db'}")
        upgrade(engine)
        symbol_id = _market(engine)
        both, signals, loud = _series(engine, symbol_id)
        (ours, cpu), (peer, cpu_peer) = ([mean(part) for part in zip(*both[one], strict=True)] for one in (True, False))
        pairs = _pairs(engine, symbol_id, loud)
        (one, cpu_one), (other, cpu_other) = (
            [median(part) for part in zip(*pairs[which], strict=True)] for which in (True, False)
        )
        engine.dispose()
    return {
        "name": "lineage",
        "unit": "ms per scan",
        "ours": round(ours * 1e3, 3),
        "peer": round(peer * 1e3, 3),
        "ratio": round(peer / ours, 3),
        "cost_percent": _percent(ours, peer),
        "cpu_cost_percent": _percent(cpu, cpu_peer),
        "scans": SLOTS,
        "signals": signals,
        "signal_ms": round(one * 1e3, 3),
        "signal_cost_percent": _percent(one, other),
        "signal_cpu_cost_percent": _percent(cpu_one, cpu_other),
    }


def _percent(ours: float, peer: float) -> float:
    return round((ours / peer - 1) * 100, 1)


def _market(engine: Engine) -> int:
    """A simulated currency pair with all its bars; returns its id."""
    from core.settings import Settings
    from db.engine import writer
    from db.models import Symbol
    from db.store.bars.series import store_bars
    from workers.market.feeds import feed_for

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


def _series(engine: Engine, symbol_id: int) -> tuple[dict[bool, list[Pair]], int, int]:
    """Seconds of every scan with and without lineage, how many signals they made, and the last slot that made one."""
    from db.models import Signal

    strategies = {True: _strategy(engine, symbol_id, 0), False: _strategy(engine, symbol_id, 1)}
    found: dict[bool, list[Pair]] = {True: [], False: []}
    loud = 0
    for number in range(SLOTS + 1):
        slot = int(NOW.timestamp() * 1000) - (SLOTS - number) * STEP_MS
        # Whoever comes first finds the new events and stores them: they take turns.
        for which in (True, False) if number % 2 else (False, True):
            used, made = _timed(engine, strategies[which], symbol_id, slot, which)
            loud = slot if made is not None else loud
            if number:  # the first one warms up
                found[which].append(used)
    assert loud, "the simulated market makes no signal any more: choose another one"
    with reader(engine) as session:
        ours = select(func.count()).select_from(Signal).where(Signal.strategy_id == strategies[True])
        return found, session.exec(ours).one(), loud


def _pairs(engine: Engine, symbol_id: int, slot: int) -> dict[bool, list[Pair]]:
    """Seconds of scans that make the same signal for the first time, with and without lineage."""
    found: dict[bool, list[Pair]] = {True: [], False: []}
    for number in range(2 * PAIRS):
        strategy_id = _strategy(engine, symbol_id, number + 2)
        used, made = _timed(engine, strategy_id, symbol_id, slot, bool(number % 2))
        assert made is not None
        found[bool(number % 2)].append(used)
    return found


def _timed(engine: Engine, strategy_id: int, symbol_id: int, slot: int, lineage: bool) -> tuple[Pair, int | None]:
    """Seconds by the wall's clock and of the processor, and the signal that was made."""
    from workers.scanning import scan_one

    gc.collect(1)  # the rest is the same old modules every time, and takes longer than the scan
    with nullcontext() if lineage else _no_lineage():
        began, used = time.perf_counter(), time.process_time()
        made = scan_one(engine, strategy_id, symbol_id, slot)
        return (time.perf_counter() - began, time.process_time() - used), made


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
