"""Liquidity: pools of equal highs or lows, and the sweeps that take them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit

from core.bars import Bars, Floats
from core.patterns.events import EVENT, Event, EventLog, Events, Kind, Status, joined, status_rows
from core.patterns.structure import Positions
from core.patterns.swings import Flags

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
) -> tuple[Positions, Positions, Positions, Positions, Floats, Positions, Positions, Positions, Positions]:
    """One side, written for highs: lows come in with every price negated.

    Returns the pools (first swing, last swing, bar known, number of swings, level), the bar at which each was swept or
    broken (-1: not yet), and the sweeps (bar, pool with the highest level taken at it).
    """
    n = len(high)
    first, last, known, members = (
        np.empty(n, dtype=np.int64),
        np.empty(n, dtype=np.int64),
        np.empty(n, dtype=np.int64),
        np.empty(n, dtype=np.int64),
    )
    level = np.empty(n, dtype=np.float64)
    swept, broken = np.full(n, -1, dtype=np.int64), np.full(n, -1, dtype=np.int64)
    sweep_bar, sweep_pool = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    pools = sweeps = 0
    ring = np.full(lookback, -1, dtype=np.int64)  # the last known swings; -1 where price has traded beyond one
    for t in range(n):
        taken = _take(t, high, close, level, swept, broken, pools)
        if taken >= 0:
            sweep_bar[sweeps], sweep_pool[sweeps] = t, taken
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
            first[pools], last[pools], known[pools], members[pools], level[pools] = start, swing, t, count, top
            pools += 1
        ring[np.argmin(ring)] = swing
    return (
        first[:pools].copy(),
        last[:pools].copy(),
        known[:pools].copy(),
        members[:pools].copy(),
        level[:pools].copy(),
        swept[:pools].copy(),
        broken[:pools].copy(),
        sweep_bar[:sweeps].copy(),
        sweep_pool[:sweeps].copy(),
    )


def liquidity_events(
    bars: Bars, is_high: Flags, is_low: Flags, atr: Floats, length: int, tolerance: float, lookback: int
) -> tuple[Events, Events]:
    """Events LIQUIDITY_POOL and SWEEP for both sides.

    A pool is two or more known swings, among the last `lookback` that still stand, within `tolerance` ATR of each
    other; its level is the outermost. Direction +1 is liquidity above highs, -1 below lows. It is swept by the first
    bar that trades beyond the level and closes back, and invalidated by the first that closes beyond. A SWEEP points
    against the pool it took (+1 after lows were taken) and spans the sweeping bar's range; its score is the share of
    that range which price gave back.
    """
    above = _side(bars, bars.high, bars.close, is_high, atr, length, tolerance, lookback, side=1)
    below = _side(bars, -bars.low, -bars.close, is_low, atr, length, tolerance, lookback, side=-1)
    shifted = below[1].copy()
    shifted["event"] += len(above[0])
    return joined([above[0], below[0]]), joined([above[1], shifted])


def _side(
    bars: Bars,
    outer: Floats,
    close: Floats,
    flags: Flags,
    atr: Floats,
    length: int,
    tolerance: float,
    lookback: int,
    *,
    side: int,
) -> tuple[Events, Events]:
    first, last, known, members, level, swept, broken, sweep_bar, sweep_pool = _scan_pools(
        outer, close, flags, atr, length, tolerance, lookback
    )
    pools = np.zeros(len(known), EVENT)
    pools["kind"], pools["direction"] = Kind.LIQUIDITY_POOL, side
    pools["start"], pools["end"], pools["known_at"] = bars.time[first], bars.time[last], bars.close_time[known]
    pools["level"] = level * side
    inner = outer[last]
    pools["price_low"] = np.minimum(level * side, inner * side)
    pools["price_high"] = np.maximum(level * side, inner * side)
    pools["score"] = np.minimum(members / FULL_SCORE_SWINGS, 1.0)
    sweeps = _sweeps(bars, first, level * side, sweep_bar, sweep_pool, side)
    return joined([pools, sweeps]), status_rows(bars.close_time, (Status.SWEPT, swept), (Status.INVALIDATED, broken))


def _sweeps(
    bars: Bars, first: Positions, level: Floats, sweep_bar: Positions, sweep_pool: Positions, side: int
) -> Events:
    sweeps = np.zeros(len(sweep_bar), EVENT)
    low, high, close = bars.low[sweep_bar], bars.high[sweep_bar], bars.close[sweep_bar]
    sweeps["kind"], sweeps["direction"] = Kind.SWEEP, -side
    sweeps["start"], sweeps["end"] = bars.time[first[sweep_pool]], bars.time[sweep_bar]
    sweeps["price_low"], sweeps["price_high"], sweeps["level"] = low, high, level[sweep_pool]
    sweeps["known_at"] = bars.close_time[sweep_bar]
    given_back = (high - close) if side > 0 else (close - low)
    # The bar traded beyond a level it closed inside of, so its range is never zero.
    sweeps["score"] = given_back / (high - low)
    return sweeps


def opposing_liquidity(log: EventLog, seen: Sequence[Bars], direction: int, entry: float) -> Event | None:
    """The nearest resting liquidity beyond the price `entry`: a pool or a single swing that price has not taken yet.

    `seen` are the bars that may have taken it: the log's own, and those of a finer timeframe, which know the minutes
    after the last of them but begin later. None where the log knows of nothing beyond.
    """
    events = log.events
    pools = (events["kind"] == Kind.LIQUIDITY_POOL) & (events["direction"] == direction)
    swings = events["kind"] == (Kind.SWING_HIGH if direction > 0 else Kind.SWING_LOW)
    fit = (pools | swings) & ((events["level"] - entry) * direction > 0)
    for bars in seen:
        fit &= _standing(bars, events, direction)
    found = np.flatnonzero(fit)
    if not len(found):
        return None
    # A pool lies at the level of one of its swings: of the two the pool is the stronger reason.
    return events[min(found, key=lambda at: (abs(events["level"][at] - entry), not pools[at]))]


def _standing(bars: Bars, events: Events, direction: int) -> Flags:
    """Whether no bar has traded beyond an event's level since the event was known."""
    outer = bars.high if direction > 0 else -bars.low
    # Running maximum from each bar to the last one.
    ahead = np.append(np.maximum.accumulate(outer[::-1])[::-1], -np.inf)
    return np.asarray(ahead[np.searchsorted(bars.time, events["known_at"])] <= events["level"] * direction)
