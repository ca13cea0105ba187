"""An account as its records leave it."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from core.errors import LedgerError
from core.ledger.position import Method, Position, Running
from core.ledger.records import Charge, Dividend, Exchange, Fill, Funding, Record, Split, in_order
from core.ledger.units import amount, units, worth


class Market(NamedTuple):
    """What the fills of an instrument have in common."""

    currency: str
    unit_value: Decimal


class Trade(NamedTuple):
    """A `Fill` in whole numbers of 1e-8. `value` is quantity x price x unit value, signed as the quantity."""

    time: int
    id: str
    instrument: str
    quantity: int
    value: int
    fee: int


@dataclass(frozen=True)
class Payment:
    """What a dividend brought to a position: negative for a short one, which pays it."""

    id: str
    time: int
    instrument: str
    currency: str
    amount: Decimal


@dataclass(frozen=True)
class Book:
    """Positions by instrument (flat ones too: they hold realised P&L), cash by currency, the owner's fundings and the
    dividends that were paid.
    """

    positions: dict[str, Position]
    cash: dict[str, Decimal]
    fundings: tuple[Funding, ...]
    payments: tuple[Payment, ...] = ()

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
    return running.book()


def replay_trades(
    markets: Mapping[str, Market], trades: Sequence[Trade], others: Iterable[Record], method: Method = Method.AVERAGE
) -> Book:
    """The same from fills that are counted already, several times as fast; no position has its `closings`.

    `trades` have to be in the order of (time, id), each once; `others` are all records but fills.

    Raises:
        LedgerError: as `replay`.
    """
    running = _Replay(method, closings=False)
    place = 0
    for one in in_order(others):
        moment = (one.time, one.id)
        end = bisect_left(trades, moment, lo=place, key=lambda trade: (trade.time, trade.id))
        running.take_trades(markets, trades[place:end])
        running.take(one)
        place = end
    running.take_trades(markets, trades[place:])
    return running.book()


class _Replay:
    def __init__(self, method: Method, *, closings: bool = True) -> None:
        self.method, self.closings = method, closings
        self.positions: dict[str, Running] = {}
        self.cash: defaultdict[str, int] = defaultdict(int)
        self.fundings: list[Funding] = []
        self.payments: list[Payment] = []

    def book(self) -> Book:
        return Book(
            {name: one.snapshot() for name, one in self.positions.items()},
            {currency: amount(whole) for currency, whole in self.cash.items()},
            tuple(self.fundings),
            tuple(self.payments),
        )

    def take_trades(self, markets: Mapping[str, Market], trades: Iterable[Trade]) -> None:
        for time, key, instrument, quantity, value, fee in trades:
            held = self.positions.get(instrument) or self._begin(instrument, *markets[instrument])
            self.cash[held.currency] += held.trade(time, key, quantity, value, fee)

    def _begin(self, instrument: str, currency: str, unit_value: Decimal) -> Running:
        held = Running(instrument, currency, unit_value, self.method, closings=self.closings)
        self.positions[instrument] = held
        return held

    def take(self, one: Record) -> None:
        match one:
            case Fill():
                held = self.positions.get(one.instrument) or self._begin(one.instrument, one.currency, one.unit_value)
                self.cash[one.currency] += held.fill(one)
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
        if paid:
            self.payments.append(Payment(one.id, one.time, one.instrument, one.currency, amount(paid)))

    def _charge(self, one: Charge) -> None:
        self.cash[one.currency] -= units(one.amount)
        if one.instrument is None:
            return
        held = self.positions.get(one.instrument)
        if held is None:
            raise LedgerError(f"Charge {one.id} is for {one.instrument}, which was never traded.", one)
        if one.currency == held.currency:
            held.charges += units(one.amount)
        else:
            held.foreign[one.currency] = held.foreign.get(one.currency, 0) + units(one.amount)
