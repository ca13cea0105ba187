"""The fills of an account as columns: a hundred thousand in a fraction of a second, every amount still exact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import case, select
from sqlmodel import Session, col

from core.bars import Floats, Times
from core.ledger.units import UNIT, amount, share, worth
from core.risk import exact
from db.models import Trade, TradeFill
from db.store.moments import to_ms

_WHOLE_FLOATS = 2.0**53


@dataclass(frozen=True)
class FillTable:
    """Fills in the order of (time, id), shape (n,) each.

    `time` in UTC ms; `sign` +1 for bought, -1 for sold; `quantity` (positive), `fee` and `swap` (costs) in 1e-8;
    `point_value` (of the trade, in the symbol's currency) in 1e-8. `stated` is what an exit made before costs in the
    account's currency, in 1e-8, by row: as the broker says, or as the journal booked it by the rate of a foreign trade.
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
    point_value: Times
    stated: Mapping[int, int]

    def __len__(self) -> int:
        return len(self.id)


def read_fills(session: Session, account_id: int) -> FillTable:
    """Every fill of an account's trades that were not cleared."""
    fill, trade = TradeFill.__table__, Trade.__table__  # type: ignore[attr-defined]
    names = ("id", "trade_id", "price", "at", "quantity", "fee", "swap")
    made = fill.c.realised + fill.c.fee + fill.c.swap
    stated = case(
        (fill.c.stated.is_(None) & (fill.c.kind == "exit") & (trade.c.fx_rate != 1), made), else_=fill.c.stated
    )
    told = (trade.c.point_value, stated, fill.c.kind == "entry", trade.c.symbol_id, trade.c.direction)
    query = select(*(fill.c[name] for name in names), *told)
    query = query.join(trade, trade.c.id == fill.c.trade_id)
    query = query.where(fill.c.account_id == account_id, col(Trade.deleted_at).is_(None))
    with session.connection().execute(query) as result:
        # The driver's own tuples: row objects would cost as much again as the reading.
        rows = list(result.cursor.fetchall())
    ids, trades, price, at, *money, entries, symbols, direction = (
        zip(*rows, strict=True) if rows else [()] * (len(names) + len(told))
    )
    quantity, fee, swap, point_value = (np.array(_money(one), np.int64) for one in money[:4])
    time, entry = _times(at), np.array(entries, np.bool_)
    order = np.lexsort((np.array(ids, np.int64), time))
    said = {place: one for place, one in enumerate(money[4]) if one is not None}
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
        point_value=point_value[order],
        stated={place_of[place]: one for place, one in zip(said, _money(list(said.values())), strict=True)},
    )


def values_of(table: FillTable) -> list[int]:
    """What each fill was worth (quantity x price x point value, signed), in 1e-8, rounded once.

    Exact in whole numbers where the price has at most eight places, else with the price as it is written.
    """
    scaled = np.rint(table.price * UNIT)
    fits = (scaled / UNIT == table.price) & (np.abs(scaled) < _WHOLE_FLOATS)
    found, whole_unit = [], UNIT * UNIT
    columns = (
        table.point_value,
        table.sign * table.quantity,
        np.where(fits, scaled, 0).astype(np.int64),
        table.price,
        fits,
    )
    for unit, quantity, whole, price, fit in zip(*(one.tolist() for one in columns), strict=True):
        if not fit:
            found.append(worth(quantity, exact(price), amount(unit)))
            continue
        product = quantity * whole * unit
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
