"""How far the balance fell from its highest point, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np

from core.bars import Floats
from core.stats.cash import Movements, moments_of, moved_before
from core.stats.closed import ClosedTrades

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Drawdown:
    """The deepest fall of the balance, measured after each closed trade.

    `amount` is money (positive), `share` what it took of the money that was there, 0 to 1 and more: without cash in
    between its part of the balance it fell from. Money paid in or out is no result: as in `core.stats.returns` each
    result counts against the balance before it, cash included. None where such a balance is not above zero.
    `began` is the time of the highest balance before it (of the first entry or close where that is the beginning),
    `bottom` of the lowest, `recovered` of the first balance as high again, None if there is none yet. `duration` goes
    from `began` to `recovered`, or to the last close. `longest` is the longest time from one highest balance to the
    next as high, whichever depth it had.
    """

    amount: Decimal
    share: float | None
    began: datetime
    bottom: datetime
    recovered: datetime | None
    duration: timedelta
    longest: timedelta


def drawdown(trades: ClosedTrades, initial: Decimal = Decimal(0), cash: Movements = ()) -> Drawdown | None:
    """The maximum drawdown from `initial` on; None where the balance never fell below an earlier one.

    The deepest in money counts; of equal ones the first. `cash` changes its share alone.
    """
    exact = trades.balances(initial)
    balance = np.array(exact, dtype=np.float64)
    highest = np.maximum.accumulate(balance)
    bottom = int(np.argmax(highest - balance))
    peak = int(np.flatnonzero(balance[: bottom + 1] == highest[bottom])[-1])
    amount = exact[peak] - exact[bottom]
    if amount <= 0:
        return None
    times = np.concatenate([_beginning(trades), trades.closed])
    again = np.flatnonzero(balance[bottom:] >= highest[bottom])
    recovered = None if not len(again) else int(times[bottom + again[0]])
    began, last = int(times[peak]), int(times[-1])
    return Drawdown(
        amount=amount,
        share=_share(trades, balance, slice(peak, bottom), cash),
        began=_moment(began),
        bottom=_moment(int(times[bottom])),
        recovered=None if recovered is None else _moment(recovered),
        duration=timedelta(milliseconds=(last if recovered is None else recovered) - began),
        longest=_longest(balance, highest, times),
    )


def _share(trades: ClosedTrades, balance: Floats, fall: slice, cash: Movements) -> float | None:
    """How much of the money the trades of a fall took, whatever was paid in or out before and meanwhile."""
    lost, before = trades.pnl[fall], balance[fall]
    if cash:
        paid = moved_before(trades.closed[fall], moments_of(cash), cash)
        before = before + paid
        if paid.min() < paid.max():
            return None if (before <= 0).any() else float(1 - np.prod(1 + lost / before))
    return float(-lost.sum() / before[0]) if before[0] > 0 else None


def _beginning(trades: ClosedTrades) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The time before the first close: the first entry, where it is known."""
    known = trades.opened[trades.opened > 0]
    first = int(trades.closed[0])
    return np.array([min(first, int(known.min())) if len(known) else first], dtype=np.int64)


def _longest(
    balance: np.ndarray[tuple[int], np.dtype[np.float64]],
    highest: np.ndarray[tuple[int], np.dtype[np.float64]],
    times: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> timedelta:
    """The longest time between two balances at the highest with lower ones in between, or since the last one."""
    at_top = np.flatnonzero(balance >= highest)
    ends = np.append(at_top[1:], len(balance) - 1)
    fell = ends - at_top > 1
    fell[-1] = ends[-1] > at_top[-1]
    return timedelta(milliseconds=int((times[ends] - times[at_top])[fell].max()))


def _moment(at: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=at)
