"""The prices that a run of bars covers."""

from __future__ import annotations

import numpy as np
from numba import njit

from core.bars import Floats, Times


@njit(cache=True)
def extremes(high: Floats, low: Floats, first: Times, last: Times) -> tuple[Floats, Floats]:
    """Lowest low and highest high of the bars first[k]..last[k], both included; two arrays of shape (k,)."""
    bottom = np.empty(len(first))
    top = np.empty(len(first))
    for k in range(len(first)):
        bottom[k], top[k] = low[first[k]], high[first[k]]
        for t in range(first[k] + 1, last[k] + 1):
            bottom[k] = min(bottom[k], low[t])
            top[k] = max(top[k], high[t])
    return bottom, top
