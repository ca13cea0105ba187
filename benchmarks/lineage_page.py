"""How long the Lineage page's script runs for a run of 500 steps, beside the same page read and drawn naively.

Both run the real entry script and the real page through Streamlit's own script runner, with empty caches: what the
first visitor after a change waits for. The peer reads each step and its edges by queries of their own, as objects, and
draws every step as a box of its own; everything else on the page is the same. They take turns, `ROUNDS` times; the
median of each counts. `processor_ms` is what the processor alone was busy with ours, `every_ms` our page when every
step is asked for, `signal_ms` the page of one signal, and `frame_ms` a page that shows next to nothing: what the entry
script and Streamlit's test harness take of all of these. The desk's lineage holds `OTHERS` other steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from benchmarks.page_script import desk_of_its_own, run_page

if TYPE_CHECKING:
    from db.views.lineage.chain import Trace

STEPS = 500
OTHERS = 50_000
ROUNDS = 5


def run() -> dict[str, Any]:
    """Milliseconds of both; `ratio` is the peer's over ours."""
    with desk_of_its_own():
        run_id, signal_run = fill()
        milliseconds(run_id)  # imports and the first connection are no part of a page
        ours, every, small, frame, peer = [], [], [], [], []
        for _ in range(ROUNDS):
            ours.append(milliseconds(run_id))
            every.append(milliseconds(run_id, every=True)[0])
            small.append(milliseconds(signal_run)[0])
            frame.append(run_page("jobs", {}, fresh=True)[1])
            with naive_chain():
                peer.append(milliseconds(run_id, every=True)[0])
    took = median(wall for wall, _ in ours)
    return {
        "name": "lineage_page",
        "unit": "ms",
        "ours": round(took, 1),
        "peer": round(median(peer), 1),
        "ratio": round(median(peer) / took, 1),
        "processor_ms": round(median(work for _, work in ours), 1),
        "every_ms": round(median(every), 1),
        "signal_ms": round(median(small), 1),
        "frame_ms": round(median(frame), 1),
        "steps": STEPS,
        "other_steps": OTHERS,
    }


def fill() -> tuple[int, int]:
    """A desk with many chains; the ids of the run of `STEPS` steps and of one with a single signal's."""
    from sqlalchemy import insert

    from db.engine import default_engine, writer
    from db.migrate import upgrade
    from db.models import LineageEdge, LineageStep

    upgrade(default_engine())
    now = datetime.now(UTC)
    with writer() as session:
        plain: dict[str, Any] = {"inputs": {"symbol": "SIM-EURUSD", "timeframe": "M5"}, "parameters": {}, "output": {}}
        plain |= {"content_hash": "0" * 64, "code_version": "benchmark", "status": "done"}
        plain |= {"started_at": now, "finished_at": now}
        rows = [plain | {"kind": "bars" if n % 10 == 0 else "events", "name": f"Step {n}"} for n in range(OTHERS)]
        session.connection().execute(insert(LineageStep), rows)
        edges = [{"parent_id": n, "child_id": n + 1} for n in range(1, OTHERS) if n % 10]
        session.connection().execute(insert(LineageEdge), edges)
        return add_run(session, STEPS), add_run(session, 12)


def add_run(session: Any, count: int) -> int:
    """A run of `count` steps: bars, events and indicators of many timeframes and symbols, votes, signals, charts."""
    from db.models import Run
    from db.store.lineage.steps import Step, add_step

    began = datetime.now(UTC) - timedelta(hours=2)
    run_row = Run(kind="scan", status="done", started_at=began, finished_at=began, code_version="benchmark")
    session.add(run_row)
    session.flush()
    made = 0

    def step(kind: str, name: str, parents: tuple[int, ...] = (), **fields: Any) -> int:
        nonlocal made, began
        ended = began + timedelta(milliseconds=4 + made % 7)
        values: dict[str, Any] = {"inputs": {"symbol": "SIM-EURUSD", "timeframe": "M5"}, "parameters": {"count": 500}}
        values |= {"output": {"EMA(20)": 1.0871, "RSI(14)": 55.2}, "content": [made]}
        found = add_step(session, Step(kind, name, began, ended, run_id=run_row.id, **(values | fields)), parents)
        made, began = made + 1, ended
        return found

    while made < count:
        bars = [step("bars", f"SIM-EURUSD {name}") for name in ("H4", "M15", "M5")]
        events = [step("events", f"Events {name}", (one,)) for name, one in zip(("H4", "M15", "M5"), bars, strict=True)]
        values = [step("indicators", f"Indicators {one}", (one,)) for one in bars]
        votes = step("votes", "Votes and confidence", (*events, *values))
        signal = step("signal", "Signal", (votes,))
        step("chart", "Chart of the signal", (signal,))
    assert run_row.id is not None
    return run_row.id


@contextmanager
def naive_chain() -> Iterator[None]:
    """The page's chain read step by step."""
    from db.views.lineage import chain as lineage_chain

    def naive(session: Any, own: Any, most: int = lineage_chain.MOST) -> lineage_chain.Trace:
        return naive_trace(session, own)

    naive.__module__, naive.__qualname__ = "benchmarks.lineage_page", "naive"
    with patch.object(lineage_chain, "trace", naive):
        yield


def naive_trace(session: Any, own: Any) -> Trace:
    """What `trace` answers, with one query a step and one for each side of its edges."""
    from sqlmodel import col, select

    from db.models import LineageEdge, LineageStep
    from db.views.lineage.chain import Brief, Trace

    steps: dict[int, Any] = {}
    edges: set[tuple[int, int]] = set()
    for up in (True, False):
        near, far = (
            (LineageEdge.child_id, LineageEdge.parent_id) if up else (LineageEdge.parent_id, LineageEdge.child_id)
        )
        waiting, seen = list(own), set(own)
        while waiting:
            one = waiting.pop()
            steps[one] = session.exec(select(LineageStep).where(LineageStep.id == one)).one()
            session.expire(steps[one])
            for other in session.exec(select(far).where(col(near) == one)):
                edges.add((other, one) if up else (one, other))
                if other not in seen:
                    seen.add(other)
                    waiting.append(other)
    briefs = tuple(Brief(*(getattr(steps[one], name) for name in Brief.__slots__)) for one in sorted(steps))
    return Trace(briefs, tuple(sorted(edges)), frozenset(own))


def milliseconds(run_id: int, *, every: bool = False) -> tuple[float, float]:
    """One run of the page's script, by the clock and by the processor."""
    state = {"lineage_every": True} if every else {}
    app, took, work = run_page("lineage", state, fresh=True, query={"run": str(run_id)})
    assert len(app.get("bidi_component")) == 2
    return took, work
