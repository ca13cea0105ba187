"""Returns against empyrical-reloaded 0.7.1 and quantstats 0.0.86 (pandas 3.1.1, numpy 2.4.6) on the same series."""

import math
from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from core.stats.returns import daily_returns, return_stats
from tests.core.stats.results import BASIS_POINTS

D = Decimal
RETURNS = np.array(BASIS_POINTS) / 1e4


def test_ratios_as_two_libraries_have_them():
    found = return_stats(RETURNS)
    assert found.sharpe == pytest.approx(2.523695357407156, rel=1e-12)
    assert found.sortino == pytest.approx(4.210841150926898, rel=1e-12)
    assert found.calmar == pytest.approx(16.60010641353622, rel=1e-12)
    assert found.annual_return == pytest.approx(0.33585978848791953, rel=1e-12)
    assert found.volatility == pytest.approx(0.11742780250008937, rel=1e-12)
    assert found.max_drawdown == pytest.approx(-0.02023238768000002, rel=1e-12)
    assert found.total == pytest.approx(0.029144310606600943, rel=1e-12)


def test_a_risk_free_rate_and_another_year():
    found = return_stats(RETURNS, risk_free=0.02)
    assert (found.sharpe, found.sortino) == pytest.approx((2.35337794045656, 3.890069202222377), rel=1e-12)
    daily = return_stats(RETURNS, 365)
    assert (daily.sharpe, daily.annual_return) == pytest.approx((3.0372678327919664, 0.5210855874593929), rel=1e-12)


def test_the_interval_of_the_sharpe_ratio():
    # Lo 2002, table 1: a ratio of 1.00 over 60 independent returns has a standard error of 0.158
    draw = np.array([1.0, -1.0] * 30)
    draw = draw / draw.std(ddof=1) + 1.0
    found = return_stats(draw, 1)
    assert found.sharpe == pytest.approx(1.0)
    assert found.sharpe_high - found.sharpe == pytest.approx(1.96 * 0.158, abs=1e-3)
    assert found.sharpe - found.sharpe_low == pytest.approx(1.96 * 0.158, abs=1e-3)


def test_too_few_days_say_nothing():
    none = return_stats(np.empty(0))
    assert (none.days, none.sharpe, none.total) == (0, None, None)
    one = return_stats(np.array([0.01]))
    assert (one.sharpe, one.volatility, one.sortino, one.calmar, one.max_drawdown) == (None, None, None, None, 0.0)
    same = return_stats(np.full(9, 0.001))
    assert (same.sharpe, same.volatility) == (None, pytest.approx(0, abs=1e-12))
    assert return_stats(np.array([-0.5, -1.0])).annual_return == -1.0
    assert return_stats(np.array([-0.1, 0.05])).max_drawdown == pytest.approx(-0.1)


def closes(*rows):
    return pd.DataFrame(
        {"closed_at": pd.to_datetime([row[0] for row in rows], utc=True), "pnl": [D(row[1]) for row in rows]}
    )


def test_days_between_count_as_zero_and_weekends_only_when_traded():
    # Thursday, Friday, Tuesday
    frame = closes(
        ("2026-11-05 10:00", 100), ("2026-11-05 12:00", 100), ("2026-11-06 10:00", -510), ("2026-11-10 10:00", 0)
    )
    found = daily_returns(frame, D(10_000))
    assert found.values.tolist() == pytest.approx([0.02, -0.05, 0.0, 0.0])
    assert (found.days[0], found.days[-1], found.periods) == (date(2026, 11, 5), date(2026, 11, 10), 252)
    crypto = daily_returns(pd.concat([frame, closes(("2026-11-08 23:30", 969))]), D(10_000), "Asia/Tokyo")
    # in Tokyo that Sunday evening is Monday: still no weekend
    assert (crypto.periods, len(crypto.days), crypto.values[2]) == (252, 4, pytest.approx(0.1))
    utc = daily_returns(pd.concat([frame, closes(("2026-11-08 23:30", 969))]), D(10_000))
    assert (utc.periods, len(utc.days), utc.values[3]) == (365, 6, pytest.approx(0.1))


def test_money_paid_in_counts_from_the_next_day():
    frame = closes(("2026-11-05 10:00", 100), ("2026-11-06 10:00", 303), ("2026-11-09 10:00", 0))
    cash = [(datetime(2026, 11, 5, 9, tzinfo=UTC), D(20_200)), (datetime(2026, 11, 6, 9, tzinfo=UTC), D(-50_000))]
    found = daily_returns(frame, D(10_000), cash=cash)
    # after the withdrawal there is nothing left to divide by
    assert found.values.tolist() == pytest.approx([0.01, 0.01], abs=1e-12)
    assert not math.isnan(found.values.sum())
    assert daily_returns(closes(), D(1)).days == ()
