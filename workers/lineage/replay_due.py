"""Whether the nightly replays are due. Light on purpose: every minute asks."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Engine

from core import jobs
from db.actions.replay_night import is_due
from db.engine import reader


def due_replays(engine: Engine, now: int) -> list[jobs.Job]:
    """The job of the day's sample (UTC), until it is done; `now` in UTC ms."""
    moment = datetime.fromtimestamp(now / 1000, UTC)
    with reader(engine) as session:
        return [jobs.replay_sample(moment.date().isoformat())] if is_due(session, moment) else []
