"""The records of a ledger as changes in time: what a daily curve is summed up from, in floats."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from core.ledger import Charge, Exchange, Funding
from core.ledger.units import UNIT
from core.portfolio import DailyFlows
from db.store.portfolio.ledger import Ledger

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
    currencies = tuple(sorted(_currencies(ledger)))
    column = {symbol: at for at, symbol in enumerate(symbols)}
    place = {currency: at for at, currency in enumerate(currencies)}
    of_symbol = {symbol: place[row.currency] for symbol, row in ledger.symbols.items()}
    held, money, paid = [_flows([])], [_flows([])], [_flows([])]
    for one in ledger.accounts.values():
        traded = one.fills.symbol.tolist()
        quantity = np.array([trade.quantity for trade in one.trades], np.float64) / UNIT
        spent = np.array([trade.value + trade.fee for trade in one.trades], np.float64) / UNIT
        held.append(DailyFlows(one.fills.time, np.array([column[key] for key in traded], np.int64), quantity))
        money.append(DailyFlows(one.fills.time, np.array([of_symbol[key] for key in traded], np.int64), -spent))
        fundings = [row for row in one.others if isinstance(row, Funding)]
        paid.append(_flows((row.time, place[row.currency], float(row.amount)) for row in fundings))
        charges = [row for row in one.others if isinstance(row, Charge)]
        money += [paid[-1], _flows((row.time, place[row.currency], -float(row.amount)) for row in charges)]
        money.append(_flows((row.time, place[row.currency], float(row.amount)) for row in one.book.payments))
        changed = [row for row in one.others if isinstance(row, Exchange)]
        money.append(_flows((row.time, place[row.sold_currency], -float(row.sold)) for row in changed))
        money.append(_flows((row.time, place[row.bought_currency], float(row.bought)) for row in changed))
    units = _joined(held)
    return Flows(symbols, currencies, _joined([units, _splits(ledger, units, column)]), _joined(money), _joined(paid))


def _currencies(ledger: Ledger) -> set[str]:
    """Of everything that was ever paid."""
    found = {row.currency for row in ledger.symbols.values()}
    for one in ledger.accounts.values():
        found |= {row.currency for row in one.others if isinstance(row, Charge | Funding)}
        found |= {row.currency for row in one.book.payments}
        changed = [row for row in one.others if isinstance(row, Exchange)]
        found |= {currency for row in changed for currency in (row.sold_currency, row.bought_currency)}
    return found


def _splits(ledger: Ledger, held: DailyFlows, column: dict[int, int]) -> DailyFlows:
    """What each split added, given what was held before it."""
    found: list[_Change] = []
    for row in ledger.actions:
        if row.kind == "split":
            at = column[row.symbol_id]
            before = float(held.change[(held.column == at) & (held.time < row.at)].sum())
            before += sum(change for time, other, change in found if other == at and time < row.at)
            found.append((row.at, at, before * ((row.new or 1) / (row.old or 1) - 1)))
    return _flows(found)


def _joined(parts: Sequence[DailyFlows]) -> DailyFlows:
    """All of them in the order of time."""
    time = np.concatenate([one.time for one in parts])
    order = np.argsort(time, kind="stable")
    column, change = (np.concatenate([getattr(one, name) for one in parts])[order] for name in ("column", "change"))
    return DailyFlows(time[order], column, change)


def _flows(changes: Iterable[_Change]) -> DailyFlows:
    rows = sorted(changes)
    time, column, change = zip(*rows, strict=True) if rows else ((), (), ())
    return DailyFlows(np.array(time, np.int64), np.array(column, np.int64), np.array(change, np.float64))
