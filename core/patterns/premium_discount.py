"""The halves of the dealing range: premium above its middle, discount below."""

from __future__ import annotations

from numba import njit

from core.bars import Bars, Floats
from core.patterns.events import Kind, Status
from core.patterns.swings import Flags
from core.patterns.tables import Part, Positions, mark, share, space, status_space, write
from core.patterns.zones import first_returns

# A dealing range of this height in ATR has full score.
FULL_SCORE_ATR = 8.0

PREMIUM, DISCOUNT = int(Kind.PREMIUM), int(Kind.DISCOUNT)
TOUCHED, INVALIDATED = int(Status.TOUCHED), int(Status.INVALIDATED)


@njit(cache=True)
def _rows(
    high: Floats, low: Floats, is_high: Flags, is_low: Flags, atr: Floats, length: int
) -> tuple[Positions, Floats, Positions]:
    n = len(high)
    place, price = space(2 * n, 0)
    statuses = status_space(4 * n)
    last_high = last_low = -1
    count = marks = 0
    for t in range(length, n):
        swing = t - length
        if not is_high[swing] and not is_low[swing]:
            continue
        last_high = swing if is_high[swing] else last_high
        last_low = swing if is_low[swing] else last_low
        if last_high < 0 or last_low < 0 or not high[last_high] > low[last_low]:
            continue
        bottom, top = low[last_low], high[last_high]
        middle = bottom + (top - bottom) / 2
        first, last = min(last_high, last_low), max(last_high, last_low)
        score = share(top - bottom, atr[t] * FULL_SCORE_ATR)
        for kind, way in ((PREMIUM, -1), (DISCOUNT, 1)):
            floor, ceiling = (middle, top) if way < 0 else (bottom, middle)
            write(place[count], price[count], kind, way, first, last, t, floor, ceiling, middle, score)
            touched, beyond = first_returns(high, low, t, way > 0, floor, ceiling, True)
            marks = mark(statuses, marks, count, TOUCHED, touched)
            marks = mark(statuses, marks, count, INVALIDATED, beyond)
            count += 1
    return place[:count], price[:count], statuses[:marks]


def premium_discount_events(bars: Bars, is_high: Flags, is_low: Flags, atr: Floats, length: int) -> Part:
    """PREMIUM (direction -1: where to sell) and DISCOUNT (+1: where to buy), new whenever the dealing range changes.

    The range lies between the last known swing high and low; it changes when a swing becomes known, and there is none
    while the two are crossed. Each half reaches from the middle, its level, to the swing; start and end are the two
    swings. The score is the range's height with 8 ATR in full. TOUCHED at the first later bar that trades in the half,
    INVALIDATED at the first that trades beyond the swing.
    """
    found: Part = _rows(bars.high, bars.low, is_high, is_low, atr, length)
    return found
