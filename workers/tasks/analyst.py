"""The local analyst."""

from __future__ import annotations

import os

from core.settings import Settings
from db.actions.opinions import ask_unreached
from db.engine import default_engine, reader
from db.store.moments import to_ms
from db.store.opinions import analyst_settings
from workers.analyst import opinion as writing
from workers.analyst.due import due_opinions
from workers.queue import connection, submit


def opinion(opinion_id: int) -> bool:
    """Have a queued opinion written, then ask for the next one; whether there is an answer."""
    engine = default_engine()
    charts = Settings.from_mapping(os.environ).charts
    answered = writing.write_opinion(engine, connection(), charts, opinion_id)
    _next()
    return answered


def look_for_models() -> int:
    """Ask the server what it has, and for the opinions that waited for it; how many models there are."""
    engine = default_engine()
    with reader(engine) as session:
        settings = analyst_settings(session)
    models = writing.look(connection(), settings)
    if models and ask_unreached(engine, models, writing.now()):
        _next()
    return len(models or ())


def _next() -> None:
    for job in due_opinions(default_engine(), to_ms(writing.now()), look=False):
        submit(job)
