"""Distances in the trade's own unit, the average true range."""

from __future__ import annotations

import numpy as np

from core.bars import Floats


def in_atr(distance: Floats, atr: Floats, full: float) -> Floats:
    """Score 0..1 of a distance: `full` ATR or more is 1. Where the ATR is not known yet, or zero, the score is 0."""
    known = np.isfinite(atr) & (atr > 0)
    share = np.divide(distance, atr * full, out=np.zeros_like(distance), where=known)
    return np.clip(share, 0.0, 1.0)
