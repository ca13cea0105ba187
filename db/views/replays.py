"""Replays: the last one of a signal, and what the nightly samples found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlmodel import Session, col, select

from db.models import Replay

NIGHTLY = "nightly"


@dataclass(frozen=True)
class Night:
    """The nightly sample of one day (UTC): how many signals were replayed, and those that came out differently."""

    day: date
    replayed: int
    differing: tuple[Replay, ...]
    code_version: str

    @property
    def identical(self) -> int:
        return self.replayed - len(self.differing)


def last_replay(session: Session, signal_id: int) -> Replay | None:
    """The newest replay of a signal; None when it was never replayed."""
    query = select(Replay).where(Replay.signal_id == signal_id).order_by(col(Replay.id).desc())
    return session.exec(query.limit(1)).first()


def nights(session: Session, now: datetime, days: int) -> list[Night]:
    """The nightly samples of the last `days` days, the newest first."""
    since = now - timedelta(days=days)
    query = select(Replay).where(Replay.by == NIGHTLY, col(Replay.started_at) >= since).order_by(col(Replay.id).desc())
    by_day: dict[date, list[Replay]] = {}
    for replay in session.exec(query):
        by_day.setdefault(replay.started_at.astimezone(UTC).date(), []).append(replay)
    return [
        Night(day, len(found), tuple(one for one in found if not one.identical), found[0].code_version)
        for day, found in sorted(by_day.items(), reverse=True)
    ]
