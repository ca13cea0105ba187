"""Alternating pivots E1, E2, ...: the turning points on which trend and classic shapes stand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from core.bars import Bars, Floats
from core.patterns.swings import Flags
from core.patterns.tables import Positions


@dataclass(frozen=True)
class Pivots:
    """Every pivot there ever was, in the order they became known; arrays of shape (m,).

    `bar` is where the pivot lies, `side` +1 for a top and -1 for a bottom, `known` the bar that revealed it, `until`
    the bar at which a more extreme one took its place (the number of bars: it stands), `previous` the position here
    of the pivot before it, which is on the other side (-1: it is the first). Walking back along `previous` gives the
    pivots as they were known from `known` until `until`.
    """

    bar: Positions
    side: Positions
    known: Positions
    until: Positions
    previous: Positions


@njit(cache=True)
def _alternate(
    high: Floats, low: Floats, is_high: Flags, is_low: Flags, length: int
) -> tuple[Positions, Positions, Positions, Positions, Positions]:
    n = len(high)
    swings = int(np.sum(is_high)) + int(np.sum(is_low))
    bar, side, known = np.empty(swings, np.int64), np.empty(swings, np.int64), np.empty(swings, np.int64)
    until, previous = np.full(swings, n, np.int64), np.empty(swings, np.int64)
    count, last = 0, -1
    for i in range(n - length):
        if not (is_high[i] or is_low[i]) or (last < 0 and is_high[i] and is_low[i]):
            continue
        first = 1 if last < 0 else side[last]
        for now in (first, -first):
            if not (is_high[i] if now > 0 else is_low[i]):
                continue
            before = last
            if last >= 0 and side[last] == now:
                further = high[i] > high[bar[last]] if now > 0 else low[i] < low[bar[last]]
                if not further:
                    continue
                until[last], before = i + length, previous[last]
            bar[count], side[count], known[count], previous[count] = i, now, i + length, before
            last = count
            count += 1
    return bar[:count].copy(), side[:count].copy(), known[:count].copy(), until[:count].copy(), previous[:count].copy()


def find_pivots(bars: Bars, is_high: Flags, is_low: Flags, length: int) -> Pivots:
    """Tops and bottoms by turns, out of the known swings.

    A swing on the other side than the newest pivot is the next pivot; one on the same side takes its place if it is
    more extreme, and is left out if it is not. So only the newest pivot can ever change. A bar that is a swing high
    and a swing low at once counts first for the side of the newest pivot, and is left out where there is none yet.
    """
    return Pivots(*_alternate(bars.high, bars.low, is_high, is_low, length))
