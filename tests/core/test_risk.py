"""Position size and profit: exact money."""

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.errors import ParameterError
from core.risk import Sizing, position_size, profit, risk_at_stop, whole_lots

D = Decimal
PRICES = st.decimals("0.0001", "100000", places=4).map(float)
POSITIVE = st.decimals("0.01", "100000", places=2)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        # 0.5 % of 100,000 = 500; 2 a unit: 250 units lose exactly 500
        ((D(100_000), D("0.5"), 100.0, 98.0, D(1), D(1)), Sizing(D(250), D(500))),
        # short, 20 pips of EURUSD, one lot = 100,000 units: 200 a lot, 2.5 lots
        ((D(100_000), D("0.5"), 1.1, 1.102, D(100_000), D("0.01")), Sizing(D("2.50"), D(500))),
        # 1 % of 10,000 = 100; 3 a unit: 33 units lose 99, a 34th would be too much
        ((D(10_000), D(1), 50.0, 47.0, D(1), D(1)), Sizing(D(33), D(99))),
        # lots of 100 shares, 1.25 a share: 400 shares lose 500, exactly the budget
        ((D(50_000), D(1), 20.0, 18.75, D(1), D(100)), Sizing(D(400), D(500))),
        # a binary float would make 0.3 - 0.1 less than 0.2 and give one lot too many
        ((D(100), D(1), 0.3, 0.1, D(1), D("0.1")), Sizing(D("5.0"), D(1))),
    ],
)
def test_sizes_worked_by_hand(case, expected):
    assert position_size(*case) == expected


@given(
    balance=POSITIVE,
    percent=st.decimals("0.01", "100", places=2),
    entry=PRICES,
    stop=PRICES,
    point_value=POSITIVE,
    lot_step=st.sampled_from([D("0.00000001"), D("0.01"), D(1), D(100)]),
)
def test_the_risk_stays_within_the_budget_and_one_more_lot_would_not(
    balance, percent, entry, stop, point_value, lot_step
):
    assume(entry != stop)
    budget = Fraction(balance) * Fraction(percent) / 100
    per_unit = abs(Fraction(str(entry)) - Fraction(str(stop))) * Fraction(point_value)
    lots = math.floor(budget / (per_unit * Fraction(lot_step)))
    if not 0 < lots * Fraction(lot_step) < 10**10:
        with pytest.raises(ParameterError):
            position_size(balance, percent, entry, stop, point_value, lot_step)
        return
    sizing = position_size(balance, percent, entry, stop, point_value, lot_step)
    assert Fraction(sizing.risk) == Fraction(sizing.quantity) * per_unit <= budget
    assert (Fraction(sizing.quantity) + Fraction(lot_step)) * per_unit > budget
    assert whole_lots(sizing.quantity, lot_step)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"stop": 100.0}, "The stop equals the entry"),
        ({"balance": D(10)}, "raise the risk or choose a closer stop"),
        ({"balance": D(0)}, "choose a funded account"),
        ({"risk_percent": D(0)}, "set it above 0"),
        ({"risk_percent": D("NaN")}, "set it above 0"),
        ({"risk_percent": D(101)}, "set it above 0"),
        ({"entry": math.nan}, "have to be positive prices"),
        ({"stop": math.inf}, "have to be positive prices"),
        ({"stop": -1.0}, "have to be positive prices"),
        ({"lot_step": D(0)}, "correct the symbol"),
        ({"point_value": D(-1)}, "correct the symbol"),
        ({"stop": math.nextafter(100.0, 0)}, "move it further away"),
    ],
)
def test_what_has_no_size_is_refused_with_what_to_change(change, sentence):
    plain = {"balance": D(100_000), "risk_percent": D("0.5"), "entry": 100.0, "stop": 98.0}
    with pytest.raises(ParameterError, match=sentence):
        position_size(**{**plain, "point_value": D(1), "lot_step": D(1)} | change)


def test_profit_is_exact_and_signed_by_the_direction():
    assert profit(1, 100.0, 100.1, D(3), D(1)) == D("0.3")
    assert profit(-1, 100.0, 100.1, D(3), D(1)) == D("-0.3")
    assert profit(-1, 1.1, 1.0975, D("2.5"), D(100_000)) == D(625)
    assert risk_at_stop(D(250), 98.0, 100.0, D(1)) == risk_at_stop(D(250), 100.0, 98.0, D(1)) == D(500)


def test_whole_lots():
    assert whole_lots(D("0.30"), D("0.1"))
    assert not whole_lots(D("0.35"), D("0.1"))
