"""How far the export of runs as OpenLineage events has come, for each place it goes to (`file`, `url`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session, col, func, select

from db.models import Run, Setting

KEY: Final = "openlineage"
OVERLAP: Final = 500
"""Runs before the last sent one that are looked at again: on PostgreSQL a lower id may be committed later, and a failed
scan is taken over by the one that succeeds."""


@dataclass(frozen=True)
class ExportState:
    """`after` is the highest run id that was sent, `known` the end (UTC ms) of each of the last ones, by id as text.

    `told` is the version of the code that each job's source was told of. `rejected` counts runs that the endpoint would
    not have, and why is in `error`. While it fails, `failing_since` says since when, `tries` how often, and `next_at`
    when the next try is due (all UTC ms).
    """

    after: int = 0
    known: Mapping[str, int] = field(default_factory=dict)
    told: Mapping[str, str] = field(default_factory=dict)
    sent: int = 0
    sent_at: int | None = None
    rejected: int = 0
    error: str | None = None
    failing_since: int | None = None
    tries: int = 0
    next_at: int = 0


def export_states(session: Session) -> dict[str, ExportState]:
    """The state of each place that runs were ever sent to."""
    row = session.get(Setting, KEY)
    stored: dict[str, dict[str, Any]] = row.value if row is not None and isinstance(row.value, dict) else {}
    return {target: ExportState(**one) for target, one in stored.items()}


def keep_state(session: Session, target: str, state: ExportState, now: datetime) -> None:
    """Write the state of one place; those of the others stay."""
    row = session.get(Setting, KEY, with_for_update=True) or Setting(key=KEY, value={}, updated_at=now)
    row.value = {**row.value, target: asdict(state)}
    row.updated_at = now
    session.add(row)


def newest_run(session: Session) -> int:
    """The highest id of a run; 0 before the first."""
    return session.exec(select(func.max(Run.id))).one() or 0


def unsent_runs(session: Session, state: ExportState, limit: int) -> list[Run]:
    """The next runs to send, the oldest first: new ones, and known ones that ended anew."""
    query = select(Run.id, Run.finished_at).where(col(Run.id) > state.after - OVERLAP).order_by(col(Run.id))
    first = min((int(one) for one in state.known), default=state.after + 1)
    ids = [
        key
        for key, ended in session.exec(query.limit(OVERLAP + limit))
        if key is not None and key >= first and state.known.get(str(key)) != _ms(ended)
    ][:limit]
    return list(session.exec(select(Run).where(col(Run.id).in_(ids)).order_by(col(Run.id))))


def with_sent(state: ExportState, run: Run) -> ExportState:
    """The state after this run was dealt with."""
    after = max(state.after, run.id or 0)
    known = {**state.known, str(run.id): _ms(run.finished_at)}
    kept = {key: ended for key, ended in known.items() if int(key) > after - OVERLAP}
    values = {**asdict(state), "after": after, "known": kept}
    return ExportState(**values)


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
