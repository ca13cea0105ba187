"""What each kind of pattern was worth: how often it came, and what trading it by one stated rule would have made.

The rule, the same for every kind: enter at the close of the bar that made the event known, in the event's direction;
stop `MARGIN` ATR beyond the far side of the event's price range; target at 1 or 2 times that risk; at most `HORIZON`
bars. In a bar that holds both, the stop counts. A bar that opens beyond the stop fills there, a target fills at its
price and never better. What neither reached ends at the close of the last bar allowed. No costs are counted.

Cases are the events that have all `HORIZON` bars behind them: among the youngest only the quick ones are decided, and
they alone would not stand for the kind.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from core.bars import Bars, Floats, Times
from core.patterns.events import EventLog, Events, Kind
from core.stats.intervals import Z_95, wilson_interval

HORIZON: Final = 50
"""Bars after the entry within which a case is decided."""
MARGIN: Final = 0.1
"""Distance of the stop beyond the range, in ATR."""
MULTIPLES: Final = (1.0, 2.0)
"""The targets, in R."""

WITHOUT_SIDE: Final = frozenset(
    (
        Kind.LIQUIDITY_POOL,  # its direction says on which side the orders rest
        Kind.TREND_SIDEWAYS,
        Kind.SESSION_TOKYO,
        Kind.SESSION_LONDON,
        Kind.SESSION_NEW_YORK,
        Kind.CDL_DOJI,
        Kind.CDL_DRAGONFLYDOJI,
        Kind.CDL_GRAVESTONEDOJI,
        Kind.CDL_LONGLEGGEDDOJI,
        Kind.CDL_RICKSHAWMAN,
        Kind.CDL_TAKURI,
    )
)
"""Kinds whose direction is no side to trade on."""

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Trials:
    """Every event of a log traded by the rule; arrays of shape (events,) and (events, targets).

    `risk` is the distance from entry to stop in price units, NaN where there is no trade. `whole` says whether all
    bars that the rule allows are there. `ended` is the bar that
    decided it (-1: not yet), `result` its result in R (NaN until then), `hit` whether that was the target.
    """

    risk: Floats
    whole: Flags
    ended: Times
    result: Floats
    hit: Flags


@dataclass(frozen=True)
class Odds:
    """How trading a kind for one target went over its cases.

    The hit rate has Wilson's interval at 95 %. `expectancy` is the mean result in R, with the normal interval at 95 %
    (mean +- 1.96 standard errors); its ends are None for a single case.
    """

    cases: int
    hits: int
    hit_rate: float
    rate_low: float
    rate_high: float
    expectancy: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class KindRecord:
    """One kind over a history: its events, how many per 1,000 bars, and its odds per target of `MULTIPLES`.

    `odds` is None where there is nothing to tell: a kind without a side, or no case yet.
    """

    kind: Kind
    count: int
    per_1000: float
    odds: tuple[Odds | None, ...]


def pattern_records(bars: Bars, log: EventLog, atr: Floats) -> list[KindRecord]:
    """The record of every kind in `log`, in the order of the kinds. `atr` is the bars' own, shape (n,)."""
    trials = follow_events(bars, log.events, atr)
    kinds = log.events["kind"]
    return [
        KindRecord(
            kind=Kind(int(kind)),
            count=int(mine.sum()),
            per_1000=1000 * float(mine.sum()) / len(bars),
            odds=tuple(_odds(trials, mine, target) for target in range(len(MULTIPLES))),
        )
        for kind in np.unique(kinds)
        for mine in [kinds == kind]
    ]


def follow_events(bars: Bars, events: Events, atr: Floats, multiples: Sequence[float] = MULTIPLES) -> Trials:
    """Trade every event by the rule of this module.

    There is no trade where the kind has no side, the ATR is not known, or the close that made the event known already
    lies beyond the far side of its range.
    """
    shape = (len(events), len(multiples))
    if not len(events):
        return Trials(
            np.empty(0), np.empty(0, np.bool_), np.empty(shape, np.int64), np.empty(shape), np.empty(shape, np.bool_)
        )
    entered = np.searchsorted(bars.close_time, events["known_at"])
    direction = events["direction"].astype(np.float64)
    far = np.where(direction > 0, events["price_low"], events["price_high"])
    room = (bars.close[entered] - far) * direction
    sided = ~np.isin(events["kind"], list(WITHOUT_SIDE)) & (direction != 0)
    valid = sided & (room >= 0) & np.isfinite(atr[entered]) & (atr[entered] > 0)
    risk = np.where(valid, room + MARGIN * atr[entered], np.nan)
    targets = np.array(multiples, dtype=np.float64)
    ended, result, hit = _walk(bars.open, bars.high, bars.low, bars.close, entered, direction, risk, targets, HORIZON)
    return Trials(risk, entered + HORIZON < len(bars), ended, result, hit)


@njit(cache=True)
def _walk(
    open_: Floats,
    high: Floats,
    low: Floats,
    close: Floats,
    entered: Times,
    direction: Floats,
    risk: Floats,
    targets: Floats,
    horizon: int,
) -> tuple[Times, Floats, Flags]:
    shape = (len(entered), len(targets))
    ended, result, hit = np.full(shape, -1, np.int64), np.full(shape, np.nan), np.zeros(shape, np.bool_)
    for k in range(len(entered)):
        if not risk[k] > 0:
            continue
        entry, side, last = close[entered[k]], direction[k], entered[k] + horizon
        waiting = len(targets)
        for t in range(entered[k] + 1, min(last, len(close) - 1) + 1):
            worst = ((low[t] if side > 0 else high[t]) - entry) * side / risk[k]
            best = ((high[t] if side > 0 else low[t]) - entry) * side / risk[k]
            for m in range(len(targets)):
                if ended[k, m] >= 0:
                    continue
                if worst <= -1.0:
                    result[k, m] = min(-1.0, (open_[t] - entry) * side / risk[k])
                elif best >= targets[m]:
                    result[k, m], hit[k, m] = targets[m], True
                elif t == last:
                    result[k, m] = (close[t] - entry) * side / risk[k]
                else:
                    continue
                ended[k, m] = t
                waiting -= 1
            if waiting == 0:
                break
    return ended, result, hit


def _odds(trials: Trials, mine: Flags, target: int) -> Odds | None:
    decided = mine & trials.whole & (trials.ended[:, target] >= 0)
    results = trials.result[decided, target]
    cases, hits = len(results), int(trials.hit[decided, target].sum())
    if not cases:
        return None
    rate_low, rate_high = wilson_interval(hits, cases)
    mean = float(results.mean())
    spread = Z_95 * float(results.std(ddof=1)) / math.sqrt(cases) if cases > 1 else None
    return Odds(
        cases=cases,
        hits=hits,
        hit_rate=hits / cases,
        rate_low=rate_low,
        rate_high=rate_high,
        expectancy=mean,
        low=None if spread is None else mean - spread,
        high=None if spread is None else mean + spread,
    )
