"""What a trade is worth, by its fills: figures worked out by hand, and what has to hold for any fills."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ParameterError
from core.journal.figures import Fill, trade_figures

D = Decimal
START = datetime(2026, 11, 20, 12, tzinfo=UTC)


def fill(minute, kind, quantity, price, **more):
    costs = {name: D(str(more.pop(name))) for name in ("fee", "swap", "stated") if name in more}
    return Fill(kind == "in", D(str(quantity)), price, START + timedelta(minutes=minute), **costs, **more)


def test_scale_in_and_partial_close_by_average_cost():
    fills = [
        fill(0, "in", 100, 50.0, fee=1, stop=49.0),
        fill(1, "in", 100, 52.0, fee=1, stop=50.0),
        fill(2, "out", 50, 54.0, fee="0.5"),
        fill(3, "out", 150, 50.0, fee="1.5", swap="0.25"),
    ]
    found = trade_figures(1, fills, D(1))
    # Average cost 51: 50 x (54 - 51) = 150, then 150 x (50 - 51) = -150; costs 4.25.
    assert found.realised == (D(-1), D(-1), D("149.5"), D("-151.75"))
    assert (found.pnl, found.fees, found.swap) == (D("-4.25"), D(4), D("0.25"))
    assert (found.quantity, found.open_quantity, found.entry_price, found.exit_price) == (D(200), D(0), 51.0, 51.0)
    # 100 x 1 with the first stop and 100 x 2 with the second.
    assert (found.risk, found.r_multiple) == (D(300), float(D("-4.25") / 300))
    assert (found.status, found.closed_at) == ("closed", START + timedelta(minutes=3))


def test_what_is_open_has_its_own_average_after_a_partial_close():
    found = trade_figures(-1, [fill(0, "in", 2, 10.0), fill(1, "out", 1, 8.0), fill(2, "in", 1, 6.0)], D(10), 12.0)
    assert (found.status, found.open_quantity, found.entry_price, found.pnl) == ("open", D(2), 8.0, D(20))
    assert (found.risk, found.r_multiple, found.closed_at) == (D(100), None, None)


def test_without_a_stop_there_is_no_risk_and_no_r():
    found = trade_figures(1, [fill(0, "in", 1, 10.0), fill(1, "out", 1, 12.0)], D(1))
    assert (found.pnl, found.risk, found.r_multiple) == (D(2), None, None)
    # A stop beyond the entry, as a break-even stop in a broker's history, defines no risk either.
    assert trade_figures(1, [fill(0, "in", 1, 10.0), fill(1, "out", 1, 12.0)], D(1), 10.0).risk is None


def test_what_the_broker_states_counts():
    found = trade_figures(1, [fill(0, "in", 1, 150.0), fill(1, "out", 1, 151.0, stated="0.66", fee="0.06")], D(1))
    assert found.pnl == D("0.60")


@pytest.mark.parametrize(
    ("fills", "sentence"),
    [
        ([], "begins with an entry"),
        ([fill(0, "out", 1, 1.0)], "begins with an entry"),
        ([fill(0, "in", 1, 1.0), fill(1, "out", 2, 1.0)], "Only 1 is open"),
        ([fill(0, "in", 1, 1.0), fill(1, "out", 1, 1.0), fill(2, "in", 1, 1.0)], "was closed before"),
        ([fill(1, "in", 1, 1.0), fill(0, "out", 1, 1.0)], "follow each other in time"),
    ],
)
def test_fills_that_make_no_trade(fills, sentence):
    with pytest.raises(ParameterError, match=sentence):
        trade_figures(1, fills, D(1))


amounts = st.decimals("0.01", "1000", places=2)
prices = st.decimals("0.0001", "100000", places=4).map(float)


@settings(max_examples=60)
@given(st.lists(st.tuples(amounts, prices), min_size=1, max_size=6), st.lists(st.tuples(amounts, prices), max_size=5))
def test_money_in_and_out_is_the_result(entries, exits):
    """However it was scaled in and out, a closed long made what came in less what went out, to the last place."""
    fills = [fill(place, "in", size, price) for place, (size, price) in enumerate(entries)]
    held = sum(size for size, _ in entries)
    for size, price in [*exits, (held, entries[0][1])]:
        out = min(size, held)
        if out:
            fills.append(fill(len(fills), "out", out, price))
            held -= out
    if held:
        fills.append(fill(len(fills), "out", held, entries[0][1]))
    found = trade_figures(1, fills, D(1))
    worth = sum(Fraction(str(f.price)) * Fraction(f.quantity) * (-1 if f.entry else 1) for f in fills)
    assert found.open_quantity == 0
    assert abs(Fraction(found.pnl) - worth) <= Fraction(1, 2 * 10**8)
    assert sum(found.realised) == found.pnl
