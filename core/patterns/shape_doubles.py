"""Double tops and double bottoms."""

from __future__ import annotations

from numba import njit

from core.bars import Floats
from core.patterns.events import Kind
from core.patterns.shape_rows import TOLERANCE, measure, shape_space
from core.patterns.tables import Positions, nearness, share, write

NEAREST = 22  # bars: the two tops lie further apart than this
FARTHEST = 120  # and not further than this
FULL_SCORE_ATR = 8.0

TOP, BOTTOM = int(Kind.DOUBLE_TOP), int(Kind.DOUBLE_BOTTOM)


@njit(cache=True)
def _partner(
    v: int, bar: Positions, side: Positions, previous: Positions, outer: Floats, inner: Floats
) -> tuple[int, float]:
    """The nearest earlier top that makes a double top with top v, and the low between them; bar -1 for none.

    `outer` and `inner` are highs and lows, or turned over for bottoms.
    """
    second = bar[v]
    floor, ceiling, t = inner[second - 1], outer[second - 1], second - 1
    at = v
    while True:
        at = previous[at]
        at = previous[at] if at >= 0 else -1
        if at < 0 or second - bar[at] > FARTHEST:
            return -1, 0.0
        first = bar[at]
        while t > first:
            floor, ceiling = min(floor, inner[t]), max(ceiling, outer[t])
            t -= 1
        top = max(outer[first], outer[second])
        close_enough = abs(outer[first] - outer[second]) <= TOLERANCE * (top - floor)
        if second - first > NEAREST and ceiling <= top and close_enough and floor < min(outer[first], outer[second]):
            return first, floor


@njit(cache=True)
def _confirm(second: int, last: int, top: float, floor: float, outer: Floats, close: Floats, turn: int) -> int:
    """The first bar that closes below the low between; -1 where price trades above the tops first."""
    for t in range(second + 1, last + 1):
        if outer[t] > top:
            return -1
        if close[t] * turn < floor:
            return t
    return -1


@njit(cache=True)
def double_shapes(
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
    """Confirmed double tops and bottoms (tables of `shape_rows`), in the order of their last pivots."""
    place, price = shape_space(len(bar))
    turned_high, turned_low = -high, -low
    count = 0
    for v in range(len(bar)):
        turn, second = side[v], bar[v]
        outer = high if turn > 0 else turned_low
        inner = low if turn > 0 else turned_high
        first, floor = _partner(v, bar, side, previous, outer, inner)
        if first < 0:
            continue
        top = max(outer[first], outer[second])
        end = _confirm(second, min(second + within, len(high) - 1), top, floor, outer, close, turn)
        seen = max(end, known[v])
        if end < 0 or seen >= until[v]:
            continue
        height = top - floor
        alike = nearness(outer[first] - outer[second], TOLERANCE * height)
        score = (alike + share(height, FULL_SCORE_ATR * atr[seen])) / 2
        lowest, highest = (floor, top) if turn > 0 else (-top, -floor)
        kind = TOP if turn > 0 else BOTTOM
        write(place[count], price[count], kind, -turn, first, end, seen, lowest, highest, floor * turn, score)
        measure(place[count], price[count])
        count += 1
    return place[:count], price[:count]
