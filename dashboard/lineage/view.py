"""The graph and the time line of a chain, drawn in the browser; a click names the step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import streamlit as st

from core.lineage_kinds import KINDS
from dashboard.lineage.layout import HEIGHT, WIDTH, Box, draw
from dashboard.lineage.style import GRAPH, TIMELINE
from dashboard.lineage.timeline import Line, duration, timeline
from db.views.lineage.chain import Trace

_LONGEST: Final = 21
"""Letters of a name that fit into a box."""
_TONES: Final = {
    "bars": "data", "settings": "data", "import": "data", "prompt": "data", "question": "data",
    "signal": "signal", "fusion": "signal", "opinion": "signal", "answer": "signal", "chart": "quiet",
    "decision": "desk", "order": "desk", "transition": "desk", "execution": "desk", "trade": "desk", "fill": "desk",
    "stop": "desk", "target": "desk", "close": "desk", "journal": "desk",
    "expiry": "stopped", "refusal": "stopped",
}  # fmt: skip
_FOLDER = Path(__file__).resolve().parent
_TOOLS = (
    '<div class="tools"><button data-act="out" title="Smaller" aria-label="Smaller">&minus;</button>'
    '<span class="percent"></span><button data-act="in" title="Larger" aria-label="Larger">+</button>'
    '<button data-act="fit" title="All of it">Fit</button></div>'
)

_graph = st.components.v2.component(
    "chartroom_lineage_graph",
    html=f'<div class="graph">{_TOOLS}<div class="frame"></div></div>',
    css=GRAPH,
    js=(_FOLDER / "graph.js").read_text("utf-8"),
)
_timeline = st.components.v2.component(
    "chartroom_lineage_timeline",
    html='<div class="list" role="list"></div>',
    css=TIMELINE,
    js=(_FOLDER / "timeline.js").read_text("utf-8"),
)


def graph(chain: Trace, selected: int | None, on_pick: Callable[[int], None], *, every: bool) -> None:
    """The drawing of the chain in a frame of its own; `every` asks for one box a step."""
    _graph(
        key="lineage_graph", data=graph_data(chain, selected, every=every), on_picked_change=_picked(on_pick, "graph")
    )


def time_line(chain: Trace, selected: int | None, on_pick: Callable[[int], None]) -> None:
    """Every step of the chain in the order of time."""
    lines = [_line(line) for line in timeline(chain.steps)]
    data = {"lines": lines, "selected": selected}
    _timeline(key="lineage_timeline", data=data, on_picked_change=_picked(on_pick, "timeline"))


def graph_data(chain: Trace, selected: int | None, *, every: bool) -> dict[str, Any]:
    """What the browser draws: boxes with their places, lines, and which box is lit."""
    alone = set(chain.own) if len(chain.own) == 1 else set()
    drawing = draw(chain, alone | ({selected} if selected is not None else set()), every=every)
    return {
        "boxes": [_box(box, chain) for box in drawing.boxes],
        "lines": drawing.lines,
        "width": drawing.width,
        "height": drawing.height,
        "box": {"w": WIDTH, "h": HEIGHT},
        "selected": selected,
    }


def _box(box: Box, chain: Trace) -> dict[str, Any]:
    step, kind = box.steps[0], KINDS.get(box.kind, box.kind.capitalize())
    several = len(box.steps) > 1
    name = f"{kind}: {len(box.steps)} steps" if several else step.name
    took = sum((one.finished_at - one.started_at).total_seconds() for one in box.steps)
    note = "failed" if box.failed else duration(took) if several or name == kind else f"{kind}, {duration(took)}"
    return {
        "id": box.id,
        "x": box.x,
        "y": box.y,
        "name": name,
        "short": _short(kind if several else name),
        "note": note,
        "tone": "failed" if box.failed else _TONES.get(box.kind, "work"),
        "count": len(box.steps),
        "own": not several and len(chain.own) == 1 and step.id in chain.own,
    }


def _line(line: Line) -> dict[str, Any]:
    step = line.step
    return {
        "id": step.id,
        "kind": KINDS.get(step.kind, step.kind.capitalize()),
        "name": step.name,
        "error": step.error or "",
        "tone": "failed" if step.failed else _TONES.get(step.kind, "work"),
        "failed": step.failed,
        "left": round(line.left * 100, 2),
        "width": round(line.width * 100, 2),
        "took": line.took,
        "burst": line.burst,
    }


def _picked(on_pick: Callable[[int], None], name: str) -> Callable[[], None]:
    def picked() -> None:
        found = st.session_state[f"lineage_{name}"].get("picked")
        if isinstance(found, int):
            on_pick(found)

    return picked


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _LONGEST else f"{flat[: _LONGEST - 1]}…"
