"""Scans: from bars to signals."""

from __future__ import annotations

from sqlalchemy import Engine

from db.actions.follow import follow_signals
from db.actions.outcomes import follow_outcomes
from db.engine import default_engine
from workers.analyst.due import due_opinions
from workers.due import due_charts
from workers.queue import submit
from workers.scanning import now, scan_one, scan_owed


def scan_slot(strategy_id: int, symbol_id: int, slot: int) -> list[int]:
    """Scan what is owed up to a slot, settle what is over already, then ask for the charts of what is left.

    What became of the signals is followed on the bars that are stored. Returns the ids of the signals made.
    """
    engine = default_engine()
    made = scan_owed(engine, strategy_id, symbol_id, slot)
    # Also when nothing was made: an attempt that was killed may have left its signals for this one to look after.
    _look_after(engine, symbol_id)
    return made


def scan_now(strategy_id: int, symbol_id: int, moment: int) -> int | None:
    """Scan once as of `moment` (UTC ms) because a person asked for it; returns the id of the signal made, if any."""
    engine = default_engine()
    made = scan_one(engine, strategy_id, symbol_id, moment)
    _look_after(engine, symbol_id)
    return made


def _look_after(engine: Engine, symbol_id: int) -> None:
    """Settle what is over already, follow every signal, and ask for charts of and opinions on what is left."""
    follow_signals(engine, symbol_id, now())
    follow_outcomes(engine, symbol_id, now())
    for job in due_charts(engine) + due_opinions(engine, int(now().timestamp() * 1000), look=False):
        submit(job)
