"""What people say about pattern events, by what makes an event unique."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, select
from sqlmodel import Session, col

from db.conflict import insert_for
from db.models import PatternReview

VERDICTS: Final = ("valid", "invalid", "relabelled")


@dataclass(frozen=True)
class EventKey:
    """One event of one symbol and timeframe (minutes); `start` and `end` are its bars' open times, UTC ms."""

    symbol_id: int
    timeframe: int
    kind: str
    direction: int
    start: int
    end: int


@dataclass(frozen=True)
class Verdict:
    """`valid`, `invalid`, or `relabelled` with the kind that it should have been as `label`."""

    verdict: str
    label: str | None = None
    note: str = ""


_KEY = tuple(EventKey.__dataclass_fields__)


def verdict_on(session: Session, key: EventKey) -> Verdict | None:
    """What stands written about an event."""
    row = session.execute(select(PatternReview).where(*_which(key))).scalar_one_or_none()
    return None if row is None else Verdict(row.verdict, row.label, row.note)


def write_verdict(session: Session, key: EventKey, verdict: Verdict, now: datetime) -> None:
    """Write a verdict over whatever was written before."""
    said = asdict(verdict) | {"reviewed_at": now}
    statement = insert_for(session, PatternReview).values(asdict(key) | said)
    session.execute(statement.on_conflict_do_update(index_elements=list(_KEY), set_=said))


def drop_verdict(session: Session, key: EventKey) -> None:
    """As if the event had never been judged."""
    session.execute(delete(PatternReview).where(*_which(key)))


def verdicts(session: Session, symbol_id: int, timeframe: int) -> dict[EventKey, Verdict]:
    """Every verdict on one symbol and timeframe."""
    query = select(PatternReview).where(
        col(PatternReview.symbol_id) == symbol_id, col(PatternReview.timeframe) == timeframe
    )
    return {
        EventKey(**{name: getattr(row, name) for name in _KEY}): Verdict(row.verdict, row.label, row.note)
        for row in session.scalars(query)
    }


def _which(key: EventKey) -> tuple[Any, ...]:
    return tuple(col(getattr(PatternReview, name)) == value for name, value in asdict(key).items())
