"""The prices that a run of bars covers."""

from __future__ import annotations

from numba import njit

from core.bars import Floats


@njit(cache=True)
def extremes(high: Floats, low: Floats, first: int, last: int) -> tuple[float, float]:
    """Lowest low and highest high of the bars first..last, both included."""
    bottom, top = low[first], high[first]
    for t in range(first + 1, last + 1):
        bottom = min(bottom, low[t])
        top = max(top, high[t])
    return bottom, top
