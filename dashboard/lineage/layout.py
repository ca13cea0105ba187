"""Where the steps of a chain stand: columns from left to right, equal siblings as one box. Pure functions.

A column is the longest way from a step without parents. Within a column the boxes stand where their neighbours are,
which keeps the lines short. Beyond `WHOLE` steps those of one kind that were made from the same steps become one box,
and so on until the drawing is of a size that can be read; failed steps never share a box with others.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from core.lineage_kinds import KINDS
from db.views.lineage.chain import Brief, Trace

WHOLE: Final = 40
"""Steps that are always drawn one by one."""
READABLE: Final = 60
"""Boxes that a drawing with shared boxes has at most, where the kinds allow it."""
EVERY: Final = 600
"""Steps that are drawn one by one at most, when the person asks for that."""
ALONE: Final = 3
"""Fewer equal siblings than these keep boxes of their own."""
WIDTH, HEIGHT, GAP_X, GAP_Y, MARGIN = 150, 40, 40, 12, 10
_SWEEPS = 4
_ORDER = {kind: place for place, kind in enumerate(KINDS)}

Links = dict[int, list[int]]


@dataclass(frozen=True, slots=True)
class Box:
    """One step, or several equal ones; `x` and `y` (pixels) are those of the upper left corner."""

    steps: tuple[Brief, ...]
    x: int
    y: int

    @property
    def id(self) -> int:
        return self.steps[0].id

    @property
    def kind(self) -> str:
        return self.steps[0].kind

    @property
    def failed(self) -> bool:
        return self.steps[0].failed


@dataclass(frozen=True)
class Drawing:
    """Boxes, the lines between them as (id, id), and the size of it all in pixels."""

    boxes: tuple[Box, ...]
    lines: tuple[tuple[int, int], ...]
    width: int
    height: int


def draw(chain: Trace, alone: Collection[int] = (), *, every: bool = False) -> Drawing:
    """The drawing of a chain. Steps in `alone` keep boxes of their own; `every` asks for one box a step."""
    groups = _boxes(chain, frozenset(alone), every=every)
    box_of = {step.id: members[0].id for members in groups for step in members}
    lines = sorted({(box_of[a], box_of[b]) for a, b in chain.edges if box_of[a] != box_of[b]})
    members = {group[0].id: group for group in groups}
    columns = _columns(sorted(members), lines)
    boxes: list[Box] = []
    top = MARGIN
    for part in _parts(sorted(members), lines):
        rows = _rows({one: members[one] for one in part}, columns, [line for line in lines if line[0] in part])
        tallest = max(len(row) for row in rows)
        for column, ids in enumerate(rows):
            y = top + (tallest - len(ids)) * (HEIGHT + GAP_Y) // 2
            x = MARGIN + column * (WIDTH + GAP_X)
            boxes += [Box(tuple(members[one]), x, y + at * (HEIGHT + GAP_Y)) for at, one in enumerate(ids)]
        top += tallest * (HEIGHT + GAP_Y)
    width = max((box.x + WIDTH + MARGIN for box in boxes), default=0)
    return Drawing(tuple(boxes), tuple(lines), width, top - GAP_Y + MARGIN if boxes else 0)


def _parts(ids: Sequence[int], lines: Iterable[tuple[int, int]]) -> list[set[int]]:
    """The chains that have nothing to do with each other, the earliest first: each is drawn by itself."""
    into, out = _links(lines)
    found: list[set[int]] = []
    left = set(ids)
    for first in ids:
        if first not in left:
            continue
        part, queue = {first}, [first]
        while queue:
            one = queue.pop()
            near = [*into.get(one, ()), *out.get(one, ())]
            queue += [other for other in near if other not in part]
            part.update(near)
        left -= part
        found.append(part)
    return found


def _boxes(chain: Trace, alone: frozenset[int], *, every: bool) -> list[list[Brief]]:
    steps = chain.steps
    if len(steps) <= WHOLE or (every and len(steps) <= EVERY):
        return [[step] for step in steps]
    depth = _columns([step.id for step in steps], chain.edges)
    coarser: tuple[Callable[[Brief], Hashable], ...] = (
        lambda step: (step.kind, step.failed, depth[step.id]),
        lambda step: (step.kind, step.failed),
    )
    groups = _split(_siblings(chain, alone))
    for key in coarser:
        if len(groups) <= READABLE:
            break
        groups = _by(steps, partial(_apart, alone, key))
    return groups


def _apart(alone: frozenset[int], key: Callable[[Brief], Hashable], step: Brief) -> Hashable:
    return step.id if step.id in alone else key(step)


def _siblings(chain: Trace, alone: frozenset[int]) -> list[list[Brief]]:
    """Steps of one kind and outcome whose parents stand in the same boxes. Parents come before their children."""
    box_of: dict[int, Hashable] = {}

    def key(step: Brief) -> Hashable:
        own: Hashable = step.id
        if step.id not in alone:
            own = (step.kind, step.failed, frozenset(box_of[one] for one in chain.parents.get(step.id, ())))
        # A number for each key: nested keys would grow with every generation.
        box_of[step.id] = numbers.setdefault(own, len(numbers))
        return box_of[step.id]

    numbers: dict[Hashable, int] = {}
    return _by(chain.steps, key)


def _split(groups: Iterable[list[Brief]]) -> list[list[Brief]]:
    found = []
    for group in groups:
        found += [group] if len(group) >= ALONE else [[step] for step in group]
    return found


def _by(steps: Iterable[Brief], key: Callable[[Brief], Hashable]) -> list[list[Brief]]:
    found: dict[Hashable, list[Brief]] = {}
    for step in steps:
        found.setdefault(key(step), []).append(step)
    return list(found.values())


def _columns(ids: Sequence[int], lines: Iterable[tuple[int, int]]) -> dict[int, int]:
    """The length of the longest way to each box. A line back, which shared boxes may have, is no way."""
    into, out = _links(lines)
    waiting = {one: len(into.get(one, ())) for one in ids}
    column = dict.fromkeys(ids, 0)
    ready = [one for one in ids if not waiting[one]]
    left = set(ids)
    while left:
        if not ready:
            ready = [min(left)]  # a circle of shared boxes: begin with what was recorded first
        one = ready.pop()
        left.discard(one)
        for child in out.get(one, ()):
            if child in left:
                column[child] = max(column[child], column[one] + 1)
                waiting[child] -= 1
                if not waiting[child]:
                    ready.append(child)
    for one in reversed(ids):
        later = [column[child] for child in out.get(one, ()) if column[child] > column[one]]
        if not into.get(one) and later:
            column[one] = min(later) - 1
    return column


def _rows(
    members: Mapping[int, list[Brief]], columns: Mapping[int, int], lines: list[tuple[int, int]]
) -> list[list[int]]:
    """The boxes of each column from top to bottom: sorted by the middle of their neighbours, to and fro."""
    rows: list[list[int]] = [[] for _ in range(max(columns[one] for one in members) + 1)]
    for one in sorted(members, key=lambda one: (_ORDER.get(members[one][0].kind, len(_ORDER)), one)):
        rows[columns[one]].append(one)
    into, out = _links(lines)
    place = {one: float(at) - len(row) / 2 for row in rows for at, one in enumerate(row)}
    for sweep in range(_SWEEPS):
        links, order = (into, rows) if sweep % 2 == 0 else (out, rows[::-1])
        for row in order:
            row.sort(key=lambda one: _middle(one, links, place))
            place.update({one: float(at) - len(row) / 2 for at, one in enumerate(row)})
    return rows


def _middle(one: int, links: Links, place: Mapping[int, float]) -> float:
    found = [place[other] for other in links.get(one, ())]
    return sum(found) / len(found) if found else place[one]


def _links(lines: Iterable[tuple[int, int]]) -> tuple[Links, Links]:
    into: Links = {}
    out: Links = {}
    for parent, child in lines:
        into.setdefault(child, []).append(parent)
        out.setdefault(parent, []).append(child)
    return into, out
