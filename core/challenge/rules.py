"""The rules of a challenge. Each says in plain words what it asks, where that is stated and when it was checked.

I is the initial balance of the phase, B0 and E0 are balance and equity at the last reset, equity being the balance plus
the open P&L, fees and swaps included.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from core.challenge.amounts import Amount, Boundary, Consequence, Source, Unit
from core.errors import ParameterError
from core.risk import plain

_MOST_DAYS = 3660


class Anchor(StrEnum):
    """What a daily floor hangs from: B0, E0, or the higher of the two."""

    BALANCE = "balance"
    EQUITY = "equity"
    HIGHER = "higher"


class Trail(StrEnum):
    """What lifts an overall floor: nothing, the balance at the end of a day, every closed balance, or equity."""

    STATIC = "static"
    END_OF_DAY = "trailing_eod"
    CLOSED = "trailing_closed"
    INTRADAY = "trailing_intraday"


class Total(StrEnum):
    """What the best day is a share of: the net total, the winning days alone, or at least the target."""

    NET = "net"
    POSITIVE_DAYS = "positive_days"
    TARGET_OR_TOTAL = "target_or_total"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What all rules have. `key` names the rule in results, `title` on pages."""

    key: ClassVar[str] = ""
    title: ClassVar[str] = ""
    source: Source = field(default_factory=Source)

    @property
    def checked_on(self) -> date | None:
        return self.source.checked_on

    def in_words(self, initial: Decimal | None = None) -> str:
        """What the rule asks, in a sentence; with the sums where the initial balance is told."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class DailyLoss(Rule):
    """The floor of a day = anchor - amount, set at each reset.

    D1 = B0 - p*I: anchor balance, percent of the initial balance. D2 = max(B0, E0) * (1 - p): anchor higher, percent
    of the snapshot. D3 = B0 * (1 - p): balance, snapshot. D4 = max(B0, E0) - p*I: higher, initial. Fixed: money.
    A deposit or withdrawal moves the day's anchor with it: it is neither gain nor loss.
    """

    key: ClassVar[str] = "daily_loss"
    title: ClassVar[str] = "Daily loss"
    amount: Amount
    anchor: Anchor = Anchor.BALANCE
    boundary: Boundary = Boundary.BELOW
    consequence: Consequence = Consequence.HARD

    def floor(self, initial: Decimal, balance: Decimal, equity: Decimal | None) -> Decimal:
        """The floor of the day for I, B0 and E0; where E0 is not known, B0 stands in."""
        anchor = self._hangs_from(balance, equity)
        return anchor - self.amount.of(initial, anchor)

    def allowance(self, initial: Decimal, balance: Decimal, equity: Decimal | None) -> Decimal:
        """What the day may lose, for I, B0 and E0."""
        return self.amount.of(initial, self._hangs_from(balance, equity))

    def _hangs_from(self, balance: Decimal, equity: Decimal | None) -> Decimal:
        known = balance if equity is None else equity
        return {Anchor.BALANCE: balance, Anchor.EQUITY: known, Anchor.HIGHER: max(balance, known)}[self.anchor]

    def in_words(self, initial: Decimal | None = None) -> str:
        anchor = {
            Anchor.BALANCE: "the balance at the reset",
            Anchor.EQUITY: "the equity at the reset",
            Anchor.HIGHER: "the higher of balance and equity at the reset",
        }[self.anchor]
        return (
            f"Within a day equity must {_stay(self.boundary)} {anchor} less {self.amount.in_words(initial)}; "
            f"{_otherwise(self.consequence)}."
        )


@dataclass(frozen=True, kw_only=True)
class OverallLoss(Rule):
    """The floor of the whole phase; it never falls.

    `static`: I - L. The others: the highest balance at the end of a day (at least I), the highest closed balance, or
    the highest equity, each less L. Deposits do not count there, so they lift nothing and can be taken out again; what
    is taken out beyond them, a payout, lowers nothing: the floor stays. With `lock_at` the floor rises no further than
    I + lock_at; None: it never locks.
    """

    key: ClassVar[str] = "overall_loss"
    title: ClassVar[str] = "Overall loss"
    amount: Amount
    trail: Trail = Trail.STATIC
    lock_at: Decimal | None = None
    boundary: Boundary = Boundary.BELOW
    consequence: Consequence = Consequence.HARD

    def __post_init__(self) -> None:
        if self.amount.unit is Unit.SNAPSHOT:
            raise ParameterError("An overall loss is a sum or a share of the initial balance.", self.amount)
        if self.lock_at is not None and not self.lock_at.is_finite():
            raise ParameterError(f"The lock {self.lock_at} is no sum of money.", self.lock_at)

    def floor(self, initial: Decimal, peak: Decimal) -> Decimal:
        """The floor for I and the highest balance or equity so far, whichever `trail` looks at."""
        base = initial if self.trail is Trail.STATIC else max(initial, peak)
        floor = base - self.amount.of(initial)
        return floor if self.lock_at is None else min(floor, initial + self.lock_at)

    def in_words(self, initial: Decimal | None = None) -> str:
        base = {
            Trail.STATIC: "the initial balance",
            Trail.END_OF_DAY: "the highest balance at the end of a day",
            Trail.CLOSED: "the highest closed balance",
            Trail.INTRADAY: "the highest equity (open profit included)",
        }[self.trail]
        lock = ""
        if self.trail is not Trail.STATIC and self.lock_at is not None:
            above = f" plus {plain(self.lock_at)}" if self.lock_at else ""
            lock = f"; the floor rises no further than the initial balance{above}"
        return (
            f"Equity must {_stay(self.boundary)} {base} less {self.amount.in_words(initial)}{lock}; "
            f"{_otherwise(self.consequence)}."
        )


@dataclass(frozen=True, kw_only=True)
class ProfitTarget(Rule):
    """Closed profit of the phase that passes it, once no trade is open."""

    key: ClassVar[str] = "profit_target"
    title: ClassVar[str] = "Profit target"
    amount: Amount

    def in_words(self, initial: Decimal | None = None) -> str:
        return f"A closed profit of {self.amount.in_words(initial)} passes, with every trade closed."


@dataclass(frozen=True, kw_only=True)
class Consistency(Rule):
    """The best day may make up `limit` percent of the total. It never breaches: it holds back pass and payout.

    With `inclusive` a share of exactly the limit is accepted. The total that is then required is best day / limit.
    """

    key: ClassVar[str] = "consistency"
    title: ClassVar[str] = "Best day"
    limit: Decimal
    total: Total = Total.NET
    inclusive: bool = True

    def __post_init__(self) -> None:
        if not (self.limit.is_finite() and 0 < self.limit <= 100):  # noqa: PLR2004
            raise ParameterError(f"The best day's share {self.limit} % has to lie above 0 and up to 100.", self.limit)

    def base(self, days: list[Decimal], target: Decimal | None) -> Decimal:
        """What the best day is a share of, from each day's closed profit."""
        if self.total is Total.POSITIVE_DAYS:
            return sum((day for day in days if day > 0), Decimal(0))
        net = sum(days, Decimal(0))
        return max(net, target or Decimal(0)) if self.total is Total.TARGET_OR_TOTAL else net

    def accepts(self, best_day: Decimal, total: Decimal) -> bool:
        """Whether the best day is small enough; without a winning day there is nothing to object to."""
        if best_day <= 0:
            return True
        # Compared as products: a quotient would be rounded, and exactly the limit is a case that decides.
        share, allowed = best_day * 100, self.limit * total
        return share <= allowed if self.inclusive else share < allowed

    def required(self, best_day: Decimal) -> Decimal:
        """The total from which on this best day is accepted."""
        return max(best_day, Decimal(0)) * 100 / self.limit

    def in_words(self, initial: Decimal | None = None) -> str:
        whole = {
            Total.NET: "the net profit",
            Total.POSITIVE_DAYS: "the profit of all winning days",
            Total.TARGET_OR_TOTAL: "the target or the net profit, whichever is higher",
        }[self.total]
        bound = "at most" if self.inclusive else "less than"
        return f"The best day makes up {bound} {plain(self.limit)} % of {whole}; until then pass and payout wait."


@dataclass(frozen=True, kw_only=True)
class TradingDays(Rule):
    """Days on which a trade was opened."""

    key: ClassVar[str] = "trading_days"
    title: ClassVar[str] = "Trading days"
    days: int

    def __post_init__(self) -> None:
        _check_days(self.days, "trading days")

    def in_words(self, initial: Decimal | None = None) -> str:
        return f"A trade is opened on at least {_days(self.days)}."


@dataclass(frozen=True, kw_only=True)
class ProfitableDays(Rule):
    """Days whose closed profit reaches `amount`."""

    key: ClassVar[str] = "profitable_days"
    title: ClassVar[str] = "Profitable days"
    days: int
    amount: Amount

    def __post_init__(self) -> None:
        _check_days(self.days, "profitable days")

    def in_words(self, initial: Decimal | None = None) -> str:
        return f"At least {_days(self.days)} with a closed profit of {self.amount.in_words(initial)} or more."


@dataclass(frozen=True, kw_only=True)
class TimeLimit(Rule):
    """Calendar days of the firm that the phase may take, the first included; then it ends unpassed."""

    key: ClassVar[str] = "time_limit"
    title: ClassVar[str] = "Time limit"
    days: int

    def __post_init__(self) -> None:
        _check_days(self.days, "calendar days")

    def in_words(self, initial: Decimal | None = None) -> str:
        return f"The phase has to be passed within {_days(self.days, 'calendar day')}."


@dataclass(frozen=True, kw_only=True)
class Payout(Rule):
    """When a profit is paid out and how it is split. `after_days` calendar days from the start or the last payout."""

    key: ClassVar[str] = "payout"
    title: ClassVar[str] = "Payout"
    split_low: Decimal
    split_high: Decimal
    after_days: int = 0
    minimum: Amount | None = None

    def __post_init__(self) -> None:
        if not (self.split_low.is_finite() and self.split_high.is_finite()):
            raise ParameterError("The trader's share has to be a number.", self.split_low)
        if not 0 < self.split_low <= self.split_high <= 100:  # noqa: PLR2004
            raise ParameterError(
                f"The trader's share goes from {self.split_low} to {self.split_high} %: both above 0 and up to 100.",
                (self.split_low, self.split_high),
            )
        if self.after_days:
            _check_days(self.after_days, "days before a payout")

    def in_words(self, initial: Decimal | None = None) -> str:
        low, high = plain(self.split_low), plain(self.split_high)
        share = f"{low} %" if low == high else f"{low} to {high} %"
        least = f" of at least {self.minimum.in_words(initial)}" if self.minimum else ""
        wait = (
            f", {_days(self.after_days, 'calendar day')} after the start or the last payout" if self.after_days else ""
        )
        return f"The trader is paid {share} of a closed profit{least}{wait}."


def _stay(boundary: Boundary) -> str:
    return "not drop below" if boundary is Boundary.BELOW else "stay above"


def _otherwise(consequence: Consequence) -> str:
    return "otherwise the account fails" if consequence is Consequence.HARD else "otherwise it pauses until the reset"


def _days(count: int, kind: str = "day") -> str:
    return f"{count} {kind}{'' if count == 1 else 's'}"


def _check_days(days: int, what: str) -> None:
    if not 0 < days <= _MOST_DAYS:
        raise ParameterError(f"{days} {what} cannot be: enter 1 to {_MOST_DAYS}.", days)
