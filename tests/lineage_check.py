"""What holds for the lineage of any desk, whatever was done on it."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import Engine, select
from sqlmodel import SQLModel

from db.engine import reader
from db.models import LineageEdge, LineageStep

ROOTS = {"bars", "settings"}
KINDS = {
    "bars", "settings", "indicators", "events", "votes", "signal", "chart", "prompt", "opinion", "fusion", "decision",
    "expiry", "refusal", "order", "transition", "execution", "trade", "fill", "stop", "target", "close", "journal",
    "import", "question", "answer",
}  # fmt: skip
TABLES = {"question": "desk_question"}
OUTLIVED = {"chart_export"}
"""A person's export leaves its step when it is deleted."""


def check_lineage(engine: Engine) -> int:
    """Asserts known kinds, a parent for all but roots, no cycle, no orphan; returns how many steps there are.

    An orphan is a step that has to do with nothing there is: no row that it, a step before it (but for bars and
    settings, which are everybody's) or a step after it names exists any more.
    """
    with reader(engine) as session:
        steps = {row.id: row for row in session.execute(select(LineageStep)).scalars()}
        edges = [tuple(row) for row in session.execute(select(LineageEdge.parent_id, LineageEdge.child_id))]
        there = {step_id for step_id, step in steps.items() if _exists(session, step)}
    before, after = defaultdict(set), defaultdict(set)
    for parent, child in edges:
        before[child].add(parent)
        after[parent].add(child)
    said = {step_id: f"{step.kind} '{step.name}' ({step_id})" for step_id, step in steps.items()}
    assert [said[one] for one, step in steps.items() if step.kind not in KINDS] == []
    assert [said[one] for one, step in steps.items() if step.kind not in ROOTS and not before[one]] == []
    order = _order(set(steps), before, after)
    assert [said[one] for one in steps if one not in order] == [], "a cycle"
    of_use, owned = set(there), {one for one in there if steps[one].kind not in ROOTS}
    for one in order:
        if before[one] & owned:
            owned.add(one)
    for one in reversed(order):
        if after[one] & (of_use | owned):
            of_use.add(one)
    assert [said[one] for one in steps if one not in of_use | owned] == [], "orphans"
    named = [said[one] for one, step in steps.items() if step.entity and one not in there]
    assert [name for name in named if not name.startswith("chart")] == [], "rows that are gone"
    return len(steps)


def _order(steps: set[int], before: dict[int, set[int]], after: dict[int, set[int]]) -> list[int]:
    """The steps, each after all it came from; those of a cycle are left out."""
    missing = {one: len(before[one]) for one in steps}
    ready, found = [one for one in steps if not missing[one]], []
    while ready:
        found.append(ready.pop())
        for child in after[found[-1]]:
            missing[child] -= 1
            if not missing[child]:
                ready.append(child)
    return found


def _exists(session, step: LineageStep) -> bool:
    table = SQLModel.metadata.tables.get(TABLES.get(step.entity, step.entity or ""))
    if step.entity is None or (table is None and step.entity_id is None):
        return False
    if table is None or len(table.primary_key.columns) != 1 or step.entity in OUTLIVED:
        return True
    (key,) = table.primary_key.columns
    return session.execute(select(key).where(key == step.entity_id)).first() is not None
