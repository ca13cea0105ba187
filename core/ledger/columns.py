"""Positions from millions of fills at once, at average price: the arithmetic of `core.ledger.replay`, compiled.

It agrees with `replay(..., Method.AVERAGE)` to the last 1e-8. Amounts are 64-bit whole numbers of 1e-8, products are
computed in 128 bits. What does not fit (a quantity or a sum of money above 23,058,430,092 in one instrument) is
refused, never wrapped: the exact but slower `replay` has no such limit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numba import njit
from numpy.typing import NDArray

from core.errors import LedgerError
from core.ledger.units import UNIT
from core.ledger.wide import LIMIT, share

Whole = NDArray[np.int64]
QUANTITY, COST, REALISED, FEES, CASH_FLOW, COUNT = range(6)


@dataclass(frozen=True)
class FillColumns:
    """Fills as arrays of shape (n,), in any order, with repeats.

    `time` in UTC ms; `id` strings; `instrument` codes 0 <= code < `instruments`; `quantity` (signed), `price` (money of
    one unit: price times unit value) and `fee` in 1e-8.
    """

    time: Whole
    id: pd.Series[str]
    instrument: Whole
    quantity: Whole
    price: Whole
    fee: Whole
    instruments: int


@dataclass(frozen=True)
class Totals:
    """By instrument, shape (instruments,), in 1e-8, named as in `core.ledger.Position`; `fills` is a count."""

    quantity: Whole
    cost: Whole
    realised: Whole
    fees: Whole
    cash_flow: Whole
    fills: Whole


def replay_columns(fills: FillColumns) -> Totals:
    """Totals of every instrument: the same for any order of arrival and any number of repeats.

    Raises:
        LedgerError: an id came with two contents, a fill trades nothing, or a sum does not fit 64 bits.
    """
    order = _order(fills)
    arrays = (fills.instrument, fills.quantity, fills.price, fills.fee)
    sums, failed = _replay(*(np.ascontiguousarray(one[order]) for one in arrays), fills.instruments)
    if failed >= 0:
        raise LedgerError(
            f"Fill {fills.id.iloc[order[failed]]} trades nothing, or makes a sum exceed 64 bits: use the exact replay.",
            int(order[failed]),
        )
    return Totals(*(sums[:, column].copy() for column in range(COUNT + 1)))


def _order(fills: FillColumns) -> Whole:
    """Positions of the fills that count, by (time, id)."""
    rows = _distinct(fills)
    time = fills.time[rows]
    if np.any(time[1:] < time[:-1]):
        rows = rows[np.argsort(time)]
        time = fills.time[rows]
    same = time[1:] == time[:-1]
    if same.any():
        tied = np.append(same, False) | np.append(False, same)
        block = rows[tied]
        rows[tied] = block[np.lexsort((fills.id.iloc[block].to_numpy(object), fills.time[block]))]
    return rows


def _distinct(fills: FillColumns) -> Whole:
    """First row of every id, after checking that its repeats say the same."""
    codes, _ = pd.factorize(fills.id)
    seen = np.maximum.accumulate(codes)
    # Codes are given out in order of appearance: a row is new when its code is above all before it.
    new = np.append(True, codes[1:] > seen[:-1])[: len(codes)]
    first = np.flatnonzero(new)
    later = np.flatnonzero(~new)
    known = first[codes[later]]
    for column in (fills.time, fills.instrument, fills.quantity, fills.price, fills.fee):
        if (differs := np.flatnonzero(column[known] != column[later])).size:
            row = int(later[differs[0]])
            raise LedgerError(
                f"Record {fills.id.iloc[row]} came with two contents: the source has to say which holds.", row
            )
    return first


@njit(cache=True)
def _replay(instrument: Whole, quantity: Whole, price: Whole, fee: Whole, count: int) -> tuple[Whole, int]:
    """Sums of shape (count, 6), and the row at which it failed or -1."""
    sums = np.zeros((count, 6), np.int64)
    for row in range(len(quantity)):
        one = sums[instrument[row]]
        traded = quantity[row]
        value, fits = share(traded, price[row], np.int64(UNIT))
        if traded == 0 or not fits or not _room(one, traded, value, fee[row]):
            return sums, row
        held = one[QUANTITY]
        opening, open_value = traded, value
        if (held < 0) != (traded < 0) and held != 0:
            closing = -held if abs(traded) > abs(held) else traded
            part, cost = value, one[COST]
            if closing != traded:
                part, fits = share(value, closing, traded)
            elif closing != -held:
                cost, fits = share(cost, -closing, held)
            if not fits:
                return sums, row
            one[REALISED] -= part + cost
            one[COST] -= cost
            opening, open_value = traded - closing, value - part
        one[COST] += open_value if opening != 0 else 0
        one[QUANTITY] = held + traded
        one[CASH_FLOW] -= value
        one[FEES] += fee[row]
        one[COUNT] += 1
    return sums, -1


@njit(cache=True)
def _room(one: Whole, traded: int, value: int, fee: int) -> bool:
    """Whether every sum stays within 64 bits, whatever the order of what is added to it."""
    room = np.int64(LIMIT) // 4
    for now, more in ((QUANTITY, traded), (COST, value), (REALISED, value), (CASH_FLOW, value), (FEES, fee)):
        if abs(one[now]) > room or abs(more) > room:
            return False
    return True
