"""What is due with the analyst, read from the data base: one opinion at a time, or a look for the server."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Engine

from core import jobs
from db.actions.opinions import ask_about_new
from db.engine import reader
from db.store.opinions import LOST, analyst_settings, fresh_signals, queued, unreached, writing


def due_opinions(engine: Engine, now: int, *, look: bool = True) -> list[jobs.Job]:
    """Ask about the signals that are new, and name the one job that is next; `now` in UTC ms.

    While an opinion is written there is none: whoever writes it asks for the next. With nothing to write, and with
    signals that wait for a server, it is looked for (`look`): once for all of them.
    """
    moment = datetime.fromtimestamp(now / 1000, UTC)
    _ask(engine, moment)
    with reader(engine) as session:
        if writing(session):
            return []
        waiting = queued(session)
        if waiting:
            return [jobs.opinion(waiting[0].id or 0, waiting[0].signal_id, now)]
        wanted = look and analyst_settings(session).enabled and unreached(session, moment, 1)
        return [jobs.look_for_models(now)] if wanted else []


def _ask(engine: Engine, moment: datetime) -> None:
    """Read first: nearly every minute there is nothing to write."""
    with reader(engine) as session:
        fresh = analyst_settings(session).enabled and fresh_signals(session, moment, 1)
        lost = any(moment - (one.started_at or one.created_at) > LOST for one in writing(session))
    if fresh or lost:
        ask_about_new(engine, moment)
