"""What later bars do to the ends of a range: sweep them or break out."""

from __future__ import annotations

from numba import njit

from core.bars import Floats
from core.patterns.events import Status
from core.patterns.tables import Positions, mark

SWEPT, BROKEN = int(Status.SWEPT), int(Status.BROKEN)


@njit(cache=True)
def mark_taken(
    high: Floats,
    low: Floats,
    close: Floats,
    after: int,
    bottom: float,
    top: float,
    statuses: Positions,
    count: int,
    row: int,
) -> int:
    """Note what becomes of a range (pattern `row`) whose ends stand from bar `after` on; the new count of statuses.

    SWEPT at the first bar that trades beyond an end and closes back inside it, BROKEN at the first that closes beyond
    one; nothing is swept any more after that. An end that is not to be watched is infinite.
    """
    swept = False
    for t in range(after, len(close)):
        if close[t] > top or close[t] < bottom:
            count = mark(statuses, count, row, BROKEN, t)
            break
        beyond = (high[t] > top and close[t] < top) or (low[t] < bottom and close[t] > bottom)
        if beyond and not swept:
            swept = True
            count = mark(statuses, count, row, SWEPT, t)
    return count
