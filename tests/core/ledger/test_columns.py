"""The compiled replay says exactly what the exact one says, or refuses."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.errors import LedgerError
from core.ledger import Fill, replay
from core.ledger.columns import FillColumns, replay_columns
from core.ledger.units import share, units
from core.ledger.wide import LIMIT
from core.ledger.wide import share as wide_share

BIG = st.integers(-int(LIMIT), int(LIMIT))


@settings(max_examples=150)
@given(BIG, BIG, BIG.filter(bool))
@example(int(LIMIT), int(LIMIT), int(LIMIT))
@example(1, 1, 2)
@example(3, 1, 2)
@example(-(2**62), 3, 2**62 + 1)
@example(2**62 + 12345, 2**61 + 999, 2**32 - 1)
def test_128_bits_agree_with_python_or_say_that_they_do_not_fit(total: int, part: int, of: int):
    exact = share(total, part, of)
    result, fits = wide_share(np.int64(total), np.int64(part), np.int64(of))
    assert fits == (abs(exact) <= int(LIMIT))
    assert not fits or result == exact


def columns(fills: list[Fill]) -> FillColumns:
    names = sorted({one.instrument for one in fills})
    return FillColumns(
        np.array([one.time for one in fills], np.int64),
        pd.Series([one.id for one in fills]),
        np.array([names.index(one.instrument) for one in fills], np.int64),
        np.array([units(one.quantity) for one in fills], np.int64),
        np.array([units(one.price) for one in fills], np.int64),
        np.array([units(one.fee) for one in fills], np.int64),
        len(names),
    )


def random_fills(count: int, seed: int) -> list[Fill]:
    """Fills of three instruments with awkward decimals, many at the same time, a tenth of them twice, out of order."""
    random = np.random.default_rng(seed)
    fills = [
        Fill(
            f"x{number}",
            int(random.integers(0, count // 3)),
            "ABC"[random.integers(3)],
            "USD",
            Decimal(int(random.integers(1, 10**11)) * int(random.choice([-1, 1]))).scaleb(-8),
            Decimal(int(random.integers(1, 10**13))).scaleb(-8),
            fee=Decimal(int(random.integers(-100, 10**6))).scaleb(-8),
        )
        for number in range(count)
    ]
    fills += [fills[at] for at in random.integers(0, count, count // 10)]
    return [fills[at] for at in random.permutation(len(fills))]


def test_positions_agree_to_the_last_digit():
    fills = random_fills(3_000, 7)
    totals = replay_columns(columns(fills))
    for code, (_, position) in enumerate(sorted(replay(fills).positions.items())):
        for name in ("quantity", "cost", "realised", "fees", "cash_flow"):
            assert getattr(totals, name)[code] == units(getattr(position, name)), name
    assert totals.fills.sum() == 3_000


def test_what_does_not_fit_is_refused():
    huge = Fill("huge", 1, "A", "USD", Decimal(10**8), Decimal(10**8))
    with pytest.raises(LedgerError, match="use the exact replay"):
        replay_columns(columns([huge]))
    assert replay([huge]).positions["A"].cost == Decimal(10**16)


def test_one_id_with_two_contents_is_refused():
    first = Fill("x1", 1, "A", "USD", Decimal(1), Decimal(5))
    with pytest.raises(LedgerError, match="x1 came with two contents"):
        replay_columns(columns([first, Fill("x1", 2, "A", "USD", Decimal(1), Decimal(5))]))
