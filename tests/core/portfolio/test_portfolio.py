"""Risk and return against other people's libraries: empyrical-reloaded 0.7.1 and scipy 1.17.1, run once on the closes
of the sample's last 600 days of GOOG and MSFT; and small cases worked by hand.
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from core.errors import ParameterError
from core.portfolio import (
    beta,
    compare,
    concentration,
    correlations,
    drawdown,
    historical_tail,
    money_weighted,
    parametric_tail,
    simple_returns,
    time_weighted,
    volatility,
)
from tests.real_bars import sample_bars

DAY = 86_400_000
GOOG, MSFT = (sample_bars(name, 600).close for name in ("GOOG", "MSFT"))
RETURNS, OTHERS = simple_returns(GOOG), simple_returns(MSFT)


def close(value: float) -> object:
    return pytest.approx(value, rel=1e-9)


def test_tails_are_those_of_empyrical_and_scipy():
    for level, var, cvar in (
        (0.95, 0.022261532132624273, 0.03741676228440247),
        (0.99, 0.042608445454345334, 0.06698129523702216),
    ):
        tail = historical_tail(RETURNS, level)
        assert tail is not None
        assert (tail.var, tail.cvar, tail.count) == (close(var), close(cvar), 599)
    normal = parametric_tail(RETURNS)
    assert normal is not None
    assert (normal.var, normal.cvar) == (close(0.02657734665156546), pytest.approx(0.033532935652090395, rel=1e-6))


def test_co_movement_and_return_are_those_of_empyrical_and_scipy():
    assert volatility(RETURNS, 252) == close(0.264243451962174)
    assert beta(RETURNS, OTHERS) == close(0.5379757088834953)
    table = correlations(pd.DataFrame({"GOOG": RETURNS, "MSFT": OTHERS}))
    assert table.loc["GOOG", "MSFT"] == close(0.44009433549785054)
    fall = drawdown(GOOG)
    assert fall is not None
    assert fall.deepest == close(-0.2575707831089848)
    beside = compare(RETURNS, OTHERS, 252)
    assert beside is not None
    assert (beside.portfolio, beside.tracking_error) == (close(0.4891113614954101), close(0.2574404095878721))
    assert time_weighted(GOOG, np.zeros(600)) == close(0.4891113614954101)


def test_a_money_weighted_return_is_scipys_root():
    """1,000 at the start, 500 after 90 days, 300 out after 200; 1,350 after a year."""
    times = np.array([0, 90, 200, 365]) * DAY
    assert money_weighted(times, np.array([1000.0, 500, -300, 0]), 1350) == close(0.12097006329405569)
    assert money_weighted([0], np.array([1000.0]), 1100) is None
    lost = money_weighted([0, 365 * DAY], np.array([1000.0, 0]), 100)
    assert lost == close(-0.9)


def test_a_payment_is_no_gain():
    """100 and 100 paid in become 220 (+10 %); 198 are left (-10 %); 100 are taken out of 217.8 (+10 %): 8.9 %."""
    equity, paid = np.array([100.0, 220.0, 198.0, 117.8]), np.array([100.0, 100.0, 0.0, -100.0])
    assert time_weighted(equity, paid) == close(0.089)
    with pytest.raises(ParameterError, match="nothing was left"):
        time_weighted(np.array([100.0, 0.0, 180.0]), np.zeros(3))


def test_a_large_deposit_on_a_day_of_loss_cannot_lose_more_than_all():
    """10,000 paid in beside 1,000; 100 bought at 100 close at 80: 9,000 of 11,000 are left, -18.18 %."""
    assert time_weighted(np.array([1_000.0, 9_000.0]), np.array([1_000.0, 10_000.0])) == close(-2 / 11)


def test_a_drawdown_knows_its_peak_trough_and_recovery():
    fall = drawdown(np.array([100.0, 120, 90, 60, 110, 120, 119]))
    assert fall is not None
    assert (fall.deepest, fall.peak, fall.trough, fall.recovery, fall.longest) == (-0.5, 1, 3, 5, 3)
    assert fall.current == close(119 / 120 - 1)
    under = drawdown(np.array([100.0, 50]))
    assert under is not None
    assert under.recovery is None


def test_concentration_counts_shorts_and_warns_in_words():
    found = concentration({"A": Decimal(600), "B": Decimal(-200), "C": Decimal(200), "D": Decimal(0)})
    assert found is not None
    assert (found.index, found.effective, found.shares["A"]) == (close(0.44), close(1 / 0.44), close(0.6))
    assert found.warnings == ("A is 60% of all holdings.", "The holdings are as concentrated as 2.3 equal positions.")
    even = concentration({name: Decimal(5) for name in "ABCDE"})
    assert even is not None
    assert (even.index, even.warnings) == (close(0.2), ())


def test_too_little_is_no_figure():
    few = RETURNS[:19]
    found = [historical_tail(few), parametric_tail(few), volatility(few, 252), beta(few, few), drawdown(few[:0])]
    assert found == [None] * 5
    assert beta(RETURNS, np.zeros(599)) is None
    assert concentration({}) is None
    with_hole = np.append(RETURNS, np.nan)
    assert historical_tail(with_hole) == historical_tail(RETURNS)
    with pytest.raises(ParameterError, match="no confidence level"):
        historical_tail(RETURNS, 0.05)
