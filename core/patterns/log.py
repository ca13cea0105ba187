"""One log out of the tables of all detectors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit

from core.bars import Bars, Floats, Times
from core.patterns.events import EVENT, STATUS, EventLog
from core.patterns.tables import BAR, DIRECTION, FIRST, KIND, KNOWN, LAST, NOTHING, ROW, WHAT, Part, Positions

# Both tables of a part fit into the columns of an event: kind to end, prices to level, known_at, score.
_COLUMNS = len(EVENT.names or ())
_START, _END, _LOW, _KNOWN_AT, _SCORE = 2, 3, 4, 7, 8
# More than any kind, status or direction.
_CODES = 256


@njit(cache=True)
def _sorted_by(order: Positions, key: Positions, below: int) -> Positions:
    """`order`, stably sorted by its entries' keys, which lie in [0, below): by counting, since keys are many alike."""
    place = np.zeros(below + 1, np.int64)
    for at in order:
        place[key[at] + 1] += 1
    for k in range(below):
        place[k + 1] += place[k]
    out = np.empty_like(order)
    for at in order:
        out[place[key[at]]] = at
        place[key[at]] += 1
    return out


@njit(cache=True)
def _fill(
    time: Times,
    length: int,
    place: Positions,
    price: Floats,
    status: Positions,
    sizes: Positions,
    whole: Times,
    real: Floats,
    statuses: Times,
) -> None:
    """Write the sorted events (`whole` and `real` are the same memory) and the sorted statuses.

    `sizes` has the rows of patterns and of statuses of every part, `length` is that of a bar in ms.
    """
    order = _sorted_by(np.arange(len(place)), place[:, DIRECTION] + 1, _CODES)
    for column, below in ((FIRST, len(time)), (KIND, _CODES), (KNOWN, len(time))):
        order = _sorted_by(order, place[:, column], below)
    position = np.empty(len(order), np.int64)
    for k in range(len(order)):
        at = order[k]
        position[at] = k
        whole[k, 0], whole[k, 1] = place[at, KIND], place[at, DIRECTION]
        whole[k, _START], whole[k, _END] = time[place[at, FIRST]], time[place[at, LAST]]
        real[k, _LOW], real[k, _LOW + 1], real[k, _LOW + 2] = price[at, 0], price[at, 1], price[at, 2]
        whole[k, _KNOWN_AT], real[k, _SCORE] = time[place[at, KNOWN]] + length, price[at, 3]
    event = np.empty(len(status), np.int64)
    rows = marks = 0
    for part in range(len(sizes)):
        for k in range(marks, marks + sizes[part, 1]):
            event[k] = position[rows + status[k, ROW]]
        rows, marks = rows + sizes[part, 0], marks + sizes[part, 1]
    order = _sorted_by(np.arange(len(status)), status[:, WHAT], _CODES)
    order = _sorted_by(_sorted_by(order, event, len(place)), status[:, BAR], len(time))
    for k in range(len(order)):
        at = order[k]
        statuses[k, 0], statuses[k, 1] = event[at], status[at, WHAT]
        statuses[k, 2] = time[status[at, BAR]] + length


def build_log(bars: Bars, parts: Sequence[Part]) -> EventLog:
    """Merge the tables of detectors, found in `bars`, into one log in the order of `EventLog`."""
    found = parts or [NOTHING]
    places, prices, marks = zip(*found, strict=True)
    sizes = np.array([(len(part[0]), len(part[2])) for part in found], np.int64)
    place, price, status = np.concatenate(places), np.concatenate(prices), np.concatenate(marks)
    whole = np.empty((len(place), _COLUMNS), np.int64)
    statuses = np.empty((len(status), len(STATUS.names or ())), np.int64)
    _fill(bars.time, bars.timeframe.ms, place, price, status, sizes, whole, whole.view(np.float64), statuses)
    return EventLog(whole.view(EVENT).reshape(-1), statuses.view(STATUS).reshape(-1))
