"""Room before the click: what the worst case of every open stop and one more trade leaves under each rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from core.challenge.results import PhaseResult


@dataclass(frozen=True)
class Fees:
    """Estimated cost of a trade, there and back, in money: a fixed part and one for each unit of the symbol."""

    fixed: Decimal = Decimal(0)
    per_unit: Decimal = Decimal(0)

    def of(self, quantity: Decimal) -> Decimal:
        return self.fixed + self.per_unit * quantity if quantity else Decimal(0)


@dataclass(frozen=True)
class AtStop:
    """An open trade as its stop leaves it: `pnl` from entry to stop (negative: a loss), None without a stop.

    `fees` are those still to be paid. A pending order that may fill counts as an open trade.
    """

    name: str
    pnl: Decimal | None
    fees: Decimal = Decimal(0)


@dataclass(frozen=True)
class NewTrade:
    """The trade that is asked about: prices, the money one unit gains when the price moves by 1, and the lot step."""

    direction: int
    entry: float
    stop: float
    point_value: Decimal
    lot_step: Decimal
    fees: Fees = field(default_factory=Fees)


@dataclass(frozen=True)
class DeskLimits:
    """The account's own limits; None: no such limit. `max_risk` is the money that all stops together may lose."""

    max_trades: int | None = None
    max_risk: Decimal | None = None


@dataclass(frozen=True)
class Standing:
    """What is known at the click. `balance` is the account's; `phase` None: no challenge runs on it."""

    balance: Decimal
    open_trades: tuple[AtStop, ...] = ()
    phase: PhaseResult | None = None
    limits: DeskLimits = field(default_factory=DeskLimits)


@dataclass(frozen=True)
class Verdict:
    """One rule's answer. `room` is what the rule leaves before this trade when every open stop is hit, `worst_case` the
    equity (for a limit on risk: the risk; on trades: their number) with this one hit too, both None where unknown.
    """

    rule: str
    title: str
    room: Decimal | None
    worst_case: Decimal | None
    ok: bool
    sentence: str


def verdicts(standing: Standing, trade: NewTrade, quantity: Decimal) -> list[Verdict]:
    """Every rule's answer to opening `quantity` of `trade` now.

    Raises:
        ParameterError: the prices or the quantity cannot be.
    """
    raise NotImplementedError


def allowed_size(standing: Standing, trade: NewTrade) -> Decimal:
    """The largest quantity, in whole lots, that breaches nothing; 0 where there is none.

    Raises:
        ParameterError: the prices cannot be.
    """
    raise NotImplementedError
