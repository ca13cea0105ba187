"""Zones price may return to: fair value gaps and order blocks."""

from __future__ import annotations

from numba import njit

from core.bars import Bars, Floats
from core.patterns.events import Kind, Status
from core.patterns.structure import Breaks
from core.patterns.tables import Part, Positions, mark, share, space, status_space, write

# An order block whose break ran this many ATR away from it has full score.
FULL_SCORE_ATR = 4.0

GAP, BLOCK = int(Kind.FAIR_VALUE_GAP), int(Kind.ORDER_BLOCK)
TOUCHED, FILLED = int(Status.TOUCHED), int(Status.FILLED)
MITIGATED, INVALIDATED = int(Status.MITIGATED), int(Status.INVALIDATED)


@njit(cache=True)
def first_returns(
    high: Floats, low: Floats, known: int, up: bool, bottom: float, top: float, through: bool
) -> tuple[int, int]:
    """The first bar after `known` that enters a zone, and the first that crosses it (-1: none).

    With `through` the far edge must be exceeded, else reaching it counts.
    """
    entered = -1
    for t in range(known + 1, len(high)):
        near = low[t] <= top if up else high[t] >= bottom
        if entered < 0 and near:
            entered = t
        if up:
            far = low[t] < bottom or (low[t] == bottom and not through)
        else:
            far = high[t] > top or (high[t] == top and not through)
        if far:
            return entered, t
    return entered, -1


@njit(cache=True)
def _gaps(opened: Floats, high: Floats, low: Floats, close: Floats, atr: Floats) -> tuple[Positions, Floats, Positions]:
    n = len(close)
    place, price = space(n, 0)
    statuses = status_space(2 * n)
    count = marks = 0
    for t in range(2, n):
        body = close[t - 1] - opened[t - 1]
        up = low[t] > high[t - 2] and body > 0
        if not up and not (high[t] < low[t - 2] and body < 0):
            continue
        bottom, top = (high[t - 2], low[t]) if up else (high[t], low[t - 2])
        score = share(top - bottom, atr[t])
        near, way = (top, 1) if up else (bottom, -1)
        write(place[count], price[count], GAP, way, t - 2, t, t, bottom, top, near, score)
        touched, filled = first_returns(high, low, t, up, bottom, top, False)
        marks = mark(statuses, marks, count, TOUCHED, touched)
        marks = mark(statuses, marks, count, FILLED, filled)
        count += 1
    return place[:count], price[:count], statuses[:marks]


def gap_events(bars: Bars, atr: Floats) -> Part:
    """Fair value gaps: three bars whose first and third do not overlap while the middle one runs in their direction.

    Touched when price first comes back to the near edge, filled when it reaches the far one. A gap of one ATR has full
    score.
    """
    found: Part = _gaps(bars.open, bars.high, bars.low, bars.close, atr)
    return found


@njit(cache=True)
def _block_bar(high: Floats, low: Floats, bar: int, swing: int, up: bool) -> int:
    """The extreme bar strictly between swing and break, the last on ties; -1 where there is none."""
    best = -1
    for j in range(swing + 1, bar):
        if best < 0 or (low[j] <= low[best] if up else high[j] >= high[best]):
            best = j
    return best


@njit(cache=True)
def _blocks(
    high: Floats, low: Floats, close: Floats, bar: Positions, swing: Positions, direction: Positions, atr: Floats
) -> tuple[Positions, Floats, Positions]:
    place, price = space(len(bar), 0)
    statuses = status_space(2 * len(bar))
    count = marks = 0
    for k in range(len(bar)):
        at, up = bar[k], direction[k] > 0
        block = _block_bar(high, low, at, swing[k], up)
        if block < 0:
            continue
        bottom, top = low[block], high[block]
        run = close[at] - bottom if up else top - close[at]
        score = share(run, atr[at] * FULL_SCORE_ATR)
        near = top if up else bottom
        write(place[count], price[count], BLOCK, direction[k], block, at, at, bottom, top, near, score)
        mitigated, invalidated = first_returns(high, low, at, up, bottom, top, True)
        marks = mark(statuses, marks, count, MITIGATED, mitigated)
        marks = mark(statuses, marks, count, INVALIDATED, invalidated)
        count += 1
    return place[:count], price[:count], statuses[:marks]


def block_events(bars: Bars, breaks: Breaks, atr: Floats) -> Part:
    """Order blocks: the extreme bar between a swing and the break of it; the zone is that bar's range.

    Mitigated at the first touch, invalidated when price first trades beyond the far edge, kept for ever.
    """
    columns = (bars.high, bars.low, bars.close)
    found: Part = _blocks(*columns, breaks.bar, breaks.swing, breaks.direction, atr)
    return found
