"""The labels of an image: where the patterns lie that its bars show and that were known by its last bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.charts.geometry import Plot
from core.charts.series import ChartSeries, span
from core.patterns.events import EventLog, Kind, Status
from core.patterns.naming import family_of

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 as shares of width and height, 0..1 from the upper left corner."""


@dataclass(frozen=True)
class Found:
    """A pattern that a window shows whole: `event` is its position in the log, `status` the last thing that happened.

    Times are UTC ms; `start` and `end` are the open times of its first and last bar.
    """

    event: int
    kind: str
    direction: int
    start: int
    end: int
    known_at: int
    price_low: float
    price_high: float
    score: float
    status: str


@dataclass(frozen=True)
class Label:
    """A pattern on an image. `place` numbers it among all that its window shows."""

    place: int
    found: Found
    box: Box


def found_in(log: EventLog, start: int, end: int, families: Sequence[str], least: float) -> list[Found]:
    """Patterns whose first bar opens at or after `start` and that were known at `end` (UTC ms), oldest known first.

    Only of these families and with at least this score.
    """
    events = log.known(end).events
    shown = np.flatnonzero((events["start"] >= start) & (events["score"] >= least))
    chosen = [int(one) for one in shown if family_of(Kind(int(events["kind"][one]))) in families]
    became = _last_status(log, end)
    return [_found(one, events[one], became.get(one, "")) for one in chosen]


def labels(found: Sequence[Found], series: ChartSeries, plot: Plot) -> list[Label]:
    """Where they lie on a chart; what has no width there (it was over before the first brick) is left out."""
    placed = []
    for place, one in enumerate(found):
        left, right = span(series, one.start, one.end)
        box = plot.visible(plot.box(left, right, one.price_low, one.price_high)) if left < right else None
        if box is not None:
            placed.append(Label(place, one, box))
    return placed


def _last_status(log: EventLog, end: int) -> dict[int, str]:
    return {int(row["event"]): Status(int(row["status"])).name.lower() for row in log.known(end).statuses}


def _found(position: int, event: Any, status: str) -> Found:
    return Found(
        event=position,
        kind=Kind(int(event["kind"])).name.lower(),
        direction=int(event["direction"]),
        start=int(event["start"]),
        end=int(event["end"]),
        known_at=int(event["known_at"]),
        price_low=float(event["price_low"]),
        price_high=float(event["price_high"]),
        score=float(event["score"]),
        status=status,
    )
