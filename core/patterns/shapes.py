"""Classic chart shapes: confirmed by a close, on causal alternating pivots.

The shapes are those of Lo, Mamaysky and Wang, "Foundations of Technical Analysis" (Journal of Finance 55, 2000), with
w = 0.15 of the shape's height in place of their 1.5 percent of its mean price. They count a shape once its last pivot
is complete; here a close beyond one of its boundaries must confirm it, which also gives its direction:

- head and shoulders: beyond the neckline through E2 and E4;
- double top: below the lowest low between the tops, which lie more than 22 and at most 120 bars apart;
- rectangle and the flat side of a triangle: beyond the outermost pivot of that side;
- sloping sides of triangles and broadening formations: beyond the line through the last two pivots of that side, and
  for a triangle before its lines meet;
- flag: above the least-squares line through the channel's 5 to 20 closes, moved up to its highest high.

Rectangles, triangles and broadening formations may break either way. A side is flat if its pivots lie within w; two
flat sides make a rectangle and nothing else. "Top" in a name means that the shape begins and ends with a top.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from core.bars import Bars, Floats
from core.patterns.events import Events, Kind
from core.patterns.pivots import Pivots
from core.patterns.shape_doubles import double_shapes
from core.patterns.shape_five import five_pivot_shapes
from core.patterns.shape_flags import flag_shapes
from core.patterns.shape_rows import settle
from core.patterns.swings import Flags
from core.patterns.tables import Part, Positions


@njit(cache=True)
def _rows(
    high: Floats,
    low: Floats,
    close: Floats,
    atr: Floats,
    bar: Positions,
    side: Positions,
    known: Positions,
    until: Positions,
    previous: Positions,
    is_high: Flags,
    is_low: Flags,
    length: int,
    within: int,
) -> tuple[Positions, Floats, Positions]:
    five = five_pivot_shapes(high, low, close, atr, bar, side, known, until, previous, within)
    double = double_shapes(high, low, close, atr, bar, side, known, until, previous, within)
    flag = flag_shapes(high, low, close, atr, is_high, is_low, length)
    place = np.concatenate((five[0], double[0], flag[0]))
    price = np.concatenate((five[1], double[1], flag[1]))
    found: Part = settle(place, price, high, low)
    return found


def shape_events(
    bars: Bars, pivots: Pivots, is_high: Flags, is_low: Flags, atr: Floats, length: int, within: int
) -> Part:
    """Patterns of every classic shape, from its first pivot (the foot of a flag's pole) to the bar that confirmed it.

    Known at the confirmation, or when the last pivot is, if that is later; the pivots are those known at that bar.
    The confirmation must come within `within` bars of the last pivot. `price_low` and `price_high` are the extreme
    pivots, the pole's for a flag; `level` is the boundary at the confirming bar. Score: half symmetry (even halves in
    time, prices that should agree near each other; for a flag, how little of the pole it gave back), half height (8
    ATR or more is 1; a pole 6). Status TARGET: price has gone the measured move; INVALIDATED: it has traded beyond the
    far boundary, or beyond both in one bar. A shape that is over before it is known is not told; one break confirms
    one shape of a kind.
    """
    columns = (bars.high, bars.low, bars.close, atr)
    points = (pivots.bar, pivots.side, pivots.known, pivots.until, pivots.previous)
    found: Part = _rows(*columns, *points, is_high, is_low, length, within)
    return found


def measured_move(shapes: Events) -> Floats:
    """The target price of each shape: its height (a flag's pole) from the level it broke, shape (n,)."""
    return np.asarray(shapes["level"] + shapes["direction"] * (shapes["price_high"] - shapes["price_low"]))


def far_boundary(shapes: Events) -> Floats:
    """The price beyond which each shape has failed: its extreme on the other side, the pole's middle for a flag."""
    low, high = shapes["price_low"], shapes["price_high"]
    edge = np.where(shapes["direction"] > 0, low, high)
    return np.where(np.isin(shapes["kind"], (Kind.BULL_FLAG, Kind.BEAR_FLAG)), (low + high) / 2, edge)
