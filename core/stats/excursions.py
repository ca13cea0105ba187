"""How far trades went against and in favour of their entry while open, and how much of it the exit kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.bars import Floats
from core.stats.closed import ClosedTrades, numbers

COLUMNS = ("direction", "entry_price", "exit_price", "first_stop", "worst_price", "best_price")
"""Columns of a trade that its excursions are worked out from."""


@dataclass(frozen=True)
class Excursions:
    """Means over closed trades whose extremes are known; None where there are none.

    MAE and MFE (Sweeney, "Maximum Adverse Excursion", 1997) are the worst (<= 0) and best (>= 0) the price stood
    against the average entry, in R of the first stop, so only for trades with a stop. `efficiency` is what the exit
    kept of the best: (exit - entry) / (best - entry) in the trade's direction, over the `with_efficiency` trades that
    were in profit at some time; 1 is the best price, below 0 a trade that was in profit and ended in loss.
    `efficiency_wins` is the same over winners alone.
    """

    trades: int
    mae_r: float | None
    mfe_r: float | None
    mae_r_wins: float | None
    mfe_r_losses: float | None
    with_efficiency: int
    efficiency: float | None
    efficiency_wins: float | None


@dataclass(frozen=True)
class Excursion:
    """The same by trade: arrays of shape (n,) in the order of the frame, NaN where it cannot be known."""

    mae_r: Floats
    mfe_r: Floats
    efficiency: Floats


def by_trade(frame: pd.DataFrame) -> Excursion:
    """MAE and MFE in R and the exit efficiency of each row of a frame with the columns of `COLUMNS`."""
    side, entry, leave, stop, worst, best = (numbers(frame, name) for name in COLUMNS)
    # An entry or exit beyond the stored bars' extremes was an extreme itself.
    adverse = np.minimum(np.fmin((worst - entry) * side, (leave - entry) * side), 0.0)
    favour = np.maximum(np.fmax((best - entry) * side, (leave - entry) * side), 0.0)
    adverse[np.isnan(worst)] = np.nan
    favour[np.isnan(best)] = np.nan
    risk = (entry - stop) * side
    with np.errstate(divide="ignore", invalid="ignore"):
        risk = np.where(risk > 0, risk, np.nan)
        kept = np.where(favour > 0, (leave - entry) * side / favour, np.nan)
    return Excursion(adverse / risk, favour / risk, kept)


def excursions(frame: pd.DataFrame, trades: ClosedTrades) -> Excursions:
    """Their means over the closed trades of a frame."""
    each = by_trade(frame)
    mae, mfe, kept = (values[trades.row] for values in (each.mae_r, each.mfe_r, each.efficiency))
    won, lost = trades.pnl > 0, trades.pnl < 0
    everything = np.ones(len(trades), dtype=np.bool_)
    return Excursions(
        trades=int((~np.isnan(mae)).sum()),
        mae_r=_mean(mae, everything),
        mfe_r=_mean(mfe, everything),
        mae_r_wins=_mean(mae, won),
        mfe_r_losses=_mean(mfe, lost),
        with_efficiency=int((~np.isnan(kept)).sum()),
        efficiency=_mean(kept, everything),
        efficiency_wins=_mean(kept, won),
    )


def _mean(values: Floats, chosen: NDArray[np.bool_]) -> float | None:
    known = values[chosen & ~np.isnan(values)]
    return float(known.mean()) if len(known) else None
