"""One phase while it runs: what is known at an instant, and what each instant changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from core.challenge.amounts import Consequence
from core.challenge.events import BalanceChange, ChangeKind, Event, Mark, Opened
from core.challenge.phases import Challenge, Phase
from core.challenge.results import Breach, EquityPoint, FloorPoint
from core.challenge.rules import DailyLoss, OverallLoss, Trail
from core.risk import money

_ONE_DAY = timedelta(days=1)
_NOTHING = Decimal(0)


@dataclass
class Day:
    """Results and opened trades of one day."""

    profit: Decimal = _NOTHING
    opened: int = 0


@dataclass
class Run:
    """The state of a phase. Made at its start; `resets` and `happen` move it on in the order of time."""

    challenge: Challenge
    phase: Phase
    started_at: int
    initial: Decimal
    balance: Decimal = field(init=False)
    profit: Decimal = _NOTHING
    withdrawn: Decimal = _NOTHING
    paid_in: Decimal = _NOTHING
    last_payout: int | None = None
    marks: dict[str, Decimal] = field(default_factory=dict)
    unknown: dict[str, int] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)
    over: set[str] = field(default_factory=set)
    days: dict[date, Day] = field(default_factory=dict)
    breaches: list[Breach] = field(default_factory=list)
    paused: dict[str, date] = field(default_factory=dict)
    failed: bool = False
    passed_at: int | None = None
    floors: dict[str, list[FloorPoint]] = field(default_factory=dict)
    points: list[EquityPoint] = field(default_factory=list)
    standing: list[tuple[DailyLoss | OverallLoss, Decimal]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.balance = self.peak = self.initial
        self.first_day = self.day = self.challenge.reset.day(self.started_at)
        self.next_reset = self.challenge.reset.start(self.day + _ONE_DAY)
        self._snapshot(self.started_at)
        self.points.append(EquityPoint(self.started_at, self.balance, self.equity))

    @property
    def equity(self) -> Decimal | None:
        """Balance and open P&L; None while an open trade has no price."""
        return None if self.unknown else sum(self.marks.values(), self.balance)

    @property
    def flat(self) -> bool:
        return not self.open and not self.unknown and not any(self.marks.values())

    @property
    def running(self) -> bool:
        return not self.failed and self.passed_at is None

    def resets(self, until: int) -> None:
        """Every reset up to and including `until`: a new day with a new snapshot, and the floors that hang from it."""
        while self.next_reset <= until:
            at = self.next_reset
            self.day += _ONE_DAY
            self.next_reset = self.challenge.reset.start(self.day + _ONE_DAY)
            if self.phase.overall is not None and self.phase.overall.trail is Trail.END_OF_DAY:
                self.peak = max(self.peak, self.balance - self.paid_in)
            self._snapshot(at)
            self._check_time(at)
            self._check_floors(at)

    def happen(self, at: int, events: Sequence[Event]) -> None:
        """All events of one instant at once: the order in which they are listed does not matter."""
        changes = [event for event in events if isinstance(event, BalanceChange)]
        finals = {change.trade for change in changes if _closes(change) and change.final}
        parts = {change.trade for change in changes if _closes(change) and not change.final}
        self._open([event.trade for event in events if isinstance(event, Opened)])
        for change in changes:
            self._change(at, change)
        self._mark(at, [event for event in events if isinstance(event, Mark)], finals, parts)
        paid = [change.amount for change in changes if change.kind is ChangeKind.CASH]
        # Money of one's own is no result: it lifts no floor. What is taken out goes on its account first.
        self.paid_in = max(_NOTHING, self.paid_in + sum(paid, _NOTHING))
        if self._lift() or paid:
            self._write_floors(at)
        self._check_floors(at)
        self._point(at)

    def pass_at(self, at: int) -> None:
        self.passed_at = at

    def overall_floor(self, rule: OverallLoss) -> Decimal:
        return rule.floor(self.initial, self.peak)

    def daily_floor(self, rule: DailyLoss) -> Decimal:
        return rule.floor(self.initial, self.day_balance, self.day_equity)

    def _snapshot(self, at: int) -> None:
        self.day_balance, self.day_equity = self.balance, self.equity
        self._write_floors(at)

    def _open(self, trades: Sequence[str]) -> None:
        for trade in trades:
            self.days.setdefault(self.day, Day()).opened += 1
            self.open.add(trade)
            self.over.discard(trade)

    def _change(self, at: int, change: BalanceChange) -> None:
        self.balance += change.amount
        if change.kind is not ChangeKind.CASH:
            self.profit += change.amount
            self.days.setdefault(self.day, Day()).profit += change.amount
            return
        # A deposit or withdrawal is no result of the day: its anchor moves along.
        self.day_balance += change.amount
        self.day_equity = None if self.day_equity is None else self.day_equity + change.amount
        if change.amount < 0:
            self.withdrawn -= change.amount
            self.last_payout = at

    def _mark(self, at: int, marks: Sequence[Mark], finals: set[str], parts: set[str]) -> None:
        for trade in finals:
            self.open.discard(trade)
            self.over.add(trade)
            self.marks.pop(trade, None)
            self.unknown.pop(trade, None)
        known: dict[str, list[Decimal]] = {trade: [] for trade in parts}
        for mark in marks:
            values = known.setdefault(mark.trade, [])
            if mark.floating is not None:
                values.append(mark.floating)
        for trade, values in known.items():
            if trade in self.over:
                continue
            if values:
                self.marks[trade] = min(values)
                self.unknown.pop(trade, None)
            else:
                self.marks.pop(trade, None)
                self.unknown.setdefault(trade, at)

    def _lift(self) -> bool:
        """What trails within the day follows the balance or the equity up; nothing takes it down. Whether it rose."""
        trail, before = self.phase.overall.trail if self.phase.overall is not None else Trail.STATIC, self.peak
        if trail is Trail.CLOSED:
            self.peak = max(self.peak, self.balance - self.paid_in)
        elif trail is Trail.INTRADAY:
            equity = self.equity
            self.peak = self.peak if equity is None else max(self.peak, equity - self.paid_in)
        return self.peak > before

    def _write_floors(self, at: int) -> None:
        """The floors as they stand from now on: they move at a reset, with the peak and with money paid in or out."""
        self.standing = []
        for rule in (self.phase.daily, self.phase.overall):
            if rule is None:
                continue
            floor = self.daily_floor(rule) if isinstance(rule, DailyLoss) else self.overall_floor(rule)
            self.standing.append((rule, floor))
            points = self.floors.setdefault(rule.key, [])
            if points and points[-1].at == at:
                points.pop()
            if not points or points[-1].floor != floor:
                points.append(FloorPoint(at, floor))

    def _point(self, at: int) -> None:
        if self.points[-1].at == at:
            self.points.pop()
        self.points.append(EquityPoint(at, self.balance, self.equity))

    def _check_floors(self, at: int) -> None:
        equity = self.equity
        if equity is None or not self.running:
            return
        for rule, floor in self.standing:
            if rule.boundary.broken(equity, floor):
                self._breach(at, rule, equity, floor)

    def _breach(self, at: int, rule: DailyLoss | OverallLoss, equity: Decimal, floor: Decimal) -> None:
        if rule.consequence is Consequence.PAUSE:
            if self.paused.get(rule.key) == self.day:
                return
            self.paused[rule.key] = self.day
        else:
            self.failed = True
        how = "dropped below" if equity < floor else "reached"
        told = f"{rule.title}: equity {money(equity)} {how} the floor {money(floor)}."
        self.breaches.append(Breach(at, rule.key, rule.consequence, equity, floor, told))

    def _check_time(self, at: int) -> None:
        limit = self.phase.time_limit
        if limit is None or not self.running or (self.day - self.first_day).days < limit.days:
            return
        self.failed = True
        told = f"{limit.title}: the phase was not passed within {limit.days} calendar days."
        self.breaches.append(Breach(at, limit.key, Consequence.HARD, None, None, told))


def _closes(change: BalanceChange) -> bool:
    return change.kind is ChangeKind.CLOSED and change.trade != ""
