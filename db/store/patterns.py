"""The append-only event logs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import insert
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from core.lineage import content_hash
from core.patterns.detect import DetectorSettings
from core.patterns.events import EventLog, Kind, Status
from core.timeframe import Timeframe
from db.conflict import insert_for
from db.models import PatternEvent, PatternLog, PatternStatus

# Before any bar: the log has seen nothing.
NOTHING = -1


def append_events(
    session: Session, symbol_id: int, timeframe: Timeframe, settings: DetectorSettings, log: EventLog, as_of: int
) -> int:
    """Add the events and status rows that became known after what the stored log has seen; returns how many events.

    Nothing stored is ever changed. A scan of an older moment adds nothing.
    """
    row = _locked_log(session, symbol_id, timeframe, settings)
    if as_of <= row.through:
        return 0
    fresh = log.events[log.events["known_at"] > row.through]
    if len(fresh):
        session.execute(insert(PatternEvent), [_event_row(row.id, event) for event in fresh])
    _append_statuses(session, row, log)
    row.through = as_of
    session.add(row)
    session.flush()
    return len(fresh)


def _locked_log(session: Session, symbol_id: int, timeframe: Timeframe, settings: DetectorSettings) -> PatternLog:
    """The log's row, made if missing, and locked until the transaction ends."""
    digest = content_hash(settings)
    query = (
        select(PatternLog)
        .where(
            PatternLog.symbol_id == symbol_id,
            PatternLog.timeframe == int(timeframe),
            PatternLog.settings_hash == digest,
        )
        .with_for_update()
    )
    row = session.exec(query).first()
    if row is not None:
        return row
    session.execute(
        insert_for(session, PatternLog)
        .values(
            symbol_id=symbol_id,
            timeframe=int(timeframe),
            settings_hash=digest,
            settings=asdict(settings),
            through=NOTHING,
        )
        .on_conflict_do_nothing()
    )
    return session.exec(query).one()


def _event_row(log_id: int | None, event: Any) -> dict[str, Any]:
    return {
        "log_id": log_id,
        "kind": Kind(int(event["kind"])).name.lower(),
        **{name: int(event[name]) for name in ("direction", "start", "end", "known_at")},
        **{name: float(event[name]) for name in ("price_low", "price_high", "level", "score")},
    }


def _append_statuses(session: Session, row: PatternLog, log: EventLog) -> None:
    fresh = log.statuses[log.statuses["known_at"] > row.through]
    if not len(fresh):
        return
    oldest = int(log.events["known_at"][fresh["event"]].min())
    key = (col(PatternEvent.kind), col(PatternEvent.direction), col(PatternEvent.start), col(PatternEvent.end))
    query = sql_select(col(PatternEvent.id), *key).where(
        col(PatternEvent.log_id) == row.id, col(PatternEvent.known_at) >= oldest
    )
    stored = session.execute(query)
    ids = {tuple(found): event_id for event_id, *found in stored}
    rows = []
    for status in fresh:
        event = log.events[status["event"]]
        named = (Kind(int(event["kind"])).name.lower(), *(int(event[name]) for name in ("direction", "start", "end")))
        # An event that only a different window shows is not in the log, and gets no status either.
        if named in ids:
            name = Status(int(status["status"])).name.lower()
            rows.append({"event_id": ids[named], "status": name, "known_at": int(status["known_at"])})
    if rows:
        session.execute(insert(PatternStatus), rows)
