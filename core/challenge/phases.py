"""A challenge: its phases, each with its own rules, and the clock that its days go by."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from enum import StrEnum

from core.challenge.amounts import Reset, Source
from core.challenge.rules import (
    Consistency,
    DailyLoss,
    OverallLoss,
    Payout,
    ProfitableDays,
    ProfitTarget,
    Rule,
    TimeLimit,
    TradingDays,
)
from core.errors import ParameterError


class PhaseName(StrEnum):
    EVALUATION = "evaluation"
    VERIFICATION = "verification"
    FUNDED = "funded"


@dataclass(frozen=True, kw_only=True)
class Phase:
    """One phase and its rules; None: the firm has no such rule here."""

    name: PhaseName
    target: ProfitTarget | None = None
    daily: DailyLoss | None = None
    overall: OverallLoss | None = None
    consistency: Consistency | None = None
    trading_days: TradingDays | None = None
    profitable_days: ProfitableDays | None = None
    time_limit: TimeLimit | None = None
    payout: Payout | None = None

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that this phase has, in a fixed order."""
        values = (getattr(self, item.name) for item in fields(self))
        return tuple(value for value in values if isinstance(value, Rule))


@dataclass(frozen=True, kw_only=True)
class Challenge:
    """A challenge as an account runs it. `preset` is the key it was made from ("" for one's own), with its `version`.

    `balance` is what every phase starts with, unless its start says otherwise. `note` tells what the firm leaves open.

    Raises:
        ParameterError: it has no phases, a phase twice, or no balance.
    """

    name: str
    firm: str
    balance: Decimal
    reset: Reset
    phases: tuple[Phase, ...]
    currency: str = "USD"
    preset: str = ""
    version: str = ""
    source: Source = field(default_factory=Source)
    note: str = ""

    def __post_init__(self) -> None:
        names = [phase.name for phase in self.phases]
        if not names:
            raise ParameterError("A challenge needs at least one phase: add one.", self.name)
        if len(set(names)) < len(names) or names != sorted(names, key=list(PhaseName).index):
            raise ParameterError(
                f"The phases come as {', '.join(names)}: each once, in the order evaluation, verification, funded.",
                names,
            )
        if not (self.balance.is_finite() and self.balance > 0):
            raise ParameterError(f"The balance {self.balance} has to be above zero.", self.balance)
        if not self.name.strip():
            raise ParameterError("The challenge has no name: give it one.", self.name)

    def phase(self, name: PhaseName) -> Phase:
        """One phase by its name.

        Raises:
            ParameterError: this challenge has no such phase.
        """
        for phase in self.phases:
            if phase.name == name:
                return phase
        raise ParameterError(f"{self.name} has no phase '{name}'.", name)

    def following(self, name: PhaseName) -> PhaseName | None:
        """The phase that comes after this one, None after the last."""
        names = [phase.name for phase in self.phases]
        place = names.index(name) + 1
        return names[place] if place < len(names) else None

    def with_balance(self, balance: Decimal) -> Challenge:
        return replace(self, balance=balance)

    def in_words(self) -> list[tuple[str, str]]:
        """Every rule as (title, sentence), phase by phase, with the sums for the challenge's balance."""
        return [
            (f"{phase.name.value.capitalize()}: {rule.title}", rule.in_words(self.balance))
            for phase in self.phases
            for rule in phase.rules
        ]
