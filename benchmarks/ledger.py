"""How fast positions come out of a million fills, beside a plain pandas group-by.

Ours replays every fill in order at average price: quantity, cost, realised P&L, fees and cash flow of each instrument,
repeats found and checked, exact to 1e-8. The peer drops repeats and adds up quantity, cash flow and fees by instrument
in float64: it cannot know what was realised, because that depends on the order. `peer_realised` is the route that can:
the same frame, sorted, with a Python loop over each group. They take turns. Before anything is timed, ours is compared
with the Decimal ledger on a part of the same fills.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.timing import interleaved
from core.ledger import Fill, replay
from core.ledger.columns import FillColumns, replay_columns
from core.ledger.units import UNIT, amount, units

FILLS = 1_000_000
REPEATED = 10_000
INSTRUMENTS = 500
CHECKED = 20_000
ROUNDS = 5


def run() -> dict[str, Any]:
    """Fills replayed per second of ours and the peer; `ratio` is ours over the peer's."""
    columns = random_columns()
    frame = plain_frame(columns)
    check(columns)
    ours, peer, realised = interleaved(
        [lambda: replay_columns(columns), lambda: group_by(frame), lambda: group_by_realised(frame)], ROUNDS, [1, 1, 1]
    )
    return {
        "name": "ledger",
        "unit": "fills/s",
        "ours": round(FILLS / ours),
        "peer": round(FILLS / peer),
        "ratio": round(peer / ours, 2),
        "fills": FILLS,
        "repeated": REPEATED,
        "seconds": round(ours, 3),
        "positions_per_second": round(INSTRUMENTS / ours),
        "peer_positions_per_second": round(INSTRUMENTS / peer),
        "peer_realised": round(FILLS / realised),
        "ratio_realised": round(realised / ours, 1),
    }


def random_columns() -> FillColumns:
    """Fills of 500 instruments out of order, with 1 % repeats."""
    random = np.random.default_rng(7)
    quantity = random.integers(1, 1_000, FILLS) * random.choice([-1, 1], FILLS)
    arrival = random.permutation(np.append(np.arange(FILLS), random.integers(0, FILLS, REPEATED)))
    ids = np.array([f"0000e0d5.{number:08x}.01" for number in range(FILLS)], object)
    price = random.integers(100, 50_000, FILLS) * (UNIT // 100)
    columns = (random.integers(0, INSTRUMENTS, FILLS), quantity * UNIT, price, np.full(FILLS, UNIT))
    instrument, traded, money, fee = (column[arrival].astype(np.int64) for column in columns)
    return FillColumns(
        (1_700_000_000_000 + np.arange(FILLS) * 500)[arrival],
        pd.Series(ids[arrival]),
        instrument,
        traded,
        money,
        fee,
        INSTRUMENTS,
    )


def plain_frame(columns: FillColumns) -> pd.DataFrame:
    """The same fills as a table with prices and quantities as numbers."""
    return pd.DataFrame(
        {
            "time": columns.time,
            "id": columns.id,
            "instrument": columns.instrument,
            "quantity": columns.quantity / UNIT,
            "price": columns.price / UNIT,
            "fee": columns.fee / UNIT,
        }
    )


def group_by(frame: pd.DataFrame) -> pd.DataFrame:
    """What a few lines of pandas say: what is held, and what was paid."""
    once = frame.drop_duplicates("id")
    return once.assign(value=once.quantity * once.price).groupby("instrument")[["quantity", "value", "fee"]].sum()


def group_by_realised(frame: pd.DataFrame) -> pd.Series:
    """Realised P&L at average price the way it is usually written."""
    once = frame.drop_duplicates("id").sort_values(["time", "id"])
    return once.groupby("instrument")[["quantity", "price"]].apply(_realised)


def _realised(fills: pd.DataFrame) -> float:
    held = cost = realised = 0.0
    for traded, price in zip(fills.quantity.to_numpy(), fills.price.to_numpy(), strict=True):
        if held * traded < 0:
            closing = -held if abs(traded) > abs(held) else traded
            removed = cost * -closing / held
            realised -= closing * price + removed
            cost += (traded - closing) * price - removed
        else:
            cost += traded * price
        held += traded
    return realised


def check(columns: FillColumns) -> None:
    """Ours says what the exact ledger says, on the first fills."""
    part = replace(columns, **{name: getattr(columns, name)[:CHECKED] for name in _NAMES})
    fills = [
        Fill(one, int(time), str(code), "USD", amount(int(traded)), amount(int(price)), fee=amount(int(fee)))
        for time, one, code, traded, price, fee in zip(*(getattr(part, name) for name in _NAMES), strict=True)
    ]
    totals = replay_columns(part)
    for code, position in replay(fills).positions.items():
        exact: tuple[Decimal, ...] = (position.quantity, position.cost, position.realised, position.fees)
        assert tuple(units(one) for one in exact) == tuple(
            int(column[int(code)]) for column in (totals.quantity, totals.cost, totals.realised, totals.fees)
        ), code


_NAMES = ("time", "id", "instrument", "quantity", "price", "fee")
