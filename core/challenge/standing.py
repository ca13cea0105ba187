"""How a phase stands: targets, days, consistency and payout, worked out from its run."""

from __future__ import annotations

from decimal import Decimal

from core.challenge.results import (
    Condition,
    ConsistencyNow,
    DayResult,
    FloorNow,
    PayoutNow,
    PhaseResult,
    Status,
)
from core.challenge.rules import Consistency, DailyLoss, Payout
from core.challenge.run import Run
from core.risk import money, plain

_NOTHING = Decimal(0)


def target_of(run: Run) -> Decimal | None:
    return None if run.phase.target is None else run.phase.target.amount.of(run.initial)


def passes(run: Run) -> bool:
    """Whether the phase is passed now: a target is reached, and nothing else is waited for."""
    target = target_of(run)
    if target is None or not run.running or run.profit < target:
        return False
    return all(condition.met for condition in conditions(run))


def conditions(run: Run) -> tuple[Condition, ...]:
    """Everything that passing waits for; in a phase without a target, what a payout waits for of the same kind."""
    found = [_target(run), _trading_days(run), _profitable_days(run), _consistency(run), _closed(run)]
    return tuple(condition for condition in found if condition is not None)


def result_of(run: Run, until: int) -> PhaseResult:
    """The run as pages show it."""
    target = target_of(run)
    profits = [day.profit for day in run.days.values()]
    return PhaseResult(
        phase=run.phase,
        started_at=run.started_at,
        through=until,
        initial=run.initial,
        status=_status(run),
        balance=run.balance,
        equity=run.equity,
        unknown_since=min(run.unknown.values(), default=None),
        paid_in=run.paid_in,
        profit=run.profit,
        target=target,
        target_share=None if target is None else max(_NOTHING, run.profit / target),
        daily=_floor(run, run.phase.daily),
        overall=_floor(run, run.phase.overall),
        next_reset=run.next_reset,
        trading_days=_opened_days(run),
        profitable_days=_won_days(run),
        best_day=max(profits, default=_NOTHING),
        consistency=_consistency_now(run),
        days_left=_days_left(run),
        conditions=conditions(run),
        payout=_payout(run, until),
        passed_at=run.passed_at,
        breaches=tuple(run.breaches),
        floors={key: tuple(points) for key, points in run.floors.items()},
        equity_points=tuple(run.points),
        days=tuple(DayResult(day, one.profit, one.opened) for day, one in sorted(run.days.items())),
    )


def _status(run: Run) -> Status:
    if run.failed:
        return Status.FAILED
    if run.passed_at is not None:
        return Status.PASSED
    return Status.PAUSED if run.day in run.paused.values() else Status.RUNNING


def _floor(run: Run, rule: object) -> FloorNow | None:
    if rule is None:
        return None
    if isinstance(rule, DailyLoss):
        key, floor = rule.key, run.daily_floor(rule)
        allowance = rule.allowance(run.initial, run.day_balance, run.day_equity)
    else:
        assert run.phase.overall is not None
        key, floor = run.phase.overall.key, run.overall_floor(run.phase.overall)
        allowance = run.phase.overall.amount.of(run.initial)
    room = None if run.equity is None else run.equity - floor
    return FloorNow(key, floor, room, None if room is None else max(_NOTHING, 1 - room / allowance))


def _target(run: Run) -> Condition | None:
    target = target_of(run)
    if run.phase.target is None or target is None:
        return None
    told = f"{money(run.profit)} of {money(target)} closed profit."
    return Condition(run.phase.target.key, run.phase.target.title, run.profit >= target, run.profit, target, told)


def _opened_days(run: Run) -> int:
    return sum(day.opened > 0 for day in run.days.values())


def _won_days(run: Run) -> int:
    """Days that count as profitable: by the phase's rule, without one all above zero."""
    rule = run.phase.profitable_days
    if rule is None:
        return sum(day.profit > 0 for day in run.days.values())
    least = rule.amount.of(run.initial)
    return sum(day.profit >= least for day in run.days.values())


def _trading_days(run: Run) -> Condition | None:
    rule = run.phase.trading_days
    if rule is None:
        return None
    have = _opened_days(run)
    told = f"Trades opened on {have} of {rule.days} days."
    return Condition(rule.key, rule.title, have >= rule.days, Decimal(have), Decimal(rule.days), told)


def _profitable_days(run: Run) -> Condition | None:
    rule = run.phase.profitable_days
    if rule is None:
        return None
    have, least = _won_days(run), money(rule.amount.of(run.initial))
    told = f"{have} of {rule.days} days with {least} or more."
    return Condition(rule.key, rule.title, have >= rule.days, Decimal(have), Decimal(rule.days), told)


def _consistency_now(run: Run) -> ConsistencyNow | None:
    rule = run.phase.consistency
    if rule is None:
        return None
    profits = {day: one.profit for day, one in run.days.items()}
    best_date = min((day for day in profits if profits[day] == max(profits.values())), default=None)
    best = _NOTHING if best_date is None else profits[best_date]
    total = rule.base(list(profits.values()), target_of(run))
    return ConsistencyNow(
        best_day=best,
        best_date=best_date,
        total=total,
        share=best / total if total > 0 else None,
        limit=rule.limit / 100,
        required_total=rule.required(best),
        met=rule.accepts(best, total),
    )


def _consistency(run: Run) -> Condition | None:
    rule, now = run.phase.consistency, _consistency_now(run)
    if rule is None or now is None:
        return None
    return Condition(rule.key, rule.title, now.met, now.total, now.required_total, _share_told(rule, now))


def _share_told(rule: Consistency, now: ConsistencyNow) -> str:
    share = "" if now.share is None else f", {now.share * 100:.1f} % of the total {money(now.total)}"
    until = "" if now.met else f": held back until the total is {money(now.required_total)}"
    return f"The best day made {money(now.best_day)}{share}; the limit is {plain(rule.limit)} %{until}."


def _closed(run: Run) -> Condition | None:
    if run.phase.target is None:
        return None
    count = len(run.open)
    told = "No trade is open." if run.flat else "A trade is still open: it passes when every trade is closed."
    return Condition("open_trades", "Open trades", run.flat, Decimal(count), _NOTHING, told)


def _days_left(run: Run) -> int | None:
    limit = run.phase.time_limit
    return None if limit is None else max(0, limit.days - (run.day - run.first_day).days)


def _payout(run: Run, until: int) -> PayoutNow | None:
    rule = run.phase.payout
    if rule is None:
        return None
    amount = max(_NOTHING, run.profit - run.withdrawn)
    waits = [one for one in (*_payout_conditions(run, rule, amount, until), *conditions(run)) if not one.met]
    ready = not waits and amount > 0 and run.running
    return PayoutNow(ready, amount, rule.split_low / 100, rule.split_high / 100, tuple(waits))


def _payout_conditions(run: Run, rule: Payout, amount: Decimal, until: int) -> list[Condition]:
    found = []
    if rule.minimum is not None:
        least = rule.minimum.of(run.initial)
        told = f"{money(amount)} of the {money(least)} that a payout needs."
        found.append(Condition(rule.key, rule.title, amount >= least, amount, least, told))
    if rule.after_days:
        since = run.challenge.reset.day(run.started_at if run.last_payout is None else run.last_payout)
        gone = (run.challenge.reset.day(until) - since).days
        told = f"{gone} of {rule.after_days} calendar days have passed."
        need = Decimal(rule.after_days)
        found.append(Condition(rule.key, rule.title, gone >= rule.after_days, Decimal(gone), need, told))
    return found
