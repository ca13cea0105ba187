"""Results in money, in percent of the account's first balance, or in R: the same figures in other words."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from dashboard.components import formats
from dashboard.journal.data import MONEY, PERCENT, R
from db.models import Account


@dataclass(frozen=True)
class Unit:
    """`name` is one of `dashboard.journal.data.UNITS`."""

    name: str
    currency: str
    initial: Decimal

    @classmethod
    def of(cls, name: str, account: Account) -> Unit:
        return cls(name, account.currency, account.initial_balance)

    def write(self, value: Decimal | float | None, *, signed: bool = True) -> str:
        """A result in this unit. It comes in R where the unit is R, and in money otherwise."""
        if not formats.present(value):
            return formats.NOTHING
        if self.name == R:
            return formats.multiple(float(value), signed=signed)
        if self.name == PERCENT:
            if self.initial <= 0:
                return formats.NOTHING
            share = float(value) / float(self.initial) * 100
            return f"{share:+,.2f} %" if signed else f"{share:,.2f} %"
        return formats.money(value, signed=signed)

    @property
    def title(self) -> str:
        """As a heading has it."""
        return {MONEY: self.currency, PERCENT: "% of the first balance", R: "R"}[self.name]
