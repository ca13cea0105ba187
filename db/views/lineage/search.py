"""Find steps and what they made: by number, symbol, kind, text or day, and what failed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, String, cast, func, or_, select
from sqlmodel import Session, col

from core.lineage_kinds import KINDS
from core.text import storable
from db.models import DeskQuestion, LineageStep, Opinion, Run, Signal, Strategy, Symbol, Trade
from db.views.lineage.subjects import ENTITIES, Subject, subject, subjects

RECENT: Final = 200_000
"""Steps among which text is looked for: the newest. A number finds any."""
_WORDS: Final = {"export": "chart_export", "chart": "chart_export", "prompt": "prompt_version", "order": "order_ticket"}
_NUMBER = re.compile(r"(?:([a-z]+)\s*)?#?\s*(\d{1,9})")


@dataclass(frozen=True)
class Wanted:
    """What to look for. An empty text and None mean no restriction; days are UTC moments, `until` is left out."""

    text: str = ""
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    failed: bool = False

    @property
    def anything(self) -> bool:
        """Whether something is asked for at all."""
        return bool(storable(self.text).strip() or self.kind or self.since or self.until or self.failed)


@dataclass(frozen=True)
class Found:
    """One hit: a row by its entity, or a step. `kind` is the step's kind, or the entity."""

    entity: str
    id: int
    kind: str
    name: str
    status: str
    moment: datetime
    error: str | None = None


def search(session: Session, wanted: Wanted, limit: int) -> list[Found]:
    """At most `limit` hits: rows and steps of that very number first, then the newest of the rest."""
    text = storable(wanted.text).strip()
    exact = list(_numbered(session, text)) if text and wanted.kind is None and not wanted.failed else []
    rest = _steps(session, wanted, text, limit) + _runs(session, wanted, text, limit)
    if wanted.kind is None and text and not wanted.failed:
        rest += _rows(session, wanted, text, limit)
    rest.sort(key=lambda one: one.moment, reverse=True)
    known = {(one.entity, one.id) for one in exact}
    return (exact + [one for one in rest if (one.entity, one.id) not in known])[:limit]


def failures(session: Session, limit: int) -> list[Found]:
    """The newest failed steps and runs."""
    return search(session, Wanted(failed=True), limit)


def _numbered(session: Session, text: str) -> Iterable[Found]:
    """What bears this number: `12`, `#12`, `signal 12`."""
    match = _NUMBER.fullmatch(text.lower())
    if match is None:
        return
    word = match.group(1)
    entity = _WORDS.get(word or "", word)
    for one in ENTITIES if entity is None else (entity,):
        found = subject(session, one, int(match.group(2))) if one in ENTITIES else None
        if found is not None:
            yield _of(found)


def _of(found: Subject) -> Found:
    name = " ".join(part for part in (found.symbol, found.title) if part)
    return Found(found.entity, found.id, found.entity, name, found.status, found.moment, found.error)


def _steps(session: Session, wanted: Wanted, text: str, limit: int) -> list[Found]:
    row = LineageStep
    newest = session.execute(select(func.max(col(row.id)))).scalar() or 0
    query = select(
        col(row.id), col(row.kind), col(row.name), col(row.status), col(row.started_at), col(row.error)
    ).where(col(row.id) > newest - RECENT, *_between(col(row.started_at), wanted))
    if wanted.kind is not None:
        query = query.where(col(row.kind) == wanted.kind)
    if wanted.failed:
        query = query.where(col(row.status) == "failed")
    if text:
        # As JSON is stored: letters beyond ASCII are spelled with their numbers.
        spelled = json.dumps(text)[1:-1]
        inputs, parameters, output = (
            cast(column, String).icontains(spelled, autoescape=True)
            for column in (col(row.inputs), col(row.parameters), col(row.output))
        )
        # What bars hold is packed: letters in it mean nothing.
        inside = (inputs, parameters, (col(row.kind) != "bars") & output)
        query = query.where(or_(_has(col(row.name), text), _has(col(row.error), text), *inside))
    rows = session.execute(query.order_by(col(row.id).desc()).limit(limit))
    return [Found("step", *found) for found in rows]


def _runs(session: Session, wanted: Wanted, text: str, limit: int) -> list[Found]:
    """Runs that failed recorded no step: they are looked for by themselves."""
    if wanted.kind is not None or not (wanted.failed or text):
        return []
    name = func.coalesce(col(Strategy.name), col(Run.kind))
    query = (
        select(col(Run.id), name, func.coalesce(col(Symbol.name), ""), col(Run.status), col(Run.started_at), Run.error)  # type: ignore[call-overload]
        .outerjoin(Strategy, col(Strategy.id) == col(Run.strategy_id))
        .outerjoin(Symbol, col(Symbol.id) == col(Run.symbol_id))
        .where(*_between(col(Run.started_at), wanted), col(Run.status) == "failed")
    )
    if text:
        query = query.where(or_(_has(name, text), _has(col(Symbol.name), text), _has(col(Run.error), text)))
    rows = session.execute(query.order_by(col(Run.id).desc()).limit(limit))
    return [Found("run", key, "run", f"{who} {symbol}".strip(), *rest) for key, who, symbol, *rest in rows]


def _rows(session: Session, wanted: Wanted, text: str, limit: int) -> list[Found]:
    """Signals, trades, opinions and questions by symbol and by what was said about them."""
    found: list[Found] = []
    for entity, key, moment, joined, where in (
        ("signal", col(Signal.id), col(Signal.created_at), Signal, (Symbol.name, Signal.reason)),
        ("trade", col(Trade.id), col(Trade.opened_at), Trade, (Symbol.name, Trade.note, Trade.setup)),
    ):
        query: Any = select(key).join(Symbol, col(Symbol.id) == col(joined.symbol_id))
        query = query.where(col(joined.deleted_at).is_(None))
        found += _hits(session, entity, query, key, moment, where, wanted, text, limit)
    said = ("opinion", col(Opinion.id), col(Opinion.created_at), (Opinion.raw, Opinion.error))
    asked = ("question", col(DeskQuestion.id), col(DeskQuestion.asked_at), (DeskQuestion.question, DeskQuestion.raw))
    for entity, key, moment, where in (said, asked):
        found += _hits(session, entity, select(key), key, moment, where, wanted, text, limit)
    return found


def _hits(
    session: Session,
    entity: str,
    query: Any,
    key: Any,
    moment: Any,
    where: Iterable[Any],
    wanted: Wanted,
    text: str,
    limit: int,
) -> list[Found]:
    matches = or_(*(_has(column, text) for column in where))
    ids = session.execute(
        query.where(matches, *_between(moment, wanted)).order_by(key.desc()).limit(limit // 4)
    ).scalars()
    return [_of(one) for one in subjects(session, entity, ids.all())]


def _has(column: Any, text: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column.icontains(text, autoescape=True)
    return found


def _between(column: Any, wanted: Wanted) -> list[ColumnElement[bool]]:
    found = [] if wanted.since is None else [column >= wanted.since]
    return found if wanted.until is None else [*found, column < wanted.until]


TITLES: Final = KINDS | {
    "account": "Account",
    "challenge": "Challenge",
    "chart_export": "Chart",
    "corporate_action": "Corporate action",
    "import_batch": "Import",
    "order_ticket": "Order",
    "portfolio": "Portfolio",
    "prompt_version": "Prompt",
    "run": "Run",
    "step": "Step",
    "strategy": "Strategy",
}
"""What each kind of hit is called."""
