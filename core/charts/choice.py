"""Which of the pattern events of a window a chart draws: the newest and strongest, near the price. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.bars import Bars, Times
from core.patterns.events import EventLog, Kind

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
    """Those of `rows` (as `known_on` gives them) to draw over `bars`, by the rule of `most_telling`."""
    events = log.events[rows]
    names = {int(kind): Kind(int(kind)).name.lower() for kind in np.unique(events["kind"])}
    kinds = np.array([names[int(kind)] for kind in events["kind"]], dtype=np.str_)
    best: Times = rows[most_telling(kinds, events, bars)]
    return best


def most_telling(
    kinds: NDArray[np.str_], events: Mapping[str, Any] | NDArray[np.void], bars: Bars, boxes: int = BOXES
) -> Times:
    """Positions of the events to draw over `bars` (at least one), the most telling first: newest and strongest.

    `kinds` names them in small letters, `events` has their columns known_at, level, score and direction, newest first.
    At most `boxes` boxes and lines and `MARKS` events of one moment are chosen. Left out are those far above or below
    the bars, which would press these flat, all dealing ranges but the last, and of several candlesticks on one bar and
    side all but the strongest.
    """
    known, level, score, direction = (np.asarray(events[name]) for name in ("known_at", "level", "score", "direction"))
    top, bottom = float(bars.high.max()), float(bars.low.min())
    room = (top - bottom) * _BEYOND
    kept = (level <= top + room) & (level >= bottom - room)
    kept &= ~_stale(kinds) & ~_outdone(kinds, known, direction, score)
    age = (known - bars.time[0]) / max(1, bars.as_of - int(bars.time[0]))
    mark = np.array([kind.startswith(_MARKS) for kind in kinds], dtype=bool)
    order = np.lexsort((mark, -(_RECENT * age + _STRONG * score)))
    order = order[kept[order]]
    mark = mark[order]
    chosen = np.sort(np.concatenate([np.flatnonzero(~mark)[:boxes], np.flatnonzero(mark)[:MARKS]]))
    best: Times = order[chosen]
    return best


def _stale(kinds: NDArray[np.str_]) -> NDArray[np.bool_]:
    """Dealing ranges after the first, which is the newest."""
    found = np.zeros(len(kinds), dtype=bool)
    for kind in ("premium", "discount"):
        found[np.flatnonzero(kinds == kind)[1:]] = True
    return found


def _outdone(
    kinds: NDArray[np.str_], known: Times, direction: NDArray[np.int64], score: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Candlesticks of which a stronger one points the same way on the same bar."""
    found, seen = np.zeros(len(kinds), dtype=bool), set()
    for at in np.argsort(-score, kind="stable"):
        if kinds[at].startswith("cdl_"):
            place = int(known[at]), int(direction[at])
            found[at] = place in seen
            seen.add(place)
    return found
