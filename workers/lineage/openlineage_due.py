"""Whether runs wait to be exported. Light on purpose: every minute asks, and most desks export nothing."""

from __future__ import annotations

from sqlalchemy import Engine

from core import jobs
from core.settings import Settings
from core.timeframe import MINUTE_MS
from db.engine import reader
from db.store.lineage.export import ExportState, export_states, newest_run


def targets(settings: Settings) -> list[str]:
    """The places that the settings send events to, by the word under which their state is kept."""
    wanted = {"file": settings.openlineage_folder, "url": settings.openlineage_url}
    return [target for target, place in wanted.items() if place is not None]


def due_lineage_export(engine: Engine, settings: Settings, now: int) -> list[jobs.Job]:
    """The job that sends what is new, when a place is configured and a try is due; `now` in UTC ms."""
    wanted = targets(settings)
    if not wanted:
        return []
    with reader(engine) as session:
        states, newest = export_states(session), newest_run(session)
    due = any(target not in states or _is_due(states[target], newest, now) for target in wanted)
    return [jobs.openlineage(now // MINUTE_MS * MINUTE_MS)] if due else []


def _is_due(state: ExportState, newest: int, now: int) -> bool:
    return state.next_at <= now and (newest > state.after or state.tries > 0)
