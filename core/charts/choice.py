"""Which of the pattern events of a window a chart draws: the newest and strongest, near the price. Pure functions."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.bars import Bars, Times
from core.patterns.events import EventLog, Kind
from core.patterns.naming import family_of

BOXES: Final = 100
"""Boxes and lines on one chart: with more of them nobody sees the price."""
MARKS: Final = 160
"""Events of one moment: swings, candlesticks, breaks of a level."""
_RECENT, _STRONG = 0.6, 0.4
_BEYOND: Final = 0.2
_MARKS: Final = ("swing_", "level_", "trend_", "cdl_", "sweep")


def known_on(log: EventLog, bars: Bars) -> Times:
    """Rows of the events that became known on these bars, newest first and the strongest of one moment first."""
    rows = np.flatnonzero(log.events["known_at"] >= bars.close_time[0])
    newest: Times = rows[np.lexsort((-log.events["score"][rows], -log.events["known_at"][rows]))]
    return newest


def telling(log: EventLog, rows: Times, bars: Bars) -> Times:
    """Those of `rows` (as `known_on` gives them) to draw over `bars`, the most telling first.

    Left out are those far above or below the bars, all dealing ranges but the last, and of several candlesticks on one
    bar and side all but the strongest.
    """
    events = log.events[rows]
    top, bottom = float(bars.high.max()), float(bars.low.min())
    room = (top - bottom) * _BEYOND
    near = (events["level"] <= top + room) & (events["level"] >= bottom - room)
    kept = near & ~_stale(events["kind"]) & ~_outdone(events)
    age = (events["known_at"] - bars.time[0]) / max(1, bars.as_of - int(bars.time[0]))
    rank = _RECENT * age + _STRONG * events["score"]
    order = np.argsort(-rank, kind="stable")
    order = order[kept[order]]
    mark = np.array([Kind(int(kind)).name.lower().startswith(_MARKS) for kind in events["kind"][order]], dtype=bool)
    chosen = np.sort(np.concatenate([np.flatnonzero(~mark)[:BOXES], np.flatnonzero(mark)[:MARKS]]))
    best: Times = rows[order[chosen]]
    return best


def _stale(kinds: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Dealing ranges after the first, which is the newest."""
    found = np.zeros(len(kinds), dtype=bool)
    for kind in (Kind.PREMIUM, Kind.DISCOUNT):
        found[np.flatnonzero(kinds == kind)[1:]] = True
    return found


def _outdone(events: NDArray[np.void]) -> NDArray[np.bool_]:
    """Candlesticks of which a stronger one points the same way on the same bar."""
    found, seen = np.zeros(len(events), dtype=bool), set()
    for at in np.argsort(-events["score"], kind="stable"):
        if family_of(Kind(int(events["kind"][at]))) == "candlesticks":
            place = int(events["known_at"][at]), int(events["direction"][at])
            found[at] = place in seen
            seen.add(place)
    return found
