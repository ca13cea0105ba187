"""The chain from bars to decision: steps, the edges between them, and the walk over both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select as sql_select
from sqlalchemy import text
from sqlmodel import Session, col, select

from core.errors import LineageError
from core.lineage import content_hash
from core.lineage_kinds import KINDS, ROOTS
from db.models import LineageEdge, LineageStep
from db.store.lineage.rows import insert_edges, insert_steps
from db.version import code_version

_LOCK = text("SELECT pg_advisory_xact_lock(hashtext(:name))")


@dataclass(frozen=True)
class Step:
    """One step to be recorded; see `db.models.LineageStep` for the meaning of each field.

    `content` is what the step made, in full: only its canonical hash is stored. `output` is the short account of it
    that people read.
    """

    kind: str
    name: str
    started_at: datetime
    finished_at: datetime
    run_id: int | None = None
    entity: str | None = None
    entity_id: int | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    output: Mapping[str, Any] = field(default_factory=dict)
    content: Any = None
    status: str = "done"
    error: str | None = None


@dataclass(frozen=True)
class Linked:
    """A step and what it was made from: `parents` are ids, `after` places in the list that is recorded with it.

    `digest` is the hash of the step's content where that is known already.
    """

    step: Step
    parents: Sequence[int] = ()
    after: Sequence[int] = ()
    digest: str | None = None


@dataclass(frozen=True)
class Chain:
    """Steps in the order in which they were recorded, and (parent id, child id) edges between them."""

    steps: list[LineageStep]
    edges: list[tuple[int, int]]


def add_step(session: Session, step: Step, parents: Sequence[int] = ()) -> int:
    """Record a step made from the steps `parents` (ids); returns its id.

    Raises:
        LineageError: the kind is none of `core.lineage_kinds.KINDS`, or a step that is no root has no parent.
        TypeError: `step.content` holds something without a canonical form.
    """
    return add_steps(session, [Linked(step, parents)])[0]


def add_steps(session: Session, linked: Sequence[Linked]) -> list[int]:
    """Record several steps, parents before children, in two statements; returns their ids. Errors as `add_step`."""
    rows = []
    for one in linked:
        _check(one)
        step = one.step
        rows.append(
            {
                "run_id": step.run_id,
                "kind": step.kind,
                "name": step.name,
                "entity": step.entity,
                "entity_id": step.entity_id,
                "inputs": dict(step.inputs),
                "parameters": dict(step.parameters),
                "output": dict(step.output),
                "content_hash": one.digest or content_hash(step.content),
                "code_version": code_version(),
                "status": step.status,
                "error": step.error,
                "started_at": step.started_at,
                "finished_at": step.finished_at,
            }
        )
    ids = insert_steps(session, rows)
    edges = [
        (parent, child)
        for one, child in zip(linked, ids, strict=True)
        for parent in dict.fromkeys([*one.parents, *(ids[at] for at in one.after)])
    ]
    insert_edges(session, edges)
    return ids


def settings_step(
    session: Session,
    entity: str,
    entity_id: int,
    version: int,
    content: Mapping[str, Any],
    now: datetime,
    name: str = "",
) -> int:
    """The id of the one step that holds these settings in this version; recorded when it is asked for first.

    `entity` and `entity_id` name the row that has the settings (`account`, `strategy`, `prompt` ...), `content` is what
    they say, as JSON types. However many ask at once, there is one step.
    """
    digest = content_hash(content)
    found = _recorded(session, entity, entity_id, version, digest)
    if found is None and session.get_bind().dialect.name == "postgresql":
        # SQLite has one writer anyway.
        session.execute(_LOCK, {"name": f"settings {entity} {entity_id}"})
        found = _recorded(session, entity, entity_id, version, digest)
    if found is not None:
        return found
    step = Step(
        kind="settings",
        name=name or f"Settings of {entity.replace('_', ' ')} {entity_id}, version {version}",
        started_at=now,
        finished_at=now,
        entity=entity,
        entity_id=entity_id,
        parameters=content,
        output={"version": version},
        content=content,
    )
    return add_step(session, step)


def steps_of(session: Session, entity: str, entity_id: int) -> list[int]:
    """Ids of the steps that made this row or changed it, oldest first."""
    query = select(LineageStep.id).where(LineageStep.entity == entity, LineageStep.entity_id == entity_id)
    return [found for found in session.exec(query.order_by(col(LineageStep.id))) if found is not None]


def chain(session: Session, entity: str, entity_id: int) -> Chain:
    """Everything a row came from and everything that came from it; empty when nothing is recorded about it.

    Ancestors and descendants are walked separately from the row's own steps: a neighbour that merely shares an input
    is no part of the chain.
    """
    own = steps_of(session, entity, entity_id)
    if not own:
        return Chain([], [])
    ids = _walk(session, own, "child_id", "parent_id") | _walk(session, own, "parent_id", "child_id")
    steps = list(session.exec(select(LineageStep).where(col(LineageStep.id).in_(ids)).order_by(col(LineageStep.id))))
    edges = session.exec(
        select(LineageEdge.parent_id, LineageEdge.child_id)
        .where(col(LineageEdge.parent_id).in_(ids), col(LineageEdge.child_id).in_(ids))
        .order_by(col(LineageEdge.parent_id), col(LineageEdge.child_id))
    )
    return Chain(steps, [(parent, child) for parent, child in edges])


def _check(one: Linked) -> None:
    step = one.step
    if step.kind not in KINDS:
        raise LineageError(f"'{step.kind}' is no kind of step: name it in core.lineage_kinds.", step.kind)
    if not (one.parents or one.after) and step.kind not in ROOTS:
        raise LineageError(f"The step '{step.name}' ({step.kind}) comes from nothing: name its parents.", step.name)


def _walk(session: Session, start: Sequence[int], near: str, far: str) -> set[int]:
    """Ids reached from `start` over edges from column `near` to column `far`, the start included."""
    edge = LineageEdge.__table__  # type: ignore[attr-defined]
    reached = sql_select(col(LineageStep.id).label("id")).where(col(LineageStep.id).in_(start)).cte(recursive=True)
    onward = sql_select(edge.c[far]).join(reached, edge.c[near] == reached.c.id)
    reached = reached.union(onward)
    return set(session.execute(sql_select(reached.c.id)).scalars())


def _recorded(session: Session, entity: str, entity_id: int, version: int, digest: str) -> int | None:
    query = select(LineageStep.id).where(
        LineageStep.entity == entity,
        LineageStep.entity_id == entity_id,
        LineageStep.kind == "settings",
        LineageStep.content_hash == digest,
        col(LineageStep.output)["version"].as_integer() == version,
    )
    return session.exec(query.order_by(col(LineageStep.id))).first()
