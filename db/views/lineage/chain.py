"""The steps around a row or a run, without their contents: light enough to draw a thousand of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Final

from sqlalchemy import select
from sqlmodel import Session, col

from db.models import LineageEdge, LineageStep

MOST: Final = 1500
"""Steps of one chain that are read: those nearest to what was asked for."""


@dataclass(frozen=True, slots=True)
class Brief:
    """What the graph and the time line need of a step. `content_hash` is whole."""

    id: int
    kind: str
    name: str
    status: str
    error: str | None
    content_hash: str
    started_at: datetime
    finished_at: datetime
    run_id: int | None
    entity: str | None
    entity_id: int | None

    @property
    def failed(self) -> bool:
        return self.status == "failed"


@dataclass(frozen=True)
class Trace:
    """Steps by id, which is the order in which they were recorded: parents come first. Edges are (parent, child).

    `own` are the steps of what was asked for; `cut` says that there are more steps than were read.
    """

    steps: tuple[Brief, ...]
    edges: tuple[tuple[int, int], ...]
    own: frozenset[int] = field(default_factory=frozenset)
    cut: bool = False

    @cached_property
    def by_id(self) -> dict[int, Brief]:
        return {step.id: step for step in self.steps}

    @cached_property
    def parents(self) -> dict[int, list[int]]:
        return _adjacent((child, parent) for parent, child in self.edges)

    @cached_property
    def children(self) -> dict[int, list[int]]:
        return _adjacent(self.edges)

    def nearest(self, step_id: int, entity: str) -> int | None:
        """The row of this kind that the step made, else the one nearest below it, else the one nearest above it."""
        for neighbours in (self.children, self.parents):
            seen, queue = {step_id}, deque([step_id])
            while queue:
                step = self.by_id[queue.popleft()]
                if step.entity == entity and step.entity_id is not None:
                    return step.entity_id
                fresh = [one for one in neighbours.get(step.id, ()) if one not in seen]
                seen.update(fresh)
                queue.extend(fresh)
        return None


def trace(session: Session, own: Sequence[int], most: int = MOST) -> Trace:
    """Everything the steps `own` came from and everything that came from them, at most `most` steps.

    Both ways are walked separately, the nearest first: a neighbour that merely shares an input is no part of it.
    """
    if not own:
        return Trace((), ())
    kept = list(own)[:most]
    room = most // 2 + len(kept)
    above, below = _walk(session, kept, room, up=True), _walk(session, kept, room, up=False)
    ids = sorted({*kept, *above, *below})
    columns = [col(getattr(LineageStep, name)) for name in Brief.__slots__]
    rows = session.execute(select(*columns).where(col(LineageStep.id).in_(ids)).order_by(col(LineageStep.id)))
    steps = tuple(Brief(*row) for row in rows)
    known = {step.id for step in steps}
    edges = session.execute(
        select(col(LineageEdge.parent_id), col(LineageEdge.child_id))
        .where(col(LineageEdge.child_id).in_(ids))
        .order_by(col(LineageEdge.parent_id), col(LineageEdge.child_id))
    )
    cut = len(kept) < len(own) or len(above) >= room or len(below) >= room
    return Trace(steps, tuple((a, b) for a, b in edges if a in known), frozenset(kept), cut)


def _walk(session: Session, start: Sequence[int], most: int, *, up: bool) -> set[int]:
    """At most `most` ids reached from `start` over the edges up or down, the start and the nearest first."""
    edge = LineageEdge.__table__  # type: ignore[attr-defined]
    near, far = (edge.c.child_id, edge.c.parent_id) if up else (edge.c.parent_id, edge.c.child_id)
    reached = select(col(LineageStep.id).label("id")).where(col(LineageStep.id).in_(start)).cte(recursive=True)
    reached = reached.union(select(far).join(reached, near == reached.c.id))
    return set(session.execute(select(reached.c.id).limit(most)).scalars())


def _adjacent(pairs: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for one, other in pairs:
        found.setdefault(one, []).append(other)
    return found
