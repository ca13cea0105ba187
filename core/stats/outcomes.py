"""What followed outcomes say: how often the target came first, and what a trade paid on average."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.bars import Floats
from core.signals.outcome import State
from core.stats.intervals import mean_interval, student_t, wilson_interval

CALIBRATED_FROM = 50
"""Ended outcomes of a strategy from which on the hit rate of a confidence band is worth showing."""


@dataclass(frozen=True)
class OutcomeStats:
    """Figures over followed signals.

    `ended` were filled and met target or stop or ran out of time; of these `hits` met the target. `hit_rate` is hits /
    ended with its Wilson interval at 95 %; `expectancy` the mean result in R with Student's interval. None where there
    are too few cases to say: none for a rate or a mean, one for the mean's interval.
    """

    waiting: int
    open: int
    never_filled: int
    ended: int
    hits: int
    hit_rate: float | None
    hit_rate_low: float | None
    hit_rate_high: float | None
    expectancy: float | None
    expectancy_low: float | None
    expectancy_high: float | None


def outcome_stats(states: Iterable[str], results_r: Iterable[float | None]) -> OutcomeStats:
    """Statistics of outcomes from their states and results in R (None or NaN before the end), in the same order."""
    kinds = [State(state) for state in states]
    values = np.array([np.nan if value is None else value for value in results_r], dtype=np.float64)
    values = values[~np.isnan(values)]
    ended, hits = len(values), kinds.count(State.TARGET)
    low, high = wilson_interval(hits, ended) if ended else (None, None)
    mean_low, mean_high = mean_interval(values) or (None, None)
    return OutcomeStats(
        waiting=kinds.count(State.WAITING),
        open=kinds.count(State.OPEN),
        never_filled=kinds.count(State.NEVER_FILLED),
        ended=ended,
        hits=hits,
        hit_rate=hits / ended if ended else None,
        hit_rate_low=low,
        hit_rate_high=high,
        expectancy=float(values.mean()) if ended else None,
        expectancy_low=mean_low,
        expectancy_high=mean_high,
    )


def stats_by(table: pd.DataFrame, column: str) -> dict[str, OutcomeStats]:
    """`outcome_stats` of each value of a column (`band`, `status`, `strategy` ...) of `db.views.outcomes`' table."""
    return {str(value): outcome_stats(part["state"], part["result_r"]) for value, part in table.groupby(column)}


DECISIONS = ("accepted", "rejected", "ignored")
"""What was decided about a signal; ignored: nobody decided before it could no longer be taken."""

_DECISION_OF = {"accepted": "accepted", "rejected": "rejected", "expired": "ignored"}


@dataclass(frozen=True)
class Passed:
    """What became of signals that were decided alike, had each been taken as suggested.

    `signals` counts all, `outcome` describes those that were followed. `won_r` and `lost_r` (both >= 0) are the sums of
    the winning and losing results in R, `net_r` their difference. For signals that were not taken `won_r` is what was
    missed, `lost_r` what was saved: a positive `net_r` is R that was left on the table.
    """

    signals: int
    outcome: OutcomeStats
    won_r: float
    lost_r: float
    net_r: float


@dataclass(frozen=True)
class PassedOn:
    """Accepted signals against those that were passed on. `by_reason` has the rejected and ignored ones by reason, the
    most signals first; a signal without a reason stands under its decision.

    `r_missed` and `r_saved` are summed over all that were passed on. `advantage` is the expectancy of the accepted less
    that of those passed on, in R, with Welch's interval at 95 % (Welch 1947, Biometrika 34:28, degrees rounded down);
    None where one side has no ended signal, its ends None below two.
    """

    decisions: dict[str, Passed]
    by_reason: dict[str, Passed]
    r_missed: float
    r_saved: float
    advantage: float | None
    advantage_low: float | None
    advantage_high: float | None


def passed_on(table: pd.DataFrame) -> PassedOn:
    """Accepted, rejected and ignored signals side by side.

    `table` has a row a signal: `status` (`new`, `accepted`, `rejected`, `expired`), `reason` (None: none), and `state`
    and `result_r` of its outcome (None where it is not followed). Signals still `new` do not count.
    """
    decided = table["status"].map(_DECISION_OF)
    table = table.assign(decision=decided, result=pd.to_numeric(table["result_r"]))[decided.notna()]
    missed = table[table["decision"] != "accepted"]
    reasons = missed["reason"].where(missed["reason"].notna() & (missed["reason"] != ""), missed["decision"])
    by_reason = {str(reason): _passed(part) for reason, part in missed.groupby(reasons)}
    every, taken = _passed(missed), table[table["decision"] == "accepted"]
    advantage, low, high = _advantage(_results(taken), _results(missed))
    return PassedOn(
        decisions={name: _passed(table[table["decision"] == name]) for name in DECISIONS},
        by_reason=dict(sorted(by_reason.items(), key=lambda item: (-item[1].signals, item[0]))),
        r_missed=every.won_r,
        r_saved=every.lost_r,
        advantage=advantage,
        advantage_low=low,
        advantage_high=high,
    )


def _passed(part: pd.DataFrame) -> Passed:
    followed = part[part["state"].notna()]
    results = _results(part)
    won, lost = float(results[results > 0].sum()), -float(results[results < 0].sum())
    return Passed(len(part), outcome_stats(followed["state"], followed["result"]), won, abs(lost), won - lost)


def _results(part: pd.DataFrame) -> Floats:
    values: Floats = part["result"].to_numpy(dtype=np.float64)
    return values[~np.isnan(values)]


def _advantage(taken: Floats, missed: Floats) -> tuple[float | None, float | None, float | None]:
    if not (len(taken) and len(missed)):
        return None, None, None
    apart = float(taken.mean() - missed.mean())
    if min(len(taken), len(missed)) < 2:  # noqa: PLR2004
        return apart, None, None
    shares = np.array([taken.var(ddof=1) / len(taken), missed.var(ddof=1) / len(missed)])
    if not shares.any():
        return apart, apart, apart
    degrees = shares.sum() ** 2 / (shares**2 / np.array([len(taken) - 1, len(missed) - 1])).sum()
    error = student_t(int(degrees)) * math.sqrt(shares.sum())
    return apart, apart - error, apart + error
