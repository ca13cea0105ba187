"""Money paid in and out, as balances count it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import numpy as np

from core.bars import Floats, Times

Movements = Sequence[tuple[datetime, Decimal]]
"""Cash movements with their aware times, in any order; what went out is negative."""


def moments_of(cash: Movements) -> Times:
    """When each moved, UTC ms."""
    return np.array([round(moment.timestamp() * 1000) for moment, _ in cash], dtype=np.int64)


def moved_before(at: Times, moved: Times, cash: Movements) -> Floats:
    """What went in less what went out before each of `at`, shape (n,). `moved` are the times of `cash` on its scale."""
    order = np.argsort(moved, kind="stable")
    sums = np.concatenate([[0.0], np.cumsum(np.array([float(cash[one][1]) for one in order]))])
    return np.asarray(sums[np.searchsorted(moved[order], at, side="left")], dtype=np.float64)
