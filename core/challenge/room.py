"""Room before the click: what the worst case of every open stop and one more trade leaves under each rule.

The worst case is that every stop is hit at its price, fees paid; gaps beyond a stop are not counted. Where closed
balances or equity lift a floor, stops that lie in profit are taken to be hit first, so that the floor stands as high as
it may when the losses come.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from core.challenge.amounts import Boundary
from core.challenge.results import FloorNow, PhaseResult, Status
from core.challenge.rules import DailyLoss, OverallLoss, Trail
from core.errors import ParameterError
from core.risk import money, risk_at_stop

_NOTHING = Decimal(0)


class Cost(Protocol):
    """Estimated cost of a trade, there and back."""

    def of(self, quantity: Decimal) -> Decimal:
        """In money, not below 0; more units never cost less."""
        ...


@dataclass(frozen=True)
class Fees:
    """Estimated cost of a trade, there and back, in money: a fixed part and one for each unit of the symbol.

    Raises:
        ParameterError: one is below zero.
    """

    fixed: Decimal = _NOTHING
    per_unit: Decimal = _NOTHING

    def __post_init__(self) -> None:
        if not min(self.fixed, self.per_unit) >= 0:
            raise ParameterError("Fees are not below zero: correct them.", self)

    def of(self, quantity: Decimal) -> Decimal:
        return self.fixed + self.per_unit * quantity if quantity else _NOTHING


@dataclass(frozen=True)
class AtStop:
    """An open trade as its stop leaves it: `pnl` from entry to stop (negative: a loss), None without a stop.

    `fees` are those still to be paid. A pending order that may fill counts as an open trade.
    """

    name: str
    pnl: Decimal | None
    fees: Decimal = _NOTHING

    @property
    def result(self) -> Decimal | None:
        return None if self.pnl is None else self.pnl - self.fees


@dataclass(frozen=True)
class NewTrade:
    """The trade that is asked about: `direction` +1 or -1, prices, the money one unit gains when the price moves by 1,
    and the lot step.

    Raises:
        ParameterError: the stop is not on the losing side, or a price, point value or step cannot be.
    """

    direction: int
    entry: float
    stop: float
    point_value: Decimal
    lot_step: Decimal
    fees: Cost = field(default_factory=Fees)

    def __post_init__(self) -> None:
        if not (math.isfinite(self.entry) and math.isfinite(self.stop) and min(self.entry, self.stop) > 0):
            raise ParameterError(f"Entry {self.entry} and stop {self.stop} have to be positive prices.", self)
        if not self.direction * (self.entry - self.stop) > 0:
            side = "below" if self.direction > 0 else "above"
            raise ParameterError(
                f"The stop {self.stop} is not {side} the entry {self.entry}: move the stop.", self.stop
            )
        if not (self.point_value > 0 and self.lot_step > 0):
            raise ParameterError("Point value and lot step have to be above zero: correct the symbol.", self)

    def loss(self, quantity: Decimal) -> Decimal:
        """Money lost at the stop, fees included."""
        return risk_at_stop(quantity, self.entry, self.stop, self.point_value) + self.fees.of(quantity)


@dataclass(frozen=True)
class DeskLimits:
    """The account's own limits; None: no such limit. `max_risk` is the money that all stops together may lose."""

    max_trades: int | None = None
    max_risk: Decimal | None = None


@dataclass(frozen=True)
class Standing:
    """What is known at the click. `balance` is the account's; `phase` None: no challenge runs on it. `unknown`: why the
    money of some trade is not known ("": it is), so that no rule can be answered.
    """

    balance: Decimal
    open_trades: tuple[AtStop, ...] = ()
    phase: PhaseResult | None = None
    limits: DeskLimits = field(default_factory=DeskLimits)
    unknown: str = ""

    @property
    def at_stops(self) -> Decimal | None:
        """What all open trades make together when every stop is hit, fees paid; None when one has no stop."""
        results = [trade.result for trade in self.open_trades]
        return None if None in results else sum((one for one in results if one is not None), _NOTHING)

    @property
    def risk(self) -> Decimal | None:
        """What the open trades that would lose at their stop lose together; None when one has no stop."""
        results = [trade.result for trade in self.open_trades]
        return None if None in results else sum((-one for one in results if one is not None and one < 0), _NOTHING)


@dataclass(frozen=True)
class Verdict:
    """One rule's answer. `room` is what the rule leaves for this trade when every open stop is hit, `worst_case` the
    equity (for the limit on risk: the risk; on trades: their number) with this stop hit too; both None where unknown.
    """

    rule: str
    title: str
    room: Decimal | None
    worst_case: Decimal | None
    ok: bool
    sentence: str


def verdicts(standing: Standing, trade: NewTrade, quantity: Decimal) -> list[Verdict]:
    """Every rule's answer to opening `quantity` of `trade` now, the challenge's first.

    Raises:
        ParameterError: the quantity is not above zero.
    """
    if not (quantity.is_finite() and quantity > 0):
        raise ParameterError(f"The size {quantity} is not a positive number: enter another.", quantity)
    if standing.unknown:
        return [Verdict("unknown", "Exchange rate", None, None, False, standing.unknown)]
    loss = trade.loss(quantity)
    found = [_state(standing), *(_floor(standing, rule, loss) for rule in _loss_rules(standing))]
    return [*(one for one in found if one is not None), *_limits(standing, loss)]


def broken_by_stops(standing: Standing) -> list[str]:
    """What is broken when every open stop is hit, without any new trade: rule and figure, a sentence each."""
    if standing.at_stops is None:
        return [_unknown(standing, rule.key, rule.title).sentence for rule in _loss_rules(standing)]
    worst, most, found = standing.balance + standing.at_stops, standing.limits.max_risk, []
    for rule in _loss_rules(standing):
        floor = _worst_floor(standing, rule)
        if rule.boundary.broken(worst, floor):
            how = "drops below" if worst < floor else "reaches"
            found.append(f"{rule.title}: with every stop hit equity {how} the floor {money(floor)}: {money(worst)}.")
    if most is not None and standing.risk is not None and standing.risk > most:
        found.append(f"Risk in use: {money(standing.risk)}, the account allows {money(most)}.")
    return found


def bounds(standing: Standing, trade: NewTrade) -> list[tuple[Verdict, Decimal]]:
    """Each rule that limits the size, with the largest quantity in whole lots that it allows (0: none at all)."""
    probe = verdicts(standing, trade, trade.lot_step)
    return [
        (verdict, _lots(verdict, standing, trade) * trade.lot_step if verdict.ok else _NOTHING)
        for verdict in probe
        if not verdict.ok or verdict.rule not in ("state", "max_trades")
    ]


def allowed_size(standing: Standing, trade: NewTrade) -> Decimal | None:
    """The largest quantity, in whole lots, that breaches nothing: 0 where there is none, None where no rule limits."""
    return min((most for _, most in bounds(standing, trade)), default=None)


def proposed_size(standing: Standing, trade: NewTrade, budget: Decimal) -> Decimal:
    """The largest quantity, in whole lots, that loses at most `budget` at its stop, fees too, and breaches nothing;
    0 where there is none.
    """
    within = _fitting(budget, trade) * trade.lot_step
    allowed = allowed_size(standing, trade)
    return within if allowed is None else min(within, allowed)


def _fitting(room: Decimal, trade: NewTrade, *, below: bool = False) -> int:
    """The most whole lots whose loss at the stop fits into `room`, or stays `below` it."""

    def fits(lots: int) -> bool:
        loss = trade.loss(lots * trade.lot_step)
        return loss < room if below else loss <= room

    least = risk_at_stop(trade.lot_step, trade.entry, trade.stop, trade.point_value)
    few, many = 0, max(0, math.floor(Fraction(room) / Fraction(least))) + 1
    # Fees may have a minimum, so that no division finds it; but more lots never cost less.
    while many - few > 1:
        lots = (few + many) // 2
        few, many = (lots, many) if fits(lots) else (few, lots)
    return few


def _lots(verdict: Verdict, standing: Standing, trade: NewTrade) -> int:
    """Whole lots whose loss fits into the rule's room."""
    assert verdict.room is not None
    rule = next((one for one in _loss_rules(standing) if one.key == verdict.rule), None)
    return _fitting(verdict.room, trade, below=rule is not None and rule.boundary is Boundary.REACHED)


def _loss_rules(standing: Standing) -> list[DailyLoss | OverallLoss]:
    if standing.phase is None:
        return []
    return [rule for rule in (standing.phase.phase.daily, standing.phase.phase.overall) if rule is not None]


def _state(standing: Standing) -> Verdict | None:
    """A challenge that is over or pauses takes no trade."""
    phase = standing.phase
    if phase is None or phase.status is Status.RUNNING:
        return None
    why = {
        Status.PAUSED: "The account pauses until the next reset",
        Status.FAILED: "The challenge has failed",
        Status.PASSED: "The phase is passed: begin the next one",
    }[phase.status]
    reason = (
        f" ({phase.breaches[-1].sentence.rstrip('.')})" if phase.breaches and phase.status is not Status.PASSED else ""
    )
    return Verdict("state", "Challenge", None, None, False, f"{why}{reason}.")


def _floor(standing: Standing, rule: DailyLoss | OverallLoss, loss: Decimal) -> Verdict:
    floor, at_stops = _worst_floor(standing, rule), standing.at_stops
    if at_stops is None:
        return _unknown(standing, rule.key, rule.title)
    before = standing.balance + at_stops
    worst = before - loss
    ok = not rule.boundary.broken(worst, floor)
    if ok:
        told = (
            f"{rule.title}: at worst equity is {money(worst)}, {money(worst - floor)} above the floor {money(floor)}."
        )
    else:
        how = "drops below" if worst < floor else "reaches"
        told = (
            f"{rule.title}: with every stop hit equity {how} the floor {money(floor)}: {money(worst)}. "
            f"There is room for {money(max(_NOTHING, before - floor))}, this trade may lose {money(loss)}."
        )
    return Verdict(rule.key, rule.title, before - floor, worst, ok, told)


def _worst_floor(standing: Standing, rule: DailyLoss | OverallLoss) -> Decimal:
    assert standing.phase is not None
    now: FloorNow | None = standing.phase.daily if isinstance(rule, DailyLoss) else standing.phase.overall
    assert now is not None
    if isinstance(rule, DailyLoss) or rule.trail not in (Trail.CLOSED, Trail.INTRADAY):
        return now.floor
    gains = sum((one.result for one in standing.open_trades if one.result is not None and one.result > 0), _NOTHING)
    highest = standing.balance + gains - standing.phase.paid_in
    return max(now.floor, rule.floor(standing.phase.initial, highest))


def _unknown(standing: Standing, key: str, title: str) -> Verdict:
    names = ", ".join(trade.name for trade in standing.open_trades if trade.pnl is None)
    told = f"{title}: the worst case is unknown, since there is no stop on {names}: set one first."
    return Verdict(key, title, None, None, False, told)


def _limits(standing: Standing, loss: Decimal) -> list[Verdict]:
    limits, found = standing.limits, []
    if limits.max_trades is not None:
        count, most = len(standing.open_trades) + 1, limits.max_trades
        told = f"Open trades: this would be number {count}, the account allows {most}."
        found.append(
            Verdict("max_trades", "Open trades", Decimal(most + 1 - count), Decimal(count), count <= most, told)
        )
    if limits.max_risk is not None:
        found.append(_risk(standing, limits.max_risk, loss))
    return found


def _risk(standing: Standing, most: Decimal, loss: Decimal) -> Verdict:
    if standing.risk is None:
        return _unknown(standing, "max_risk", "Risk in use")
    risk = standing.risk + loss
    told = f"Risk in use: {money(risk)} with this trade, the account allows {money(most)}."
    return Verdict("max_risk", "Risk in use", most - standing.risk, risk, risk <= most, told)
