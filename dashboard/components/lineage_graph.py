"""The chain of steps as a Graphviz graph (drawn in the browser, no binary needed). Pure text building."""

from __future__ import annotations

from collections.abc import Iterable

from core.charts import theme
from dashboard.components.formats import duration
from db.models import LineageStep

_EDGES = {
    "bars": theme.ACCENT,
    "indicators": theme.STRUCTURE,
    "events": theme.STRUCTURE,
    "votes": theme.STRUCTURE,
    "signal": theme.WARNING,
    "chart": theme.MUTED,
    "decision": theme.UP,
    "trade": theme.UP,
    "close": theme.UP,
}
_LONGEST = 34


def graph(steps: Iterable[LineageStep], edges: Iterable[tuple[int, int]], direction: str = "TB") -> str:
    """DOT of a chain: one node a step, coloured by kind, red where it failed."""
    lines = [
        "digraph lineage {",
        f'rankdir={direction}; bgcolor="transparent"; nodesep=0.18; ranksep=0.32;',
        f'node [shape=box, style="filled,rounded", fillcolor="{theme.PANEL}", fontcolor="{theme.TEXT}", '
        f'fontname="Helvetica", fontsize=11, margin="0.12,0.06", penwidth=1.2];',
        f'edge [color="{theme.MUTED}", arrowsize=0.6];',
    ]
    lines += [_node(step) for step in steps]
    lines += [f"s{parent} -> s{child};" for parent, child in edges]
    return "\n".join([*lines, "}"])


def quote(text: object) -> str:
    """A DOT string: quotes and backslashes escaped, so that no text can end it or start an escape of its own."""
    flat = " ".join(str(text).split())
    short = flat if len(flat) <= _LONGEST else f"{flat[: _LONGEST - 1]}…"
    return short.replace("\\", "\\\\").replace('"', '\\"')


def _node(step: LineageStep) -> str:
    failed = step.status == "failed"
    took = duration((step.finished_at - step.started_at).total_seconds())
    second = "failed" if failed else f"{step.kind}, {took}"
    edge = theme.DOWN if failed else _EDGES.get(step.kind, theme.MUTED)
    colour = f', fontcolor="{theme.DOWN}"' if failed else ""
    return f's{step.id} [label="{quote(step.name)}\\n{quote(second)}", color="{edge}"{colour}];'
