"""Zones price may return to: fair value gaps and order blocks."""

from __future__ import annotations

import numpy as np
from numba import njit

from core.bars import Bars, Floats
from core.patterns.events import EVENT, STATUS, Events, Kind, Status, status_rows
from core.patterns.geometry import in_atr
from core.patterns.structure import Breaks, Positions

# An order block whose break ran this many ATR away from it has full score.
FULL_SCORE_ATR = 4.0


@njit(cache=True)
def first_returns(
    high: Floats,
    low: Floats,
    known: Positions,
    direction: Positions,
    bottom: Floats,
    top: Floats,
    through: bool,
) -> tuple[Positions, Positions]:
    """For each zone the first bar after `known` that enters it, and the first that crosses it (-1: none).

    With `through` the far edge must be exceeded, else reaching it counts.
    """
    count = len(known)
    entered = np.full(count, -1, dtype=np.int64)
    crossed = np.full(count, -1, dtype=np.int64)
    for k in range(count):
        up = direction[k] > 0
        for t in range(known[k] + 1, len(high)):
            near = low[t] <= top[k] if up else high[t] >= bottom[k]
            if entered[k] < 0 and near:
                entered[k] = t
            if through:
                far = low[t] < bottom[k] if up else high[t] > top[k]
            else:
                far = low[t] <= bottom[k] if up else high[t] >= top[k]
            if far:
                crossed[k] = t
                break
    return entered, crossed


def gap_events(bars: Bars, atr: Floats) -> tuple[Events, Events]:
    """Fair value gaps: three bars whose first and third do not overlap while the middle one runs in their direction.

    Touched when price first comes back to the near edge, filled when it reaches the far one. A gap of one ATR has full
    score.
    """
    high, low = bars.high, bars.low
    if len(bars) < 3:  # noqa: PLR2004  (a gap needs its three bars)
        return np.empty(0, EVENT), np.empty(0, STATUS)
    body = bars.close[1:-1] - bars.open[1:-1]
    up = np.flatnonzero((low[2:] > high[:-2]) & (body > 0)) + 2
    down = np.flatnonzero((high[2:] < low[:-2]) & (body < 0)) + 2
    at = np.concatenate([up, down])
    direction = np.concatenate([np.ones(len(up), np.int64), -np.ones(len(down), np.int64)])
    bottom = np.concatenate([high[up - 2], high[down]])
    top = np.concatenate([low[up], low[down - 2]])
    events = _zone_events(bars, Kind.FAIR_VALUE_GAP, at - 2, at, direction, bottom, top)
    events["score"] = in_atr(top - bottom, atr[at], 1.0)
    touched, filled = first_returns(high, low, at, direction, bottom, top, False)
    return events, status_rows(bars.close_time, (Status.TOUCHED, touched), (Status.FILLED, filled))


@njit(cache=True)
def _block_bars(high: Floats, low: Floats, bar: Positions, swing: Positions, direction: Positions) -> Positions:
    """For each break the extreme bar strictly between swing and break, the last on ties; -1 where there is none."""
    out = np.full(len(bar), -1, dtype=np.int64)
    for k in range(len(bar)):
        for j in range(swing[k] + 1, bar[k]):
            best = out[k]
            if best < 0 or (low[j] <= low[best] if direction[k] > 0 else high[j] >= high[best]):
                out[k] = j
    return out


def block_events(bars: Bars, breaks: Breaks, atr: Floats) -> tuple[Events, Events]:
    """Order blocks: the extreme bar between a swing and the break of it; the zone is that bar's range.

    Mitigated at the first touch, invalidated when price first trades beyond the far edge, kept for ever.
    """
    block = _block_bars(bars.high, bars.low, breaks.bar, breaks.swing, breaks.direction)
    found = block >= 0
    block, at, direction = block[found], breaks.bar[found], breaks.direction[found]
    bottom, top = bars.low[block], bars.high[block]
    events = _zone_events(bars, Kind.ORDER_BLOCK, block, at, direction, bottom, top)
    run = np.where(direction > 0, bars.close[at] - bottom, top - bars.close[at])
    events["score"] = in_atr(run, atr[at], FULL_SCORE_ATR)
    mitigated, invalidated = first_returns(bars.high, bars.low, at, direction, bottom, top, True)
    return events, status_rows(bars.close_time, (Status.MITIGATED, mitigated), (Status.INVALIDATED, invalidated))


def _zone_events(
    bars: Bars, kind: Kind, start: Positions, end: Positions, direction: Positions, bottom: Floats, top: Floats
) -> Events:
    events = np.zeros(len(end), EVENT)
    events["kind"], events["direction"] = kind, direction
    events["start"], events["end"] = bars.time[start], bars.time[end]
    events["price_low"], events["price_high"] = bottom, top
    events["level"] = np.where(direction > 0, top, bottom)  # the near edge
    events["known_at"] = bars.close_time[end]
    return events
