"""Trend from swing structure."""

from __future__ import annotations

import numpy as np
from numba import njit

from core.bars import Bars, Floats
from core.patterns.events import Kind
from core.patterns.pivots import Pivots
from core.patterns.tables import NO_STATUSES, Part, Positions, share, space, write

# A trend whose smaller step, from low to low or from high to high, is this many ATR has full score.
FULL_SCORE_ATR = 2.0


KINDS = np.array([Kind.TREND_DOWN, Kind.TREND_SIDEWAYS, Kind.TREND_UP], np.int64)  # by trend + 1
UNKNOWN = 2


@njit(cache=True)
def _write(
    at: int, trend: int, direction: int, x: Positions, p: Floats, side: int, atr: float, place: Positions, price: Floats
) -> None:
    """Fill the rows of a change of trend, from the bars and prices of the last four pivots, the newest first."""
    steps = abs(p[0] - p[2]), abs(p[1] - p[3])
    last_top, last_bottom = (p[0], p[1]) if side > 0 else (p[1], p[0])
    full = FULL_SCORE_ATR * atr
    if trend == 0:
        level, score = (last_top + last_bottom) / 2, 1.0 - share(max(steps), full)
    else:
        level, score = last_bottom if trend > 0 else last_top, share(min(steps), full)
    write(place, price, KINDS[trend + 1], direction, x[3], x[0], at, p.min(), p.max(), level, score)


@njit(cache=True)
def _changes(
    bar: Positions, side: Positions, known: Positions, previous: Positions, high: Floats, low: Floats, atr: Floats
) -> tuple[Positions, Floats]:
    """Every change of trend (tables of `tables`)."""
    place, price = space(len(bar), 0)
    x, p = np.empty(4, np.int64), np.empty(4, np.float64)
    count, trend = 0, UNKNOWN
    for v in range(len(bar)):
        if v + 1 < len(bar) and known[v + 1] == known[v]:
            continue  # the same bar reveals another pivot: judge it with both
        at, found = v, 0
        while found < len(x) and at >= 0:
            x[found], p[found] = bar[at], high[bar[at]] if side[at] > 0 else low[bar[at]]
            at, found = previous[at], found + 1
        if found < len(x):
            continue
        newest, other = np.sign(p[0] - p[2]), np.sign(p[1] - p[3])
        now = int(newest) if newest == other else 0
        if now == trend:
            continue
        direction = now
        if now == 0:
            direction = -side[v] if trend == UNKNOWN else -trend
        _write(known[v], now, direction, x, p, side[v], atr[known[v]], place[count], price[count])
        count, trend = count + 1, now
    return place[:count], price[:count]


def trend_events(bars: Bars, pivots: Pivots, atr: Floats) -> Part:
    """Patterns TREND_UP, TREND_DOWN and TREND_SIDEWAYS, one at each change; they have no statuses.

    Up: the last top is higher than the top before it and the last bottom higher than the bottom before it; down: both
    lower; sideways: anything else. Tops and bottoms are the alternating pivots as they are known at that bar, so a
    change is known when the deciding swing is. An event spans those four pivots in time and price. Its level is the
    price that would end it: the last bottom of an up trend, the last top of a down trend, the middle of a sideways
    range. Sideways points against the trend it ended; where there was none, a top that decides it points down, a
    bottom up. Score: the smaller of the two steps, 2 ATR or more being 1; sideways, what the larger leaves of 1.
    """
    columns = (pivots.bar, pivots.side, pivots.known, pivots.previous, bars.high, bars.low, atr)
    return *_changes(*columns), NO_STATUSES
