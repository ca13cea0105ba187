"""The export of runs: one process at a time has a place, and how it went is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import Engine

from db.conflict import insert_for
from db.engine import writer
from db.models import Setting
from db.store.lineage.export import KEY, ExportState, export_states, keep_state, newest_run

LEASE_MS: Final = 180_000
"""For so long nobody else begins, if whoever began is never heard of again."""
_MINUTE = 60_000
_LONGEST = 60
"""Minutes between two tries at most."""


def begin_export(engine: Engine, target: str, now: datetime) -> ExportState | None:
    """Take hold of a place that is due; None when somebody has it, or the next try comes later.

    The first time, every run there is so far counts as sent: the export begins with what happens from then on.
    """
    moment = _ms(now)
    with writer(engine) as session:
        session.execute(insert_for(session, Setting).values(key=KEY, value={}, updated_at=now).on_conflict_do_nothing())
        session.get(Setting, KEY, with_for_update=True)
        state = export_states(session).get(target) or ExportState(after=newest_run(session))
        if state.next_at > moment:
            return None
        held = replace(state, next_at=moment + LEASE_MS)
        keep_state(session, target, held, now)
        return held


def end_export(engine: Engine, target: str, state: ExportState, error: str | None, now: datetime) -> None:
    """Let go of a place, with what was sent; `error` is why it stopped before its end. `state.error` stays without."""
    moment = _ms(now)
    if error is None:
        state = replace(state, failing_since=None, tries=0, next_at=0)
    else:
        wait = min(_LONGEST, 2**state.tries) * _MINUTE
        since = state.failing_since or moment
        state = replace(state, error=error, failing_since=since, tries=state.tries + 1, next_at=moment + wait)
    with writer(engine) as session:
        keep_state(session, target, state, now)


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
