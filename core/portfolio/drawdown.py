"""How far and how long a portfolio stood below its best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.bars import Floats


@dataclass(frozen=True)
class Drawdown:
    """`deepest` and `current` are shares of the peak before, from 0 down to -1; `peak`, `trough` and `recovery` are
    positions in the curve (`recovery` None: not yet back); `longest` counts points below a peak.
    """

    deepest: float
    current: float
    peak: int
    trough: int
    recovery: int | None
    longest: int


def drawdown_curve(equity: Floats) -> Floats:
    """Value over its highest so far, less 1: shape (n,), never above 0. Equity has to stay positive."""
    return np.asarray(equity / np.maximum.accumulate(equity) - 1.0, np.float64)


def drawdown(equity: Floats) -> Drawdown | None:
    """The deepest drawdown of a curve of values, oldest first; None without values."""
    if not len(equity):
        return None
    curve = drawdown_curve(equity)
    trough = int(np.argmin(curve))
    peak = int(np.argmax(equity[: trough + 1]))
    back = np.flatnonzero(equity[trough:] >= equity[peak])
    recovery = trough + int(back[0]) if len(back) else None
    return Drawdown(float(curve[trough]), float(curve[-1]), peak, trough, recovery, _longest(curve < 0))


def _longest(below: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> int:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], below.astype(np.int8), [0]])))
    return int((edges[1::2] - edges[::2]).max()) if len(edges) else 0
