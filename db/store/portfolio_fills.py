"""The fills of an account as columns: a hundred thousand in a fraction of a second, every amount still exact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlmodel import Session, col

from core.bars import Floats, Times
from core.ledger.units import UNIT, share, units, worth
from core.risk import exact
from db.models import Trade, TradeFill
from db.store.moments import to_ms

_WHOLE_FLOATS = 2.0**53


@dataclass(frozen=True)
class FillTable:
    """Fills in the order of (time, id), shape (n,) each.

    `time` in UTC ms; `sign` +1 for bought, -1 for sold; `quantity` (positive), `fee` and `swap` (costs) in 1e-8;
    `stated` what the broker says an exit made before costs, in 1e-8, by row.
    """

    id: Times
    trade: Times
    symbol: Times
    time: Times
    sign: Times
    entry: NDArray[np.bool_]
    quantity: Times
    price: Floats
    fee: Times
    swap: Times
    stated: Mapping[int, int]

    def __len__(self) -> int:
        return len(self.id)


def read_fills(session: Session, account_id: int) -> FillTable:
    """Every fill of an account's trades that were not cleared."""
    fill, trade = TradeFill.__table__, Trade.__table__  # type: ignore[attr-defined]
    names = ("id", "trade_id", "price", "at", "quantity", "fee", "swap", "stated")
    query = select(*(fill.c[name] for name in names), fill.c.kind == "entry", trade.c.symbol_id, trade.c.direction)
    query = query.join(trade, trade.c.id == fill.c.trade_id)
    query = query.where(fill.c.account_id == account_id, col(Trade.deleted_at).is_(None))
    with session.connection().execute(query) as result:
        # The driver's own tuples: row objects would cost as much again as the reading.
        rows = list(result.cursor.fetchall())
    ids, trades, price, at, *money, entries, symbols, direction = (
        zip(*rows, strict=True) if rows else [()] * (len(names) + 3)
    )
    quantity, fee, swap = (np.array(_money(one), np.int64) for one in money[:3])
    time, entry = _times(at), np.array(entries, np.bool_)
    order = np.lexsort((np.array(ids, np.int64), time))
    said = {place: one for place, one in enumerate(money[3]) if one is not None}
    place_of = {place: row for row, place in enumerate(order.tolist())} if said else {}
    return FillTable(
        id=np.array(ids, np.int64)[order],
        trade=np.array(trades, np.int64)[order],
        symbol=np.array(symbols, np.int64)[order],
        time=time[order],
        sign=(np.array(direction, np.int64) * np.where(entry, 1, -1))[order],
        entry=entry[order],
        quantity=quantity[order],
        price=np.array(price, np.float64)[order],
        fee=fee[order],
        swap=swap[order],
        stated={place_of[place]: one for place, one in zip(said, _money(list(said.values())), strict=True)},
    )


def values_of(table: FillTable, unit_values: Mapping[int, Decimal]) -> list[int]:
    """What each fill was worth (quantity x price x unit value, signed), in 1e-8, rounded once; by symbol's unit value.

    Exact in whole numbers where the price has at most eight places, else with the price as it is written.
    """
    scaled = np.rint(table.price * UNIT)
    fits = (scaled / UNIT == table.price) & (np.abs(scaled) < _WHOLE_FLOATS)
    counted = {symbol: units(value) for symbol, value in unit_values.items()}
    found, whole_unit = [], UNIT * UNIT
    columns = (table.symbol, table.sign * table.quantity, np.where(fits, scaled, 0).astype(np.int64), table.price, fits)
    for symbol, quantity, whole, price, fit in zip(*(one.tolist() for one in columns), strict=True):
        if not fit:
            found.append(worth(quantity, exact(price), unit_values[symbol]))
            continue
        product = quantity * whole * counted[symbol]
        made, rest = divmod(product, whole_unit)
        # Hardly ever is there something to round.
        found.append(share(product, 1, whole_unit) if rest else made)
    return found


def _money(values: Sequence[Any]) -> list[Any]:
    """Amounts as the driver gives them, in 1e-8: whole numbers already on SQLite, Decimals on PostgreSQL."""
    return [int(one.scaleb(8)) for one in values] if values and isinstance(values[0], Decimal) else list(values)


def _times(values: Sequence[Any]) -> Times:
    if values and isinstance(values[0], datetime):
        return np.array([to_ms(one) for one in values], np.int64)
    return np.array(values, "datetime64[us]").astype(np.int64) // 1000
