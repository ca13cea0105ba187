"""Training, validation and test: three stretches of time, and no bar in two of them.

A window belongs to a stretch when all of it lies inside, from its first bar to the last bar that its labels or outcomes
could have looked at. A window across a boundary belongs to none. Boundaries are moments, the same for every timeframe
and for every symbol whose history overlaps, so that neither a coarser timeframe nor a market that moves alike tells the
training what the test will ask.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.dataset.windows import Window

TRAIN, VALIDATION, TEST, NONE = "train", "validation", "test", ""
SPLITS: Final = (TRAIN, VALIDATION, TEST)

_CANDIDATES = 240
_NOTHING = 0.01

Moments = NDArray[np.int64]


@dataclass(frozen=True)
class Boundaries:
    """Moments (UTC ms) at which validation and test begin, and the symbols they hold for."""

    symbols: tuple[str, ...]
    validation: int
    test: int

    def split_of(self, window: Window) -> str:
        """The stretch that holds all of a window, empty if none does."""
        if window.reach <= self.validation:
            return TRAIN
        if window.start >= self.test:
            return TEST
        return VALIDATION if window.start >= self.validation and window.reach <= self.test else NONE


def boundaries(windows: Sequence[Window], validation: float, test: float) -> list[Boundaries]:
    """Boundaries for each group of symbols whose windows overlap in time.

    Of all pairs of moments the one is taken that splits the windows it keeps most nearly by the shares asked for while
    keeping as many as it can: the greatest sum of share times logarithm of count.
    """
    found = []
    for symbols in _overlapping(windows):
        ours = [window for window in windows if window.symbol in symbols]
        start = np.array([window.start for window in ours], np.int64)
        reach = np.array([window.reach for window in ours], np.int64)
        found.append(Boundaries(symbols, *_best(start, reach, validation, test)))
    return found


def _overlapping(windows: Sequence[Window]) -> list[tuple[str, ...]]:
    spans: dict[str, tuple[int, int]] = {}
    for window in windows:
        low, high = spans.get(window.symbol, (window.start, window.reach))
        spans[window.symbol] = min(low, window.start), max(high, window.reach)
    groups: list[tuple[list[str], int]] = []
    for symbol, (low, high) in sorted(spans.items(), key=lambda item: (item[1], item[0])):
        if groups and low < groups[-1][1]:
            members, before = groups[-1]
            groups[-1] = [*members, symbol], max(before, high)
        else:
            groups.append(([symbol], high))
    return [tuple(sorted(members)) for members, _ in groups]


def _best(start: Moments, reach: Moments, validation: float, test: float) -> tuple[int, int]:
    """The two moments; a share of zero puts its boundary where nothing can follow."""
    never = int(max(start.max(), reach.max())) + 1
    if validation + test == 0:
        return never, never
    moments = _moments(start, reach)
    train = np.searchsorted(np.sort(reach), moments, side="right")
    tests = len(start) - np.searchsorted(np.sort(start), moments, side="left")
    if test == 0:
        middle = len(start) - np.searchsorted(np.sort(start), moments, side="left")
        return int(moments[np.argmax(_worth(train, 1 - validation) + _worth(middle, validation))]), never
    if validation == 0:
        at = int(moments[np.argmax(_worth(train, 1 - test) + _worth(tests, test))])
        return at, at
    between = _between(start, reach, moments)
    worth = _worth(train, 1 - validation - test)[:, None] + _worth(between, validation) + _worth(tests, test)[None, :]
    # Test never begins before validation.
    first, second = np.unravel_index(np.argmax(np.where(np.tri(len(moments)).T > 0, worth, -np.inf)), worth.shape)
    return int(moments[first]), int(moments[second])


def _moments(start: Moments, reach: Moments) -> Moments:
    """Candidates: where windows begin or are over, thinned out evenly where there are many."""
    every = np.unique(np.concatenate([start, reach]))
    return every[np.unique(np.linspace(0, len(every) - 1, min(_CANDIDATES, len(every))).astype(np.int64))]


def _between(start: Moments, reach: Moments, moments: Moments) -> Moments:
    """Windows that lie between every two moments, shape (m, m)."""
    order = np.argsort(reach, kind="stable")
    start, reach = start[order], reach[order]
    return np.array([np.searchsorted(reach[start >= low], moments, side="right") for low in moments])


def _worth(count: Moments, share: float) -> NDArray[np.float64]:
    return share * np.log(np.maximum(count, _NOTHING))
