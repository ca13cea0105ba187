"""The nightly sample of replays: which signals, and the note that it was done."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from core.errors import NotFoundError
from db.actions.replay import NIGHTLY, replay_signal
from db.conflict import insert_for
from db.engine import reader, writer
from db.models import LineageStep, Replay, Setting, Signal
from db.store.revision import bump

SAMPLE: Final = 20
"""Signals that are replayed in one night."""
WINDOW: Final = timedelta(days=30)
_KEY: Final = "replay_night"


def is_due(session: Session, now: datetime) -> bool:
    """Whether the sample of this day (UTC) has not been done yet."""
    found = session.get(Setting, _KEY)
    return found is None or found.value.get("day") != now.astimezone(UTC).date().isoformat()


def sample(session: Session, day: date, now: datetime, count: int = SAMPLE) -> list[int]:
    """Ids of at most `count` replayable signals of the last 30 days: drawn at random, and the same whoever asks."""
    noted = (
        select(LineageStep.id)
        .where(LineageStep.run_id == Signal.run_id, LineageStep.kind == "votes")
        .where(col(LineageStep.inputs)["kind"].as_string().is_not(None))
    )
    query = select(Signal.id).where(Signal.created_at >= now - WINDOW, col(Signal.deleted_at).is_(None))
    ids = [found for found in session.exec(query.where(noted.exists())) if found is not None]
    return sorted(sorted(ids, key=lambda found: _draw(day, found))[:count])


def replay_sample(engine: Engine, now: datetime, count: int = SAMPLE) -> list[Replay]:
    """Replay the sample of the day, each signal once, then note that it is done. Safe to repeat and to stop."""
    day = now.astimezone(UTC).date()
    with reader(engine) as session:
        chosen = sample(session, day, now, count)
    done = [one for signal_id in chosen if (one := _replayed(engine, signal_id, now)) is not None]
    different = [row.signal_id for row in done if not row.identical]
    value: dict[str, Any] = {"day": day.isoformat(), "replayed": len(done), "different": different}
    row = {"key": _KEY, "value": value, "updated_at": now}
    with writer(engine) as session:
        statement = insert_for(session, Setting).values(row)
        changed = {name: row[name] for name in ("value", "updated_at")}
        session.execute(statement.on_conflict_do_update(index_elements=["key"], set_=changed))
        bump(session)
    return done


def _replayed(engine: Engine, signal_id: int, now: datetime) -> Replay | None:
    """None when the signal was purged since it was drawn."""
    try:
        return replay_signal(engine, signal_id, now, NIGHTLY)
    except NotFoundError:
        return None


def _draw(day: date, signal_id: int) -> str:
    return hashlib.sha256(f"{day.isoformat()} {signal_id}".encode()).hexdigest()
