"""Liquidity: pools of equal highs or lows, and the sweeps that take them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit

from core.bars import Bars, Floats
from core.patterns.events import Event, EventLog, Events, Kind, Status
from core.patterns.swings import Flags
from core.patterns.tables import Part, Positions, mark, space, status_space, write

POOL, SWEEP = int(Kind.LIQUIDITY_POOL), int(Kind.SWEEP)
SWEPT, INVALIDATED = int(Status.SWEPT), int(Status.INVALIDATED)

# A pool of this many equal swings has full score.
FULL_SCORE_SWINGS = 4


@njit(cache=True)
def _take(t: int, high: Floats, close: Floats, level: Floats, swept: Positions, broken: Positions, pools: int) -> int:
    """Mark the standing pools that bar t swept or broke; the swept one with the highest level, -1 for none."""
    taken = -1
    for k in range(pools):
        if swept[k] >= 0 or broken[k] >= 0 or high[t] <= level[k]:
            continue
        if close[t] < level[k]:
            swept[k] = t
            if taken < 0 or level[k] > level[taken]:
                taken = k
        elif close[t] > level[k]:
            broken[k] = t
    return taken


@njit(cache=True)
def _equals(swing: int, high: Floats, ring: Positions, reach: float) -> tuple[int, int, float]:
    """Standing swings within `reach` of a new one, itself included: how many, the first of them, the highest price."""
    count, start, top = 1, swing, high[swing]
    for k in ring:
        if k >= 0 and abs(high[k] - high[swing]) <= reach:
            count += 1
            start = min(start, k)
            top = max(top, high[k])
    return count, start, top


@njit(cache=True)
def _scan_pools(
    high: Floats, close: Floats, is_high: Flags, atr: Floats, length: int, tolerance: float, lookback: int
) -> tuple[Positions, Floats, Positions]:
    """One side, written for highs: lows come in with every price negated.

    Returns the pools (first swing, last swing, bar known, number of swings, bar at which it was swept, bar at which it
    was broken; -1: not yet), their levels, and the sweeps (bar, pool with the highest level taken at it).
    """
    n = len(high)
    pool, level, sweep = np.empty((n, 6), np.int64), np.empty(n, np.float64), np.empty((n, 2), np.int64)
    swept, broken = pool[:, 4], pool[:, 5]
    pools = sweeps = 0
    ring = np.full(lookback, -1, dtype=np.int64)  # the last known swings; -1 where price has traded beyond one
    for t in range(n):
        taken = _take(t, high, close, level, swept, broken, pools)
        if taken >= 0:
            sweep[sweeps, 0], sweep[sweeps, 1] = t, taken
            sweeps += 1
        reach = tolerance * atr[t]
        if not reach > 0:
            continue
        for j in range(lookback):
            if ring[j] >= 0 and high[t] > high[ring[j]] + reach:
                ring[j] = -1
        swing = t - length
        if swing < 0 or not is_high[swing]:
            continue
        count, start, top = _equals(swing, high, ring, reach)
        if count > 1:
            pool[pools, 0], pool[pools, 1], pool[pools, 2], pool[pools, 3] = start, swing, t, count
            swept[pools], broken[pools], level[pools] = -1, -1, top
            pools += 1
        ring[np.argmin(ring)] = swing
    return pool[:pools], level[:pools], sweep[:sweeps]


@njit(cache=True)
def _rows(
    high: Floats,
    low: Floats,
    close: Floats,
    is_high: Flags,
    is_low: Flags,
    atr: Floats,
    length: int,
    tolerance: float,
    lookback: int,
) -> tuple[Positions, Floats, Positions]:
    n = len(high)
    place, price = space(4 * n, 0)
    statuses = status_space(4 * n)
    count = marks = 0
    for side in (1, -1):
        outer, ends = (high, close) if side > 0 else (-low, -close)
        flags = is_high if side > 0 else is_low
        pool, level, sweep = _scan_pools(outer, ends, flags, atr, length, tolerance, lookback)
        for k in range(len(pool)):
            first, last, known, members, swept, broken = pool[k]
            edge, inner = level[k] * side, outer[last] * side
            score = min(members / FULL_SCORE_SWINGS, 1.0)
            bottom, top = min(edge, inner), max(edge, inner)
            write(place[count], price[count], POOL, side, first, last, known, bottom, top, edge, score)
            marks = mark(statuses, marks, count, SWEPT, swept)
            marks = mark(statuses, marks, count, INVALIDATED, broken)
            count += 1
        for k in range(len(sweep)):
            t, taken = sweep[k]
            given_back = high[t] - close[t] if side > 0 else close[t] - low[t]
            # The bar traded beyond a level it closed inside of, so its range is never zero.
            score = given_back / (high[t] - low[t])
            first, edge = pool[taken, 0], level[taken] * side
            write(place[count], price[count], SWEEP, -side, first, t, t, low[t], high[t], edge, score)
            count += 1
    return place[:count], price[:count], statuses[:marks]


def liquidity_events(
    bars: Bars, is_high: Flags, is_low: Flags, atr: Floats, length: int, tolerance: float, lookback: int
) -> Part:
    """Patterns LIQUIDITY_POOL and SWEEP for both sides.

    A pool is two or more known swings, among the last `lookback` that still stand, within `tolerance` ATR of each
    other; its level is the outermost. Direction +1 is liquidity above highs, -1 below lows. It is swept by the first
    bar that trades beyond the level and closes back, and invalidated by the first that closes beyond. A SWEEP points
    against the pool it took (+1 after lows were taken) and spans the sweeping bar's range; its score is the share of
    that range which price gave back.
    """
    columns = (bars.high, bars.low, bars.close, is_high, is_low, atr)
    found: Part = _rows(*columns, length, tolerance, lookback)
    return found


def opposing_liquidity(log: EventLog, seen: Sequence[Bars], direction: int, entry: float) -> Event | None:
    """The nearest resting liquidity beyond the price `entry`: a pool or a single swing that price has not taken yet.

    `seen` are the bars that may have taken it: the log's own, and those of a finer timeframe, which know the minutes
    after the last of them but begin later. None where the log knows of nothing beyond.
    """
    found = log.of(Kind.LIQUIDITY_POOL, Kind.SWING_HIGH if direction > 0 else Kind.SWING_LOW)
    events = log.events[found]
    pools = events["kind"] == int(Kind.LIQUIDITY_POOL)
    beyond = (events["level"] - entry) * direction > 0
    fit = np.flatnonzero(beyond & (~pools | (events["direction"] == direction)))
    for bars in seen:
        fit = fit[_standing(bars, events[fit], direction)]
    if not len(fit):
        return None
    # A pool lies at the level of one of its swings: of the two the pool is the stronger reason.
    distance = np.abs(events["level"][fit] - entry)
    return events[fit[np.lexsort((~pools[fit], distance))[0]]]


def _standing(bars: Bars, events: Events, direction: int) -> Flags:
    """Whether no bar has traded beyond an event's level since the event was known."""
    # Running extreme from each bar to the last one, and none behind that.
    outer, extreme = (bars.high, np.maximum) if direction > 0 else (bars.low, np.minimum)
    ahead = np.append(extreme.accumulate(outer[::-1])[::-1], -direction * np.inf)
    after = np.searchsorted(bars.time, events["known_at"])
    return np.asarray((events["level"] - ahead[after]) * direction >= 0)
