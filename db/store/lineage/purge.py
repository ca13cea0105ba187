"""What becomes of the lineage of rows that are gone for good: it goes with them, as far as nothing else needs it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select, update
from sqlmodel import Session, SQLModel, col

from core.lineage_kinds import ROOTS
from db.models import LineageEdge, LineageStep

_CHUNK = 5_000
_TABLES = {"question": "desk_question"}
"""Entities that are not called as their tables are."""


@dataclass(frozen=True)
class _Node:
    kind: str
    entity: str | None
    entity_id: int | None


def dead_steps(session: Session, entities: Iterable[str]) -> list[int]:
    """Steps of rows of these kinds that do not exist any more."""
    found: list[int] = []
    for entity in entities:
        key = _key(entity)
        if key is not None:
            gone = ~select(key).where(key == col(LineageStep.entity_id)).exists()
            query = select(col(LineageStep.id)).where(col(LineageStep.entity) == entity, gone)
            found += session.execute(query).scalars()
    return found


def forget(session: Session, dead: list[int]) -> int:
    """Delete the steps `dead`, whose rows are gone; returns how many steps went.

    With them goes what only led to them and what only followed from them: bars that nobody else saw, the decision
    about a signal. A step that something living came from stays, without the name of the row that is gone.
    """
    if not dead:
        return 0
    around = _reached(session, dead, "child_id", "parent_id") | _reached(session, dead, "parent_id", "child_id")
    parents, children = _edges(session, around)
    nodes = _nodes(session, around | {parent for known in parents.values() for parent in known})
    alive = _living(session, nodes)
    kept = _kept(sorted(around), nodes, alive, parents, children)
    doomed = sorted(around - kept)
    for part in _parts(doomed):
        session.execute(delete(LineageEdge).where(col(LineageEdge.parent_id).in_(part)))
        session.execute(delete(LineageEdge).where(col(LineageEdge.child_id).in_(part)))
    for part in _parts(doomed):
        session.execute(delete(LineageStep).where(col(LineageStep.id).in_(part)))
    for part in _parts(sorted(kept & set(dead))):
        # The row's number may be given to another one later.
        nameless = update(LineageStep).where(col(LineageStep.id).in_(part)).values(entity=None, entity_id=None)
        session.execute(nameless)
    return len(doomed)


def _kept(
    steps: list[int], nodes: dict[int, _Node], alive: set[int], parents: dict[int, list[int]],
    children: dict[int, list[int]],
) -> set[int]:  # fmt: skip
    """Those of `steps` (by id) that stay."""
    # A step is recorded after its parents: ids rise along every edge.
    owned: set[int] = set()
    for step in steps:
        if nodes[step].entity is None and nodes[step].kind not in ROOTS:
            owners = [one for one in parents.get(step, []) if nodes[one].kind not in ROOTS]
            if any(one in owned or (one in alive and nodes[one].entity is not None) for one in owners):
                owned.add(step)
    around, kept = set(steps), set[int]()
    for step in reversed(steps):
        if step in alive or step in owned or any(one in kept or one not in around for one in children.get(step, [])):
            kept.add(step)
    return kept


def _living(session: Session, nodes: dict[int, _Node]) -> set[int]:
    """The steps whose row exists; a row of a kind that is no table counts as there."""
    alive, asked = set[int](), dict[str, set[int]]()
    for node in nodes.values():
        if node.entity is not None and node.entity_id is not None:
            asked.setdefault(node.entity, set()).add(node.entity_id)
    rows = {entity: _existing(session, entity, sorted(ids)) for entity, ids in asked.items()}
    for step, node in nodes.items():
        known = rows.get(node.entity or "")
        if node.entity is not None and (known is None or node.entity_id in known):
            alive.add(step)
    return alive


def _existing(session: Session, entity: str, ids: list[int]) -> set[int] | None:
    """Those of the rows that exist; None for a kind that is no table."""
    key = _key(entity)
    return None if key is None else set(_chunked(session, ids, lambda part: select(key).where(key.in_(part))))


def _key(entity: str) -> Any:
    """The primary key of the entity's table; None when there is no such table."""
    table = SQLModel.metadata.tables.get(_TABLES.get(entity, entity))
    return None if table is None or len(table.primary_key.columns) != 1 else next(iter(table.primary_key.columns))


def _nodes(session: Session, ids: set[int]) -> dict[int, _Node]:
    columns = col(LineageStep.id), col(LineageStep.kind), col(LineageStep.entity), col(LineageStep.entity_id)
    found: dict[int, _Node] = {}
    for part in _parts(sorted(ids)):
        for step, kind, entity, entity_id in session.execute(select(*columns).where(columns[0].in_(part))):
            found[step] = _Node(kind, entity, entity_id)
    return found


def _edges(session: Session, ids: set[int]) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """Parents and children of each of these steps."""
    parents: dict[int, list[int]] = {}
    children: dict[int, list[int]] = {}
    pair = col(LineageEdge.parent_id), col(LineageEdge.child_id)
    for part in _parts(sorted(ids)):
        for parent, child in session.execute(select(*pair).where(pair[1].in_(part))):
            parents.setdefault(child, []).append(parent)
        for parent, child in session.execute(select(*pair).where(pair[0].in_(part))):
            children.setdefault(parent, []).append(child)
    return parents, children


def _reached(session: Session, start: list[int], near: str, far: str) -> set[int]:
    """Ids reached from `start` over edges from column `near` to column `far`, the start included."""
    reached, fresh = set(start), sorted(start)
    there, beyond = getattr(LineageEdge, near), getattr(LineageEdge, far)
    while fresh:
        found = set(_chunked(session, fresh, lambda part: select(beyond).where(there.in_(part))))
        fresh = sorted(found - reached)
        reached |= found
    return reached


def _chunked(session: Session, ids: list[int], query: Callable[[list[int]], Any]) -> Iterator[int]:
    for part in _parts(ids):
        yield from session.execute(query(part)).scalars()


def _parts(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]
