"""Support and resistance: prices at which the market has turned three times, their breaks and retests."""

from __future__ import annotations

import numpy as np
from numba import njit

from core.bars import Bars, Floats
from core.patterns.events import Kind, Status
from core.patterns.swings import Flags
from core.patterns.tables import Part, Positions, mark, share, space, status_space, write

TOUCHES = 3  # swings that make a level
REACH = 0.25  # ATR between the lowest and the highest of them
BREAK = 0.1  # ATR by which a close must lie beyond a level to break it
HALF_LIFE = 100.0  # bars after which a touch counts half
FULL_SCORE_TOUCHES = 4.0  # fresh touches that give full score

LEVEL, LEVEL_BREAK, LEVEL_RETEST = int(Kind.LEVEL), int(Kind.LEVEL_BREAK), int(Kind.LEVEL_RETEST)
BROKEN, RETESTED = int(Status.BROKEN), int(Status.RETESTED)


@njit(cache=True)
def _cluster(price: Floats, bar: Positions, free: int, reach: float) -> tuple[int, int]:
    """The band, no wider than `reach`, that holds the newest free swing and the most others.

    The swings must be sorted by price, the newest being the one with the largest bar. Returns the positions of its
    first and one past its last swing; of equally full bands the narrowest.
    """
    newest = int(np.argmax(bar[:free]))
    best_from, best_to = newest, newest + 1
    for low in range(newest + 1):
        high = low
        while high < free and price[high] - price[low] <= reach:
            high += 1
        if high <= newest:
            continue
        more = (high - low) - (best_to - best_from)
        narrower = price[high - 1] - price[low] < price[best_to - 1] - price[best_from]
        if more > 0 or (more == 0 and narrower):
            best_from, best_to = low, high
    return best_from, best_to


@njit(cache=True)
def _insert(price: Floats, bar: Positions, free: int, lookback: int, new_price: float, new_bar: int) -> int:
    """Put a swing into the free ones, sorted by price; the oldest leaves when they are more than `lookback`."""
    if free == lookback:
        free = _remove(price, bar, free, int(np.argmin(bar[:free])), 1)
    at = free
    while at > 0 and price[at - 1] > new_price:
        price[at], bar[at] = price[at - 1], bar[at - 1]
        at -= 1
    price[at], bar[at] = new_price, new_bar
    return free + 1


@njit(cache=True)
def _remove(price: Floats, bar: Positions, free: int, start: int, count: int) -> int:
    for k in range(start, free - count):
        price[k], bar[k] = price[k + count], bar[k + count]
    return free - count


@njit(cache=True)
def _follow(
    t: int, high: Floats, low: Floats, close: Floats, margin: float, place: Positions, price: Floats, count: int
) -> None:
    """Mark the levels that bar t breaks, and the broken ones that it touches from the other side."""
    for k in range(count):
        side, broken = place[k, 2], place[k, 4]
        if broken < 0:
            if (price[k, 2] - close[t]) * side > margin:
                place[k, 4] = t
        elif place[k, 5] < 0 and (high[t] >= price[k, 2] if side > 0 else low[t] <= price[k, 2]):
            place[k, 5] = t


@njit(cache=True)
def _claimed(price: float, reach: float, levels: Floats, place: Positions, count: int) -> bool:
    """Whether a standing level lies within reach of a new swing, which is then a touch of it and no other's."""
    near = False
    for k in range(count):
        near = near or (place[k, 4] < 0 and abs(levels[k, 2] - price) <= reach)
    return near


@njit(cache=True)
def _make(
    price: Floats, bar: Positions, start: int, stop: int, t: int, place: Positions, levels: Floats, k: int
) -> bool:
    """Write level k of these swings; False, and nothing written, where another one starts on the same bar."""
    first, last = np.min(bar[start:stop]), np.max(bar[start:stop])
    for j in range(k):
        if place[j, 0] == first:
            return False
    weight = 0.0
    for j in range(start, stop):
        weight += 0.5 ** ((t - bar[j]) / HALF_LIFE)
    place[k, 0], place[k, 1], place[k, 3], place[k, 4], place[k, 5] = first, last, t, -1, -1
    levels[k, 0], levels[k, 1], levels[k, 2] = price[start], price[stop - 1], np.mean(price[start:stop])
    levels[k, 3] = min(weight / FULL_SCORE_TOUCHES, 1.0)
    return True


@njit(cache=True)
def _scan_levels(
    high: Floats, low: Floats, close: Floats, is_high: Flags, is_low: Flags, atr: Floats, length: int, lookback: int
) -> tuple[Positions, Floats]:
    """Levels as rows (first bar, last bar, side, bar known, bar broken, bar retested) and (low, high, level, score)."""
    n = len(close)
    most = 2 * n // TOUCHES + 1
    place, levels = np.empty((most, 6), np.int64), np.empty((most, 4), np.float64)
    price, bar = np.empty(lookback + 1, np.float64), np.empty(lookback + 1, np.int64)
    count = free = 0
    for t in range(n):
        if not atr[t] > 0:
            continue
        _follow(t, high, low, close, BREAK * atr[t], place, levels, count)
        swing, reach = t - length, REACH * atr[t]
        if swing < 0:
            continue
        for side in (-1, 1):
            if not (is_high[swing] if side < 0 else is_low[swing]):
                continue
            new = high[swing] if side < 0 else low[swing]
            if _claimed(new, reach, levels, place, count):
                continue
            free = _insert(price, bar, free, lookback, new, swing)
            start, stop = _cluster(price, bar, free, reach)
            if stop - start >= TOUCHES and _make(price, bar, start, stop, t, place, levels, count):
                gap = close[t] - levels[count, 2]
                place[count, 2] = side if gap == 0 else np.sign(gap)
                free = _remove(price, bar, free, start, stop - start)
                count += 1
    return place[:count], levels[:count]


@njit(cache=True)
def _tell(
    place: Positions, levels: Floats, high: Floats, low: Floats, close: Floats, atr: Floats
) -> tuple[Positions, Floats, Positions]:
    """The levels, and behind them their breaks and retests (tables of `tables`)."""
    count, marks = len(place), 0
    rows, prices = space(3 * count, 0)
    statuses = status_space(2 * count)
    for k in range(count):
        first, last, side, known, _, _ = place[k]
        bottom, top, level, score = levels[k]
        write(rows[k], prices[k], LEVEL, side, first, last, known, bottom, top, level, score)
    found = count
    for k in range(count):
        first, _, side, _, broken, again = place[k]
        marks = mark(statuses, marks, k, BROKEN, broken)
        marks = mark(statuses, marks, k, RETESTED, again)
        level = levels[k, 2]
        if broken >= 0:
            end = close[broken]
            score = share(abs(end - level), atr[broken])
            bottom, top = min(end, level), max(end, level)
            write(rows[found], prices[found], LEVEL_BREAK, -side, first, broken, broken, bottom, top, level, score)
            found += 1
        if again >= 0:
            bottom, top, score = low[again], high[again], levels[k, 3]
            write(rows[found], prices[found], LEVEL_RETEST, -side, first, again, again, bottom, top, level, score)
            found += 1
    return rows[:found], prices[:found], statuses[:marks]


@njit(cache=True)
def _rows(
    high: Floats, low: Floats, close: Floats, is_high: Flags, is_low: Flags, atr: Floats, length: int, lookback: int
) -> tuple[Positions, Floats, Positions]:
    place, levels = _scan_levels(high, low, close, is_high, is_low, atr, length, lookback)
    found: Part = _tell(place, levels, high, low, close, atr)
    return found


def level_events(bars: Bars, is_high: Flags, is_low: Flags, atr: Floats, length: int, lookback: int) -> Part:
    """Patterns LEVEL, LEVEL_BREAK and LEVEL_RETEST.

    A level is made by three known swings, highs and lows alike, that lie within 0.25 ATR of each other, out of the
    last `lookback` that belong to no level yet; it lies at their mean and is known when the last of them is. It is
    support (direction +1) if that bar closed above it, else resistance (-1). While it stands, every swing within 0.25
    ATR of it is a touch of it and makes no other level; once it is broken, three new swings make its successor. Score:
    the touches, each halved for every 100 bars of age; four fresh ones are 1.

    Broken by the first close beyond by 0.1 ATR; retested by the first later bar that trades at it again, coming from
    the other side. Both are statuses of the level and patterns of their own: a LEVEL_BREAK points the way price went,
    its score the distance of the close (one ATR is 1); a LEVEL_RETEST points the same way, its score that of the level.
    """
    found: Part = _rows(bars.high, bars.low, bars.close, is_high, is_low, atr, length, lookback)
    return found
