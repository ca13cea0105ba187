"""What later bars do to the ends of a range: sweep them or break out."""

from __future__ import annotations

import numpy as np
from numba import njit

from core.bars import Bars, Floats, Times
from core.patterns.events import Events, Status, status_rows


@njit(cache=True)
def _first_taken(
    high: Floats, low: Floats, close: Floats, after: Times, bottom: Floats, top: Floats
) -> tuple[Times, Times]:
    count = len(after)
    swept, broken = np.full(count, -1, dtype=np.int64), np.full(count, -1, dtype=np.int64)
    for k in range(count):
        for t in range(after[k], len(close)):
            if close[t] > top[k] or close[t] < bottom[k]:
                broken[k] = t
                break
            beyond = (high[t] > top[k] and close[t] < top[k]) or (low[t] < bottom[k] and close[t] > bottom[k])
            if swept[k] < 0 and beyond:
                swept[k] = t
    return swept, broken


def taken_statuses(bars: Bars, after: Times, bottom: Floats, top: Floats) -> Events:
    """Status rows of ranges whose ends stand from bar `after` on; all of shape (k,).

    SWEPT at the first bar that trades beyond an end and closes back inside it, BROKEN at the first that closes beyond
    one; nothing is swept any more after that. An end that is not to be watched is infinite.
    """
    swept, broken = _first_taken(bars.high, bars.low, bars.close, after, bottom, top)
    return status_rows(bars.close_time, (Status.SWEPT, swept), (Status.BROKEN, broken))
