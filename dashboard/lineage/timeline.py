"""When the steps of a chain happened: bars to scale within each burst of work, and the pauses between in words.

A scan takes milliseconds and the close of its trade follows days later: on one scale for all nothing could be seen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from dashboard.components import formats
from db.views.lineage.chain import Brief

PAUSE: Final = timedelta(seconds=5)
"""Without work for this long, a new burst begins."""
_LEAST = 0.012
"""Share of the width that a bar has at least: the shortest step must be seen."""
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_TWO = 2
_SHORT = 0.01


@dataclass(frozen=True, slots=True)
class Line:
    """One step: its bar's `left` and `width` as shares of its burst, and what precedes it where a burst begins."""

    step: Brief
    left: float
    width: float
    took: str
    burst: str = ""


def timeline(steps: Iterable[Brief]) -> list[Line]:
    """The steps in the order in which they began."""
    lines: list[Line] = []
    before: datetime | None = None
    for burst in _bursts(sorted(steps, key=lambda step: (step.started_at, step.id))):
        begin, end = burst[0].started_at, max(step.finished_at for step in burst)
        head = f"{begin:%Y-%m-%d %H:%M:%S} UTC"
        if before is not None:
            head += f", {span((begin - before).total_seconds())} later"
        whole = (end - begin).total_seconds()
        for place, step in enumerate(burst):
            lines.append(_line(step, begin, whole, "" if place else head))
        before = end
    return lines


def span(seconds: float) -> str:
    """A pause in its two largest units: `3 h 12 min`."""
    left, parts = int(seconds), list[str]()
    for unit, length in (("d", _DAY), ("h", _HOUR), ("min", _MINUTE), ("s", 1)):
        if left >= length and len(parts) < _TWO:
            parts.append(f"{left // length} {unit}")
            left %= length
        elif parts:
            break
    return " ".join(parts) or "0 s"


def _line(step: Brief, begin: datetime, whole: float, burst: str) -> Line:
    took = (step.finished_at - step.started_at).total_seconds()
    if whole <= 0:
        return Line(step, 0.0, _LEAST, duration(took), burst)
    width = min(1.0, max(_LEAST, took / whole))
    left = min((step.started_at - begin).total_seconds() / whole, 1.0 - width)
    return Line(step, left, width, duration(took), burst)


def duration(seconds: float) -> str:
    """How long a step took; short ones with a decimal."""
    return f"{seconds * 1000:.1f} ms" if 0 < seconds < _SHORT else formats.duration(seconds)


def _bursts(steps: list[Brief]) -> list[list[Brief]]:
    found: list[list[Brief]] = []
    end: datetime | None = None
    for step in steps:
        if end is None or step.started_at - end > PAUSE:
            found.append([])
            end = step.finished_at
        found[-1].append(step)
        end = max(end, step.finished_at)
    return found
