"""The records of a ledger as changes in time: what a daily curve is summed up from, in floats."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from core.ledger import Charge, Funding
from core.ledger.units import UNIT
from core.portfolio import DailyFlows
from db.store.portfolio_ledger import Ledger
from db.store.portfolio_records import parts

_Change = tuple[int, int, float]


@dataclass(frozen=True)
class Flows:
    """`held` counts units by place in `symbols` (ids), `money` by place in `currencies`, `paid` the owners' fundings
    likewise.
    """

    symbols: tuple[int, ...]
    currencies: tuple[str, ...]
    held: DailyFlows
    money: DailyFlows
    paid: DailyFlows

    @property
    def began(self) -> int | None:
        """When the first thing happened (UTC ms); None where nothing did."""
        first = [int(one.time[0]) for one in (self.held, self.money) if len(one.time)]
        return min(first, default=None)


def flows_of(ledger: Ledger) -> Flows:
    """Of all accounts together."""
    symbols = tuple(ledger.symbols)
    place = {symbol: at for at, symbol in enumerate(symbols)}
    held: list[_Change] = []
    money: list[tuple[int, str, float]] = []
    paid: list[tuple[int, str, float]] = []
    for one in ledger.accounts.values():
        known = {key: (place[parts(key)[1]], ledger.symbols[parts(key)[1]].currency) for key in one.book.positions}
        for time, _, name, quantity, value, fee in one.trades:
            column, currency = known[name]
            held.append((time, column, quantity / UNIT))
            money.append((time, currency, -(value + fee) / UNIT))
        for record in one.others:
            if isinstance(record, Charge):
                money.append((record.time, record.currency, -float(record.amount)))
            elif isinstance(record, Funding):
                money.append((record.time, record.currency, float(record.amount)))
                paid.append((record.time, record.currency, float(record.amount)))
        money += [(row.time, row.currency, float(row.amount)) for row in one.book.payments]
    held += _splits(ledger, held, place)
    currencies = tuple(sorted({currency for _, currency, _ in money}))
    at_place = {currency: at for at, currency in enumerate(currencies)}
    return Flows(
        symbols,
        currencies,
        _flows(held),
        *(_flows((time, at_place[currency], change) for time, currency, change in one) for one in (money, paid)),
    )


def _splits(ledger: Ledger, held: list[_Change], place: dict[int, int]) -> list[_Change]:
    """What each split added, given what was held before it."""
    found: list[_Change] = []
    for row in ledger.actions:
        if row.kind == "split":
            column = place[row.symbol_id]
            before = sum(change for time, at, change in [*held, *found] if at == column and time < row.at)
            found.append((row.at, column, before * ((row.new or 1) / (row.old or 1) - 1)))
    return found


def _flows(changes: Iterable[_Change]) -> DailyFlows:
    rows = sorted(changes)
    time, column, change = zip(*rows, strict=True) if rows else ((), (), ())
    return DailyFlows(np.array(time, np.int64), np.array(column, np.int64), np.array(change, np.float64))
