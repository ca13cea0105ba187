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

from core.bars import Bars, Floats
from core.patterns.events import Events, Kind, Status, status_rows
from core.patterns.pivots import Pivots
from core.patterns.shape_doubles import double_shapes
from core.patterns.shape_five import five_pivot_shapes
from core.patterns.shape_flags import flag_shapes
from core.patterns.shape_rows import settle
from core.patterns.swings import Flags
from core.patterns.tables import table_events


def shape_events(
    bars: Bars, pivots: Pivots, is_high: Flags, is_low: Flags, atr: Floats, length: int, within: int
) -> tuple[Events, Events]:
    """Events of every classic shape, from its first pivot (the foot of a flag's pole) to the bar that confirmed it.

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
    tables = (
        five_pivot_shapes(*columns, *points, within),
        double_shapes(*columns, *points, within),
        flag_shapes(*columns, is_high, is_low, length),
    )
    place, price = np.concatenate([found[0] for found in tables]), np.concatenate([found[1] for found in tables])
    told, reached, failed = settle(place, price, bars.high, bars.low)
    events = table_events(bars, place[told], price[told])
    return events, status_rows(bars.close_time, (Status.TARGET, reached), (Status.INVALIDATED, failed))


def measured_move(shapes: Events) -> Floats:
    """The target price of each shape: its height (a flag's pole) from the level it broke, shape (n,)."""
    return np.asarray(shapes["level"] + shapes["direction"] * (shapes["price_high"] - shapes["price_low"]))


def far_boundary(shapes: Events) -> Floats:
    """The price beyond which each shape has failed: its extreme on the other side, the pole's middle for a flag."""
    low, high = shapes["price_low"], shapes["price_high"]
    edge = np.where(shapes["direction"] > 0, low, high)
    return np.where(np.isin(shapes["kind"], (Kind.BULL_FLAG, Kind.BEAR_FLAG)), (low + high) / 2, edge)
