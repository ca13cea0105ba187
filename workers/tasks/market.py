"""What happens every minute: bars are fetched, and what is due is asked for."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime

from sqlalchemy import Engine

from core import jobs
from core.settings import Settings
from db.actions.challenges import follow_challenges
from db.actions.clear import purge_cleared
from db.actions.excursions import follow_excursions
from db.actions.follow import follow_signals
from db.actions.outcomes import follow_outcomes
from db.actions.portfolio import ensure_default
from db.actions.portfolio_rates import store_rates
from db.engine import default_engine
from db.store.charts.exports import file_inside
from workers.analyst.due import due_opinions
from workers.analyst.questions import due_questions
from workers.broker.due import due_paper
from workers.due import due_charts, due_datasets, due_exports, due_fetches, due_scans, unfed_symbols
from workers.ingest import fetch_new
from workers.lineage.openlineage_due import due_lineage_export
from workers.lineage.replay_due import due_replays
from workers.queue import connection, submit

KEEP_HEARTBEAT = 3600
"""Seconds after which nobody cares any more when the clock was last heard."""


def tick() -> None:
    """Ask for every fetch, scan and chart that is due. Harmless to run twice: each of them has an id of its own."""
    engine, now, settings = default_engine(), now_ms(), Settings.from_mapping(os.environ)
    connection().set(jobs.HEALTH_KEY, now, ex=KEEP_HEARTBEAT)
    due = due_fetches(engine, settings, now)
    due += due_scans(engine, unfed_symbols(engine), now)
    due += due_charts(engine) + due_exports(engine, now) + due_datasets(engine)
    due += due_opinions(engine, now) + due_questions(engine, now)
    due += due_lineage_export(engine, settings, now) + due_replays(engine, now)
    for job in due:
        submit(job)
    keep_house(engine, settings, datetime.fromtimestamp(now / 1000, UTC))


def keep_house(engine: Engine, settings: Settings, moment: datetime) -> None:
    """Record what broke a challenge's rules, keep portfolios whole and rates current, and delete for good what was
    cleared a day ago.
    """
    follow_challenges(engine, moment)
    ensure_default(engine, moment)
    store_rates(engine, moment)
    purged = purge_cleared(engine, moment)
    for path in purged.images:
        (settings.uploads / path).unlink(missing_ok=True)
    for path in purged.charts:
        file_inside(settings.charts, path).unlink(missing_ok=True)


def fetch_bars(symbol_id: int, minute: int) -> int:
    """Store what is new for one symbol, settle and follow its signals, then ask for the scans that waited for it.

    Returns the number of new bars. `minute` (UTC ms) is the tick that asked; a late job fetches up to the present.
    """
    engine, now = default_engine(), max(minute, now_ms())
    count = fetch_new(engine, Settings.from_mapping(os.environ), symbol_id, now)
    moment = datetime.fromtimestamp(now / 1000, UTC)
    follow_signals(engine, symbol_id, moment)
    follow_outcomes(engine, symbol_id, moment)
    follow_excursions(engine, symbol_id, moment)
    for job in due_paper(engine, symbol_id, now) + due_scans(engine, [symbol_id], now):
        submit(job)
    return count


def now_ms() -> int:
    """The wall clock, UTC ms."""
    return time.time_ns() // 1_000_000
