"""A symbol's bars with everything found in them, and what of it was known at any moment: found once, not per window.

Nothing repaints: what was known at a moment is the part of the whole log stamped by then (see `core.patterns.events`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.bars import Bars, Floats
from core.indicators.snapshot import indicators
from core.patterns.detect import DetectorSettings, detect
from core.patterns.events import EventLog
from core.strategies.base import View
from core.timeframe import Calendar

REACH: Final = 500
"""Bars before a moment in which entries look for liquidity and structure; a window that is longer counts instead."""


@dataclass(frozen=True)
class History:
    """Bars of a symbol and timeframe, their events and indicator columns."""

    bars: Bars
    log: EventLog
    columns: Mapping[str, Floats]

    def position(self, moment: int) -> int:
        """The number of bars that are complete at `moment` (UTC ms)."""
        return int(np.searchsorted(self.bars.close_time, moment, side="right"))

    def view(self, moment: int, reach: int = REACH) -> View:
        """The last `reach` bars complete at `moment` (UTC ms), and of what they made known, all known by then."""
        last = self.position(moment)
        first = max(last - reach, 0)
        if last == 0:
            return View(self.bars[:0], EventLog(self.log.events[:0], self.log.statuses[:0]), self._columns(0, 0))
        log = _between(self.log, int(self.bars.time[first]), int(self.bars.close_time[last - 1]))
        return View(self.bars[first:last], log, self._columns(first, last))

    def _columns(self, first: int, last: int) -> dict[str, Floats]:
        return {name: column[first:last] for name, column in self.columns.items()}


def history(bars: Bars, families: Sequence[str], calendar: Calendar) -> History:
    """Look for the families, and for what entries and market structure need, over all of `bars`."""
    wanted = dict.fromkeys(("smart_money", *families))
    log = detect(bars, DetectorSettings(calendar=calendar), families=tuple(wanted))
    return History(bars, log, indicators(bars))


def _between(log: EventLog, after: int, until: int) -> EventLog:
    """Events known after `after` and by `until`, with their status rows by then."""
    first, last = np.searchsorted(log.events["known_at"], [after, until], side="right")
    low, high = np.searchsorted(log.statuses["known_at"], [after, until], side="right")
    statuses = log.statuses[low:high]
    statuses = statuses[statuses["event"] >= first].copy()
    statuses["event"] -= first
    return EventLog(log.events[first:last], statuses)
