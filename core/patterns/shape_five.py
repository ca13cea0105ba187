"""Shapes of five alternating pivots: head and shoulders, triangles, rectangles, broadening formations.

Written for shapes that begin and end with a top; the mirrored ones come in with every price negated (`side` -1). In
this orientation E1, E3, E5 are the outer points and E2, E4 the inner ones.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from core.bars import Floats
from core.patterns.events import Kind
from core.patterns.shape_rows import TOLERANCE, line_at, measure, shape_space
from core.patterns.tables import Positions, nearness, share, write

FULL_SCORE_ATR = 8.0  # a shape as high as this many ATR has full score for size

HEAD, RECTANGLE, BROADENING, FLAT_OUTER, FLAT_INNER, SYMMETRIC = range(1, 7)
# Kinds by the form above, for shapes that begin with a top and with a bottom.
KINDS = np.array(
    [
        (0, 0),
        (Kind.HEAD_AND_SHOULDERS, Kind.INVERSE_HEAD_AND_SHOULDERS),
        (Kind.RECTANGLE_TOP, Kind.RECTANGLE_BOTTOM),
        (Kind.BROADENING_TOP, Kind.BROADENING_BOTTOM),
        (Kind.ASCENDING_TRIANGLE, Kind.DESCENDING_TRIANGLE),
        (Kind.DESCENDING_TRIANGLE, Kind.ASCENDING_TRIANGLE),
        (Kind.SYMMETRIC_TRIANGLE, Kind.SYMMETRIC_TRIANGLE),
    ],
    np.int64,
)


@njit(cache=True)
def _form(e: Floats, w: float) -> int:
    """Which form five pivot prices have, 0 for none."""
    if e[2] > e[0] + w and e[2] > e[4] + w and abs(e[0] - e[4]) <= 2 * w and abs(e[1] - e[3]) <= 2 * w:
        return HEAD
    flat_outer = max(e[0], e[2], e[4]) - min(e[0], e[2], e[4]) <= w
    flat_inner = abs(e[1] - e[3]) <= w
    if flat_outer and flat_inner:
        return RECTANGLE if min(e[0], e[2], e[4]) > max(e[1], e[3]) else 0
    if e[0] < e[2] < e[4] and e[1] > e[3]:
        return BROADENING
    if not ((flat_outer or e[0] > e[2] > e[4]) and (flat_inner or e[1] < e[3])):
        return 0
    if flat_outer:
        return FLAT_OUTER
    return FLAT_INNER if flat_inner else SYMMETRIC


@njit(cache=True)
def _outer(form: int, x: Positions, e: Floats, t: int) -> float:
    """The outer boundary at bar t: level where it is flat, else the line through the last two outer pivots."""
    if form in (RECTANGLE, FLAT_OUTER):
        return float(max(e[0], e[2], e[4]))
    return float(e[2]) if form == HEAD else float(line_at(x[2], e[2], x[4], e[4], t))


@njit(cache=True)
def _inner(form: int, x: Positions, e: Floats, t: int) -> float:
    """The inner boundary at bar t: level where it is flat, else the line through E2 and E4, the neckline of a head."""
    if form in (RECTANGLE, FLAT_INNER):
        return float(min(e[1], e[3]))
    return float(line_at(x[1], e[1], x[3], e[3], t))


@njit(cache=True)
def _confirm(
    form: int, x: Positions, e: Floats, high: Floats, low: Floats, close: Floats, side: int, last: int
) -> tuple[int, int, float]:
    """The first bar after E5, up to `last`, that closes beyond a boundary: (bar, +1 outward or -1 inward, boundary).

    Bar -1 where none does before the shape is spoilt: price trades above the head, the neckline leaves the shape, the
    lines of a triangle have met.
    """
    bottom, top = e.min(), e.max()
    w = TOLERANCE * (top - bottom)
    for t in range(x[4] + 1, last + 1):
        inner, outer, now = _inner(form, x, e, t), _outer(form, x, e, t), close[t] * side
        if form == HEAD:
            highest = high[t] if side > 0 else -low[t]
            if highest > outer or inner > e[4] or inner < bottom - w:
                break
        elif inner >= outer:
            break
        if now < inner:
            return t, -1, inner
        if now > outer:
            return t, 1, outer
    return -1, 0, 0.0


@njit(cache=True)
def _quality(form: int, x: Positions, e: Floats, w: float) -> float:
    """Symmetry 0..1: how even the two halves are in time, and how near the prices that should agree are."""
    left, right = x[2] - x[0], x[4] - x[2]
    even = min(left, right) / max(left, right)
    if form == HEAD:
        return float(even + nearness(e[0] - e[4], 2 * w) + nearness(e[1] - e[3], 2 * w)) / 3
    if form in (RECTANGLE, FLAT_OUTER):
        fit = nearness(max(e[0], e[2], e[4]) - min(e[0], e[2], e[4]), w)
    else:
        fit = nearness(e[2] - line_at(x[0], e[0], x[4], e[4], x[2]), 2 * w)
    if form in (RECTANGLE, FLAT_INNER):
        fit = (fit + nearness(e[1] - e[3], w)) / 2
    return float(even + fit) / 2


@njit(cache=True)
def _five(
    v: int, bar: Positions, side: Positions, previous: Positions, high: Floats, low: Floats, x: Positions, e: Floats
) -> bool:
    """Fill x and e with the bars and the turned prices of the five pivots up to v; False where there are not five."""
    at, turn, later = v, side[v], bar[v] + 1
    for k in range(4, -1, -1):
        if at < 0 or bar[at] >= later:
            return False
        later = bar[at]
        x[k] = bar[at]
        e[k] = (high[x[k]] if side[at] > 0 else low[x[k]]) * turn
        at = previous[at]
    return True


@njit(cache=True)
def five_pivot_shapes(
    high: Floats,
    low: Floats,
    close: Floats,
    atr: Floats,
    bar: Positions,
    side: Positions,
    known: Positions,
    until: Positions,
    previous: Positions,
    within: int,
) -> tuple[Positions, Floats]:
    """Confirmed shapes of five pivots (tables of `shape_rows`), in the order of their last pivots."""
    place, price = shape_space(len(bar))
    x, e = np.empty(5, np.int64), np.empty(5, np.float64)
    count = 0
    for v in range(len(bar)):
        if not _five(v, bar, side, previous, high, low, x, e):
            continue
        height = e.max() - e.min()
        w = TOLERANCE * height
        form = _form(e, w)
        if form == 0 or not e[4] > _inner(form, x, e, x[4]):
            continue
        turn = side[v]
        end, way, level = _confirm(form, x, e, high, low, close, turn, min(x[4] + within, len(high) - 1))
        seen = max(end, known[v])
        if end < 0 or seen >= until[v]:
            continue
        bottom, top = (e.min(), e.max()) if turn > 0 else (-e.max(), -e.min())
        score = (_quality(form, x, e, w) + share(height, FULL_SCORE_ATR * atr[seen])) / 2
        kind = KINDS[form, 0 if turn > 0 else 1]
        write(place[count], price[count], kind, way * turn, x[0], end, seen, bottom, top, level * turn, score)
        measure(place[count], price[count])
        count += 1
    return place[:count], price[:count]
