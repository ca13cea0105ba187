"""The halves of the dealing range: premium above its middle, discount below."""

from __future__ import annotations

import numpy as np
from numba import njit

from core.bars import Bars, Floats, Times
from core.patterns.events import EVENT, Events, Kind, Status, status_rows
from core.patterns.geometry import in_atr
from core.patterns.swings import Flags
from core.patterns.zones import first_returns

# A dealing range of this height in ATR has full score.
FULL_SCORE_ATR = 8.0


@njit(cache=True)
def _ranges(high: Floats, low: Floats, is_high: Flags, is_low: Flags, length: int) -> tuple[Times, Times, Times]:
    """Swing high, swing low and bar known of every dealing range."""
    n = len(high)
    top, bottom, known = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    last_high = last_low = -1
    count = 0
    for t in range(length, n):
        swing = t - length
        if not is_high[swing] and not is_low[swing]:
            continue
        if is_high[swing]:
            last_high = swing
        if is_low[swing]:
            last_low = swing
        if last_high >= 0 and last_low >= 0 and high[last_high] > low[last_low]:
            top[count], bottom[count], known[count] = last_high, last_low, t
            count += 1
    return top[:count].copy(), bottom[:count].copy(), known[:count].copy()


def premium_discount_events(
    bars: Bars, is_high: Flags, is_low: Flags, atr: Floats, length: int
) -> tuple[Events, Events]:
    """PREMIUM (direction -1: where to sell) and DISCOUNT (+1: where to buy), new whenever the dealing range changes.

    The range lies between the last known swing high and low; it changes when a swing becomes known, and there is none
    while the two are crossed. Each half reaches from the middle, its level, to the swing; start and end are the two
    swings. The score is the range's height with 8 ATR in full. TOUCHED at the first later bar that trades in the half,
    INVALIDATED at the first that trades beyond the swing.
    """
    high_at, low_at, at = _ranges(bars.high, bars.low, is_high, is_low, length)
    top, bottom = bars.high[high_at], bars.low[low_at]
    middle = bottom + (top - bottom) / 2
    events = np.zeros((2, len(at)), EVENT)
    events["kind"], events["direction"] = ((Kind.PREMIUM,), (Kind.DISCOUNT,)), ((-1,), (1,))
    events["start"], events["end"] = bars.time[np.minimum(high_at, low_at)], bars.time[np.maximum(high_at, low_at)]
    events["price_low"], events["price_high"] = (middle, bottom), (top, middle)
    events["level"] = middle
    events["known_at"] = bars.close_time[at]
    events["score"] = in_atr(top - bottom, atr[at], FULL_SCORE_ATR)
    rows, known = events.ravel(), np.tile(at, 2)
    direction, low, high = (np.ascontiguousarray(rows[name]) for name in ("direction", "price_low", "price_high"))
    touched, beyond = first_returns(bars.high, bars.low, known, direction, low, high, True)
    return rows, status_rows(bars.close_time, (Status.TOUCHED, touched), (Status.INVALIDATED, beyond))
