"""Journal statistics against a table worked by hand."""

import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ParameterError
from core.stats.journal import JournalStats, equity_curve, journal_stats, wilson_interval

D = Decimal
DAY = datetime(2026, 11, 20, tzinfo=UTC)
# trade  P&L      R      balance from 10,000
# 1      +150.00  +1.5   10,150.00
# 2       -50.10  -0.5   10,099.90
# 3         0.00   0.0   10,099.90
# 4      +300.30   -     10,400.20
# 5      -100.00  -1.0   10,300.20
PNL = [D("150"), D("-50.10"), D("0"), D("300.30"), D("-100")]
R = [1.5, -0.5, 0.0, None, -1.0]
BALANCES = [10_150.0, 10_099.9, 10_099.9, 10_400.2, 10_300.2]


def closed(pnl=PNL, order=(0, 1, 2, 3, 4)):
    times = [DAY + timedelta(days=position) for position in range(len(pnl))]
    return pd.DataFrame({"closed_at": [times[i] for i in order], "pnl": [pnl[i] for i in order]})


def test_golden_table():
    stats = journal_stats(PNL, R)
    assert (stats.closed, stats.wins, stats.losses, stats.break_even) == (5, 2, 2, 1)
    assert stats.win_rate == 0.4
    assert (stats.gross_profit, stats.gross_loss, stats.net) == (D("450.30"), D("150.10"), D("300.20"))
    assert stats.profit_factor == 3.0
    assert stats.average_r == 0.0


def test_floats_count_as_they_are_written():
    assert journal_stats([0.1, 0.2]).net == D("0.3")
    assert journal_stats(np.array([0.1, 0.2])) == journal_stats(pd.Series([D("0.1"), D("0.2")]))


def test_no_trades_no_figures():
    assert journal_stats([]) == JournalStats(0, 0, 0, 0, None, None, None, None, D(0), D(0), D(0), None)


def test_no_loss_no_profit_factor_and_only_losses_make_it_zero():
    assert journal_stats([D(1), D(0)]).profit_factor is None
    assert journal_stats([D(-1)]).profit_factor == 0.0


def test_average_r_leaves_out_what_has_none():
    assert journal_stats(PNL, [math.nan, None, 1.0, 2.0, math.nan]).average_r == 1.5
    assert journal_stats(PNL, [None] * 5).average_r is None
    assert journal_stats(PNL).average_r is None


@pytest.mark.parametrize("missing", [None, math.nan, math.inf, D("NaN"), "1"])
def test_a_missing_profit_is_an_error(missing):
    with pytest.raises(ParameterError, match="Closed trade 1 has no P&L"):
        journal_stats([D(1), missing])


@pytest.mark.parametrize(
    ("wins", "count", "low", "high"),
    # Newcombe 1998, Statistics in Medicine 17:857, table I, method 3
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_interval_as_published(wins, count, low, high):
    assert wilson_interval(wins, count) == pytest.approx((low, high), abs=5e-5)


@given(st.lists(st.decimals(-10_000, 10_000, places=2), min_size=1), st.randoms())
def test_figures_do_not_depend_on_the_order_and_hold_together(pnl, random):
    stats, mixed = journal_stats(pnl), list(pnl)
    random.shuffle(mixed)
    assert journal_stats(mixed) == stats
    assert stats.net == sum(pnl)
    assert 0 <= stats.win_rate_low <= stats.win_rate <= stats.win_rate_high <= 1


def test_equity_curve_of_the_golden_table():
    curve = equity_curve(D(10_000), closed())
    assert curve["balance"].tolist() == BALANCES
    assert curve["time"].tolist() == [pd.Timestamp(DAY + timedelta(days=day)) for day in range(5)]


def test_equity_curve_is_in_the_order_of_time_and_may_begin_at_the_start():
    curve = equity_curve(D(10_000), closed(order=(3, 1, 4, 0, 2)), since=DAY - timedelta(days=1))
    assert curve["balance"].tolist() == [10_000.0, *BALANCES]
    assert curve["time"].is_monotonic_increasing


def test_equity_curve_of_nothing_is_empty_or_the_initial_balance():
    assert equity_curve(D(10_000), closed([], ())).empty
    assert equity_curve(D(10_000), closed([], ()), since=DAY)["balance"].tolist() == [10_000.0]


def test_pennies_do_not_drift():
    assert equity_curve(D(0), closed([D("0.1")] * 1000, range(1000)))["balance"].iloc[-1] == 100.0


def test_a_hundred_thousand_trades_add_up():
    pnl = [D(number % 7 - 3) for number in range(100_000)]
    frame = pd.DataFrame({"closed_at": pd.date_range(DAY, periods=100_000, freq="min"), "pnl": pnl})
    stats, curve = journal_stats(pnl, np.ones(100_000)), equity_curve(D(10_000), frame)
    assert curve["balance"].iloc[-1] == 10_000 + float(stats.net)
