"""What an account is worth, in one currency, at prices and rates that are given. What is not known is not made up."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.errors import LedgerError
from core.ledger.book import Book
from core.ledger.position import Position
from core.ledger.units import amount, units, worth


class Rates:
    """What one unit of a currency was worth in `base`, as a step function of time."""

    def __init__(self, base: str, quotes: Mapping[str, Sequence[tuple[int, Decimal]]]) -> None:
        """`quotes` holds (UTC ms, rate) pairs by currency, in any order."""
        self.base = base
        self._quotes = {currency: sorted(pairs) for currency, pairs in quotes.items()}

    def at(self, currency: str, time: int) -> Decimal | None:
        """The newest rate not later than `time`; None when there is none. The base itself is 1."""
        if currency == self.base:
            return Decimal(1)
        pairs = self._quotes.get(currency, [])
        found = bisect_right(pairs, time, key=lambda pair: pair[0])
        return pairs[found - 1][1] if found else None


@dataclass(frozen=True)
class Holding:
    """An open position at a price; None for what a missing price or rate leaves unknown. `value` and `pnl` in base."""

    position: Position
    price: Decimal | None
    market_value: Decimal | None
    unrealised: Decimal | None
    value: Decimal | None
    pnl: Decimal | None


@dataclass(frozen=True)
class Valuation:
    """The account in `currency`. `invested` is the sum of the absolute values of the holdings.

    `equity` = cash + value of the holdings. Each is None when a price or rate that it needs is missing; `missing` names
    them, but for a currency of which nothing is held any more.
    """

    currency: str
    holdings: tuple[Holding, ...]
    cash: Decimal | None
    invested: Decimal | None
    equity: Decimal | None
    unrealised: Decimal | None
    realised: Decimal | None
    missing: tuple[str, ...]


def value(book: Book, prices: Mapping[str, Decimal], rates: Rates, time: int) -> Valuation:
    """The account at `time` (UTC ms). Amounts of other currencies are converted at that moment's rates, realised P&L
    too, and rounded to 1e-8 each.
    """
    missing: list[str] = []

    def convert(money: Decimal | None, currency: str, *, named: bool = True) -> Decimal | None:
        rate = rates.at(currency, time)
        if rate is None and named and currency not in missing:
            missing.append(currency)
        return None if rate is None or money is None else amount(worth(units(money), rate))

    holdings = []
    for one in book.open:
        price = prices.get(one.instrument)
        if price is None:
            missing.append(one.instrument)
        worth_ = None if price is None else one.market_value(price)
        gain = None if price is None else one.unrealised(price)
        converted = convert(worth_, one.currency), convert(gain, one.currency)
        holdings.append(Holding(one, price, worth_, gain, *converted))
    cash = _sum([convert(money, currency) for currency, money in sorted(book.cash.items()) if money])
    held = _sum([one.value for one in holdings])
    return Valuation(
        currency=rates.base,
        holdings=tuple(holdings),
        cash=cash,
        invested=_sum([None if one.value is None else abs(one.value) for one in holdings]),
        equity=None if cash is None or held is None else cash + held,
        unrealised=_sum([one.pnl for one in holdings]),
        realised=_sum(
            [convert(made, other, named=False) for one in book.positions.values() for other, made in _made(one)]
        ),
        missing=tuple(missing),
    )


def net_funding(book: Book, rates: Rates) -> Decimal:
    """What the owner paid in less what was taken out, each converted at the rate of its own moment.

    Raises:
        LedgerError: a rate is missing; `subject` is the funding.
    """
    total = 0
    for one in book.fundings:
        rate = rates.at(one.currency, one.time)
        if rate is None:
            raise LedgerError(f"There is no rate of {one.currency} in {rates.base} at funding {one.id}.", one)
        total += worth(units(one.amount), rate)
    return amount(total)


def _made(one: Position) -> list[tuple[str, Decimal]]:
    """What a position realised after all costs, by currency; without what is 0."""
    found = [(one.currency, one.net), *((currency, -cost) for currency, cost in one.foreign.items())]
    return [(currency, money) for currency, money in found if money]


def _sum(amounts: Sequence[Decimal | None]) -> Decimal | None:
    known = [one for one in amounts if one is not None]
    return sum(known, Decimal(0)) if len(known) == len(amounts) else None
