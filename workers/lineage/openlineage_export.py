"""Send runs as OpenLineage events: what is new, by itself every minute, or what a person names."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from rq.timeouts import JobTimeoutException
from sqlalchemy import Engine
from sqlmodel import col, select

from core.errors import ChartroomError, LineageExportError, LineageRefusedError, NotFoundError
from core.settings import Settings
from core.strategies import registry
from db.actions.lineage_export import begin_export, end_export
from db.engine import reader
from db.models import Run
from db.store.lineage.export import ExportState, unsent_runs, with_sent
from db.version import code_version
from db.views.lineage.events import RunFacts, newest_runs, run_facts
from workers.lineage.openlineage import events, job_name
from workers.lineage.openlineage_places import FilePlace, Place, UrlPlace

BATCH = 200
"""Runs of one job; the next minute goes on."""


def places(settings: Settings) -> dict[str, Place]:
    """Where the settings send events to, by the word under which the state is kept."""
    found: dict[str, Place] = {}
    if settings.openlineage_folder is not None:
        found["file"] = FilePlace(settings.openlineage_folder, by_day=True)
    if settings.openlineage_url is not None:
        found["url"] = UrlPlace(settings.openlineage_url)
    return found


def export_due(engine: Engine, settings: Settings, now: datetime) -> int:
    """Send what is new to every place that is due; the number of runs sent. A place that fails is tried again later."""
    return sum(_export(engine, target, place, now) for target, place in places(settings).items())


def export_runs(engine: Engine, place: Place, run_id: int | None, since: datetime | None) -> int:
    """Send one run, or every run since a moment; the number of runs sent.

    Raises:
        NotFoundError: no such run.
        LineageExportError: the place does not work, or refuses an event.
    """
    sources, sent, after = Sources(), 0, 0
    while True:
        with reader(engine) as session:
            if run_id is not None:
                runs = list(session.exec(select(Run).where(col(Run.id) == run_id)))
                if not runs:
                    raise NotFoundError(f"There is no run {run_id}: see the last runs on the Strategies page.", run_id)
            else:
                runs = newest_runs(session, since or datetime.fromtimestamp(0, UTC), after, BATCH)
            found = run_facts(session, runs)
        for facts in found:
            place.emit(events(facts, sources.of(facts)))
        sent += len(found)
        if run_id is not None or len(found) < BATCH:
            return sent
        after = runs[-1].id or 0


class Sources:
    """The text of built-in strategies, once for each job and version of the code. `told` is what was told before."""

    def __init__(self, told: Mapping[str, str] | None = None) -> None:
        self.told = dict(told or {})

    def of(self, facts: RunFacts) -> str | None:
        """The code of the run's strategy, if this very code ran; a file of the user's own stays with the user."""
        strategy, name, version = facts.strategy, job_name(facts), facts.run.code_version
        if strategy is None or strategy.kind not in registry.KINDS or version != code_version():
            return None
        if self.told.get(name) == version:
            return None
        try:
            code = type(registry.make_strategy(strategy.kind, strategy.parameters))
            text = inspect.getsource(sys.modules[code.__module__])
        except (ChartroomError, OSError):
            return None
        self.told[name] = version
        return text


def _export(engine: Engine, target: str, place: Place, now: datetime) -> int:
    held = begin_export(engine, target, now)
    if held is None:
        return 0
    state, sources = replace(held, error=None), Sources(held.told)
    error: str | None = None
    try:
        with reader(engine) as session:
            found = run_facts(session, unsent_runs(session, held, BATCH))
        for facts in found:
            state = _send(place, facts, state, sources, now)
    except LineageExportError as fault:
        error = fault.message
    except Exception as fault:
        late = isinstance(fault, JobTimeoutException)
        error = "It took longer than a job may: the rest follows." if late else f"{type(fault).__name__}: {fault}"
        raise
    finally:
        end_export(engine, target, state, error, now)
    return state.sent - held.sent


def _send(place: Place, facts: RunFacts, state: ExportState, sources: Sources, now: datetime) -> ExportState:
    """Deliver one run; the state after it. One that is refused is counted and left behind."""
    try:
        place.emit(events(facts, sources.of(facts)))
    except LineageRefusedError as fault:
        return replace(with_sent(state, facts.run), rejected=state.rejected + 1, error=fault.message)
    sent_at = int(now.timestamp() * 1000)
    return replace(with_sent(state, facts.run), sent=state.sent + 1, sent_at=sent_at, told=sources.told)
