"""All figures of closed trades: expectancy, payoff, streaks, drawdown, SQN, Kelly, hold times, excursions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.bars import Floats
from core.stats.cash import Movements
from core.stats.closed import ClosedTrades, closed_trades
from core.stats.drawdown import Drawdown, drawdown
from core.stats.excursions import Excursions, excursions
from core.stats.intervals import mean_interval, wilson_interval
from core.stats.journal import JournalStats, journal_stats

SQN_TRADES: Final = 100
"""Trades from which on their number raises the SQN no further (Tharp, "Definitive Guide to Position Sizing", 2008)."""


@dataclass(frozen=True)
class TradeStats(JournalStats):
    """All figures of closed trades; money in the account's currency, R without a unit. None: too few trades to say.

    - `decided_rate`: wins / (wins + losses), break-even trades left out, with Wilson's interval.
    - `expectancy`: mean P&L of a trade, `average_r` the same in R over the `with_r` trades that had a stop; both with
      Student's interval at 95 % (`core.stats.intervals.mean_interval`), None below two trades.
    - `average_win` and `average_loss` (a positive number) per winning and losing trade; `payoff` is their ratio.
    - `longest_wins`, `longest_losses`: most in a row by the time of their close; `streak` is the present one, negative
      for losses. A break-even trade ends either.
    - `drawdown`: the deepest of the balance over closed trades; `recovery_factor` is net / its amount.
    - `sqn`: Van Tharp's system quality number, sqrt(n) * mean(R) / std(R), ddof 1, n at most `SQN_TRADES`.
    - `kelly`: the share of the capital that would grow it fastest, W - (1 - W) / payoff with W the `decided_rate`
      (Kelly 1956, Bell System Technical Journal 35:917); negative: do not bet. It knows nothing of its own error.
    - `hold_wins` and `hold_losses`: mean time from entry to close, with the medians.
    """

    decided_rate: float | None
    decided_low: float | None
    decided_high: float | None
    expectancy: float | None
    expectancy_low: float | None
    expectancy_high: float | None
    with_r: int
    average_r_low: float | None
    average_r_high: float | None
    net_r: float | None
    average_win: float | None
    average_loss: float | None
    payoff: float | None
    largest_win: Decimal | None
    largest_loss: Decimal | None
    longest_wins: int
    longest_losses: int
    streak: int
    drawdown: Drawdown | None
    recovery_factor: float | None
    sqn: float | None
    kelly: float | None
    hold_wins: timedelta | None
    hold_wins_median: timedelta | None
    hold_losses: timedelta | None
    hold_losses_median: timedelta | None
    excursions: Excursions


def trade_stats(
    frame: pd.DataFrame,
    initial_balance: Decimal = Decimal(0),
    trades: ClosedTrades | None = None,
    cash: Movements = (),
) -> TradeStats:
    """Statistics of the closed trades of a frame as `db.views.journal.trades` gives it, in any order.

    Needs the columns `closed_at` and `pnl`; uses `status`, `opened_at`, `r_multiple` and those of
    `core.stats.excursions` where they are. `initial_balance` and `cash` (deposits and withdrawals with aware times) are
    what the drawdown's share of the balance counts from. `trades` saves time where the frame's `closed_trades` are at
    hand.

    Raises:
        ParameterError: a P&L is missing or no finite number.
    """
    trades = closed_trades(frame) if trades is None else trades
    basic = journal_stats(trades.exact, trades.r)
    known_r = trades.r[~np.isnan(trades.r)]
    decided = basic.wins + basic.losses
    rate = basic.wins / decided if decided else None
    rate_low, rate_high = wilson_interval(basic.wins, decided) if decided else (None, None)
    low, high = mean_interval(trades.pnl) or (None, None)
    r_low, r_high = mean_interval(known_r) or (None, None)
    average_win = float(basic.gross_profit / basic.wins) if basic.wins else None
    average_loss = float(basic.gross_loss / basic.losses) if basic.losses else None
    payoff = average_win / average_loss if average_win is not None and average_loss is not None else None
    deepest = drawdown(trades, initial_balance, cash)
    longest_wins, longest_losses, streak = streaks(np.sign(trades.pnl))
    hold_wins, hold_wins_median = _hold(trades, trades.pnl > 0)
    hold_losses, hold_losses_median = _hold(trades, trades.pnl < 0)
    return TradeStats(
        **vars(basic),
        decided_rate=rate,
        decided_low=rate_low,
        decided_high=rate_high,
        expectancy=float(basic.net / basic.closed) if basic.closed else None,
        expectancy_low=low,
        expectancy_high=high,
        with_r=len(known_r),
        average_r_low=r_low,
        average_r_high=r_high,
        net_r=float(known_r.sum()) if len(known_r) else None,
        average_win=average_win,
        average_loss=average_loss,
        payoff=payoff,
        largest_win=max(trades.exact) if basic.wins else None,
        largest_loss=min(trades.exact) if basic.losses else None,
        longest_wins=longest_wins,
        longest_losses=longest_losses,
        streak=streak,
        drawdown=deepest,
        recovery_factor=float(basic.net / deepest.amount) if deepest is not None else None,
        sqn=sqn(known_r),
        kelly=kelly(rate, payoff),
        hold_wins=hold_wins,
        hold_wins_median=hold_wins_median,
        hold_losses=hold_losses,
        hold_losses_median=hold_losses_median,
        excursions=excursions(frame, trades),
    )


def streaks(signs: Floats) -> tuple[int, int, int]:
    """Longest run of wins (+1), longest of losses (-1), and the run at the end (negative: losses; 0: break-even)."""
    if not len(signs):
        return 0, 0, 0
    starts = np.flatnonzero(np.diff(signs, prepend=np.nan) != 0)
    lengths = np.diff(np.append(starts, len(signs)))
    kinds = signs[starts]
    return _longest(lengths, kinds > 0), _longest(lengths, kinds < 0), int(lengths[-1] * kinds[-1])


def sqn(r: Floats) -> float | None:
    """The system quality number of R-multiples without NaN; None below two, or where they are all the same."""
    if len(r) < 2:  # noqa: PLR2004
        return None
    spread = float(r.std(ddof=1))
    return math.sqrt(min(len(r), SQN_TRADES)) * float(r.mean()) / spread if spread > 0 else None


def kelly(rate: float | None, payoff: float | None) -> float | None:
    """W - (1 - W) / payoff; None where nothing was won or nothing lost."""
    return None if rate is None or payoff is None else rate - (1 - rate) / payoff


def _longest(lengths: NDArray[np.intp], chosen: NDArray[np.bool_]) -> int:
    return int(lengths[chosen].max()) if chosen.any() else 0


def _hold(trades: ClosedTrades, chosen: NDArray[np.bool_]) -> tuple[timedelta | None, timedelta | None]:
    """Mean and median time from entry to close."""
    chosen = chosen & (trades.opened > 0)
    if not chosen.any():
        return None, None
    held = trades.closed[chosen] - trades.opened[chosen]
    return timedelta(milliseconds=float(held.mean())), timedelta(milliseconds=float(np.median(held)))
