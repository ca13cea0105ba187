"""What became of a suggestion, had it been taken as suggested: filled or not, target or stop first, or time ran out.

One rule for prices: an order trades at its own price or, where the market opened beyond it to the trade's disadvantage,
at that open; never better. One rule for what a bar hides: where its order of prices is not known, the worse one counts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.bars import Bars, Floats, Times
from core.errors import ParameterError
from core.signals.outcome_bars import Path, path
from core.timeframe import Timeframe

LIFETIMES: Final = 5
"""A filled trade is followed for this many times as long as its suggestion could be taken (as_of to expires_at)."""

MARKET: Final = ("BUY", "SELL")
LIMIT: Final = ("BUY_LIMIT", "SELL_LIMIT")
STOP: Final = ("BUY_STOP", "SELL_STOP")


class State(StrEnum):
    """`waiting` for the fill, `open` since, or one of the four ends."""

    WAITING = "waiting"
    OPEN = "open"
    TARGET = "target"
    STOP = "stop"
    EXPIRED = "expired"
    NEVER_FILLED = "never_filled"

    @property
    def over(self) -> bool:
        """Whether nothing can change it any more."""
        return self not in (State.WAITING, State.OPEN)


@dataclass(frozen=True)
class Plan:
    """A suggestion as an order: prices, the timeframe it was made on, and when it may be filled (UTC ms)."""

    timeframe: Timeframe
    direction: int
    entry_type: str
    entry: float
    stop: float
    target: float
    as_of: int
    expires_at: int

    def __post_init__(self) -> None:
        if self.entry_type not in (*MARKET, *LIMIT, *STOP):
            raise ParameterError(f"'{self.entry_type}' is no entry type.", self.entry_type)
        if not self.direction * (self.entry - self.stop) > 0 or not self.direction * (self.target - self.entry) > 0:
            raise ParameterError("the entry must lie between stop and target, on the side of the direction.", self)

    @property
    def risk(self) -> float:
        """One R as a price distance: planned entry to stop."""
        return abs(self.entry - self.stop)


@dataclass(frozen=True)
class Outcome:
    """How a plan stands when the bars closed by `through` (UTC ms) are known.

    `filled_at` and `ended_at` are close times of the bars that showed it (`as_of` for a market entry). R is measured
    from the fill in planned risk: `result_r` None until it ended after a fill, `mfe_r` >= 0 and `mae_r` <= 0 the best
    and worst it stood, None before the fill. `bars_held` counts bars of the plan's timeframe from the one that filled
    it. `timeframe` is that of the last bar looked at: the plan's own, or the finer one that decided.
    """

    state: State
    through: int
    timeframe: Timeframe
    filled_at: int | None = None
    fill_price: float | None = None
    ended_at: int | None = None
    result_r: float | None = None
    mfe_r: float | None = None
    mae_r: float | None = None
    bars_held: int = 0


def begin(plan: Plan) -> Outcome:
    """How a plan stands the moment it is made: a market entry is filled at its price, an order waits."""
    if plan.entry_type in MARKET:
        return Outcome(State.OPEN, plan.as_of, plan.timeframe, plan.as_of, plan.entry, mfe_r=0.0, mae_r=0.0)
    return Outcome(State.WAITING, plan.as_of, plan.timeframe)


def follow(plan: Plan, before: Outcome, bars: Bars, finer: Bars | None = None) -> Outcome:
    """How the plan stands after more bars.

    `bars` are complete bars of the plan's timeframe; those that `before.through` has seen are passed over. Where
    `finer` bars make up one of them exactly, they are looked at instead. Following in pieces ends as in one go.

    - A limit or stop entry fills in the first bar, closed by `expires_at`, that touches it. A price that reaches stop
      or target before ends the suggestion: never filled. So does an open beyond the target, or, for a stop entry,
      beyond the stop.
    - In the bar that fills a limit the target counts only when the close lies beyond it, since the high may have come
      before; in the bar that fills a stop entry the stop counts wherever it is touched.
    - From the fill on the first bar that touches stop or target ends it, the stop first where both are touched; the
      first bar that closes `LIFETIMES` lifetimes after the fill, or later, ends it at its close.
    """
    if before.state.over:
        return before
    walk = path(bars, finer, before.through)
    if not len(walk.close):
        return before
    seen = _Seen(walk, plan)
    if before.state is State.OPEN:
        return _hold(plan, before, seen, first=0, filled_here=False)
    return _wait(plan, before, seen)


class _Seen:
    """The bars turned so that up is good: prices of a short are negated, and its lows become highs."""

    def __init__(self, walk: Path, plan: Plan) -> None:
        sign = float(plan.direction)
        self.walk, self.sign = walk, sign
        self.open: Floats = sign * walk.open
        self.close: Floats = sign * walk.close
        self.high: Floats = walk.high if sign > 0 else -walk.low
        self.low: Floats = walk.low if sign > 0 else -walk.high
        self.closed: Times = walk.closed
        self.entry, self.stop, self.target = (sign * price for price in (plan.entry, plan.stop, plan.target))


def _first(mask: NDArray[np.bool_]) -> int:
    """Position of the first True, the length where there is none."""
    return int(np.argmax(mask)) if mask.any() else len(mask)


def _wait(plan: Plan, before: Outcome, seen: _Seen) -> Outcome:
    in_time = seen.closed <= plan.expires_at
    limit = plan.entry_type in LIMIT
    touched = (seen.low <= seen.entry) if limit else (seen.high >= seen.entry)
    spoilt = seen.open >= seen.target
    if not limit:
        spoilt |= seen.open <= seen.stop
    reached = (seen.low <= seen.stop) | (seen.high >= seen.target)
    fill = _first(in_time & touched & ~spoilt)
    over = _first(in_time & (spoilt | (reached & ~touched)))
    if over < fill:
        return _never(before, seen, over, int(seen.closed[over]))
    if fill < len(touched):
        return _fill(plan, before, seen, fill, limit)
    late = _first(seen.closed >= plan.expires_at)
    if late < len(touched):
        return _never(before, seen, late, plan.expires_at)
    return replace(before, through=int(seen.closed[-1]), timeframe=seen.walk.timeframe(-1))


def _never(before: Outcome, seen: _Seen, at: int, ended_at: int) -> Outcome:
    return replace(
        before,
        state=State.NEVER_FILLED,
        through=int(seen.closed[at]),
        timeframe=seen.walk.timeframe(at),
        ended_at=ended_at,
    )


def _fill(plan: Plan, before: Outcome, seen: _Seen, at: int, limit: bool) -> Outcome:
    """Fill in bar `at`: a limit at its price, a stop entry at its price or the worse open."""
    price = seen.entry if limit else max(seen.entry, float(seen.open[at]))
    filled = replace(
        before,
        state=State.OPEN,
        filled_at=int(seen.closed[at]),
        fill_price=seen.sign * price,
        mfe_r=0.0,
        mae_r=0.0,
    )
    return _hold(plan, filled, seen, first=at, filled_here=True)


def _hold(plan: Plan, before: Outcome, seen: _Seen, *, first: int, filled_here: bool) -> Outcome:
    assert before.filled_at is not None
    assert before.fill_price is not None
    opened, high = _since_fill(plan, seen, first, filled_here)
    low, close, closed = seen.low[first:], seen.close[first:], seen.closed[first:]
    deadline = before.filled_at + LIFETIMES * (plan.expires_at - plan.as_of)
    ends = {
        State.STOP: _first(low <= seen.stop),
        State.TARGET: _first(high >= seen.target),
        State.EXPIRED: _first(closed >= deadline),
    }
    end = min(ends.values())
    state = next((name for name, at in ends.items() if at == end), State.OPEN) if end < len(closed) else State.OPEN
    last = min(end, len(closed) - 1)
    fill = seen.sign * before.fill_price
    best, worst = _extremes(opened, high, low, last, state, seen)
    exit_price = {
        State.STOP: min(float(opened[last]), seen.stop),
        State.TARGET: seen.target,
        State.EXPIRED: float(close[last]),
    }.get(state)
    buckets = seen.walk.bucket[first : first + last + 1]
    return replace(
        before,
        state=state,
        through=int(closed[last]),
        timeframe=seen.walk.timeframe(first + last),
        ended_at=None if exit_price is None else int(closed[last]),
        result_r=None if exit_price is None else _in_r(exit_price - fill, plan),
        mfe_r=max(before.mfe_r or 0.0, _in_r(best - fill, plan)),
        mae_r=min(before.mae_r or 0.0, _in_r(worst - fill, plan)),
        bars_held=before.bars_held + len(np.unique(buckets)),
    )


def _since_fill(plan: Plan, seen: _Seen, first: int, filled_here: bool) -> tuple[Floats, Floats]:
    """Opens and highs from bar `first` on; of a bar that filled the order, without what came before the fill."""
    opened, high = seen.open[first:].copy(), seen.high[first:].copy()
    if filled_here and plan.entry_type in LIMIT:
        if opened[0] > seen.entry:
            high[0] = seen.close[first]
        opened[0] = min(opened[0], seen.entry)
    elif filled_here:
        opened[0] = max(opened[0], seen.entry)
    return opened, high


def _extremes(opened: Floats, high: Floats, low: Floats, last: int, state: State, seen: _Seen) -> tuple[float, float]:
    """Best and worst price while the trade was open. Of the bar that stopped it only the open is known to be its own;
    of the one that met the target, nothing above the target.
    """
    best = high[: last + 1].copy()
    worst = low[: last + 1].copy()
    if state is State.STOP:
        best[last], worst[last] = opened[last], min(float(opened[last]), seen.stop)
    elif state is State.TARGET:
        best[last] = seen.target
    return float(best.max()), float(worst.min())


def _in_r(distance: float, plan: Plan) -> float:
    return round(distance / plan.risk, 4)
