"""What the evaluation of a challenge says. Times are UTC ms, sums are in the account's currency, shares are 0 to 1."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from core.challenge.amounts import Consequence
from core.challenge.phases import Phase, PhaseName


class Status(StrEnum):
    """`paused` lasts until the next reset; `passed` and `failed` are final."""

    RUNNING = "running"
    PAUSED = "paused"
    PASSED = "passed"
    FAILED = "failed"


@dataclass(frozen=True)
class Breach:
    """A rule was broken: which, when, and by what figure.

    `figure` is the equity that broke `floor`; for a time limit both are None. `rule` is the rule's `key`.
    """

    at: int
    rule: str
    consequence: Consequence
    figure: Decimal | None
    floor: Decimal | None
    sentence: str


@dataclass(frozen=True)
class FloorPoint:
    """From `at` on the floor is at `floor`, until the next point."""

    at: int
    floor: Decimal


@dataclass(frozen=True)
class EquityPoint:
    """Balance and equity from `at` on; equity None where an open trade has no price."""

    at: int
    balance: Decimal
    equity: Decimal | None


@dataclass(frozen=True)
class DayResult:
    """A day of the firm's calendar on which something happened: its results (fees included) and trades opened."""

    day: date
    profit: Decimal
    opened: int


@dataclass(frozen=True)
class FloorNow:
    """A loss rule as it stands: floor and what is left above it; `room` None while equity is unknown.

    `share_used` is the part of the rule's allowance that is gone (0 none, 1 all; above 1 once it is broken), None while
    equity is unknown.
    """

    rule: str
    floor: Decimal
    room: Decimal | None
    share_used: Decimal | None


@dataclass(frozen=True)
class Condition:
    """Something that pass or payout waits for: how far it is, what it needs, and the same in a sentence."""

    rule: str
    title: str
    met: bool
    have: Decimal
    need: Decimal
    sentence: str


@dataclass(frozen=True)
class ConsistencyNow:
    """`share` = best day / total, None without a positive total; `required_total` is the total that accepts it."""

    best_day: Decimal
    best_date: date | None
    total: Decimal
    share: Decimal | None
    limit: Decimal
    required_total: Decimal
    met: bool


@dataclass(frozen=True)
class PayoutNow:
    """`amount` is the closed profit that can be paid out, of which `share_low` to `share_high` are the trader's."""

    ready: bool
    amount: Decimal
    share_low: Decimal
    share_high: Decimal
    waits_for: tuple[Condition, ...]


@dataclass(frozen=True)
class PhaseResult:
    """One phase from its start to the last instant that was looked at (`through`).

    `target_share` is closed profit / target, not below 0; None without a target. `unknown_since` is the instant from
    which an open trade has no price. `floors` holds each loss rule's floor over time, by the rule's key. `days_left`
    are the calendar days that a time limit leaves, today included. `paid_in` is money of one's own in the balance:
    deposits that were not taken out again. It lifts no overall floor.
    """

    phase: Phase
    started_at: int
    through: int
    initial: Decimal
    status: Status
    balance: Decimal
    equity: Decimal | None
    unknown_since: int | None
    paid_in: Decimal
    profit: Decimal
    target: Decimal | None
    target_share: Decimal | None
    daily: FloorNow | None
    overall: FloorNow | None
    next_reset: int
    trading_days: int
    profitable_days: int
    best_day: Decimal
    consistency: ConsistencyNow | None
    days_left: int | None
    conditions: tuple[Condition, ...]
    payout: PayoutNow | None
    passed_at: int | None
    breaches: tuple[Breach, ...]
    floors: dict[str, tuple[FloorPoint, ...]]
    equity_points: tuple[EquityPoint, ...]
    days: tuple[DayResult, ...]

    @property
    def failed(self) -> Breach | None:
        """The breach that ended the phase."""
        return next((breach for breach in self.breaches if breach.consequence is Consequence.HARD), None)

    def as_recorded(self, breach: Breach) -> PhaseResult:
        """The phase as failed by a breach that was recorded: it stays so, whatever the history says by now."""
        pauses = tuple(one for one in self.breaches if one.consequence is Consequence.PAUSE and one.at <= breach.at)
        payout = None if self.payout is None else replace(self.payout, ready=False)
        return replace(self, status=Status.FAILED, passed_at=None, breaches=(*pauses, breach), payout=payout)

    @property
    def paused_until(self) -> int | None:
        return self.next_reset if self.status is Status.PAUSED else None


@dataclass(frozen=True)
class Evaluation:
    """All phases that were begun, the present one last."""

    phases: tuple[PhaseResult, ...]

    @property
    def current(self) -> PhaseResult:
        return self.phases[-1]

    def of(self, name: PhaseName) -> PhaseResult | None:
        """The latest run of a phase, None where it was never begun."""
        return next((result for result in reversed(self.phases) if result.phase.name == name), None)
