"""An account as its records leave it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from core.errors import LedgerError
from core.ledger.position import Method, Position, Running
from core.ledger.records import Charge, Dividend, Exchange, Fill, Funding, Record, Split, in_order
from core.ledger.units import amount, units, worth


@dataclass(frozen=True)
class Book:
    """Positions by instrument (flat ones too: they hold realised P&L), cash by currency, and the owner's fundings."""

    positions: dict[str, Position]
    cash: dict[str, Decimal]
    fundings: tuple[Funding, ...]

    @property
    def open(self) -> list[Position]:
        """Positions that hold something, by instrument."""
        return [one for _, one in sorted(self.positions.items()) if one.quantity]


def replay(records: Iterable[Record], method: Method = Method.AVERAGE) -> Book:
    """The account after all records: the same for any order of arrival and any number of repeats.

    Raises:
        LedgerError: two records contradict each other, or one refers to what never was.
    """
    running = _Replay(method)
    for one in in_order(records):
        running.take(one)
    return Book(
        {name: one.snapshot() for name, one in running.positions.items()},
        {currency: amount(whole) for currency, whole in running.cash.items()},
        tuple(running.fundings),
    )


class _Replay:
    def __init__(self, method: Method) -> None:
        self.method = method
        self.positions: dict[str, Running] = {}
        self.cash: defaultdict[str, int] = defaultdict(int)
        self.fundings: list[Funding] = []

    def take(self, one: Record) -> None:
        match one:
            case Fill():
                fresh = one.instrument not in self.positions
                if fresh:
                    self.positions[one.instrument] = Running(one.instrument, one.currency, one.unit_value, self.method)
                self.cash[one.currency] += self.positions[one.instrument].fill(one)
            case Split():
                if one.instrument in self.positions:
                    self.positions[one.instrument].split(one)
            case Dividend():
                self._dividend(one)
            case Charge():
                self._charge(one)
            case Funding():
                self.fundings.append(one)
                self.cash[one.currency] += units(one.amount)
            case Exchange():
                self.cash[one.sold_currency] -= units(one.sold)
                self.cash[one.bought_currency] += units(one.bought)

    def _dividend(self, one: Dividend) -> None:
        held = self.positions.get(one.instrument)
        if held is None:
            return
        paid = worth(held.quantity, one.per_unit)
        # Of another currency than the instrument's, it is cash but no part of the instrument's own P&L.
        if one.currency == held.currency:
            held.dividends += paid
        self.cash[one.currency] += paid

    def _charge(self, one: Charge) -> None:
        self.cash[one.currency] -= units(one.amount)
        if one.instrument is None:
            return
        held = self.positions.get(one.instrument)
        if held is None:
            raise LedgerError(f"Charge {one.id} is for {one.instrument}, which was never traded.", one)
        if one.currency == held.currency:
            held.charges += units(one.amount)
