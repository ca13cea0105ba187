"""Statistics of trades against a table worked by hand and against published definitions."""

import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.stats.excursions import by_trade
from core.stats.intervals import mean_interval, student_t
from core.stats.journal import equity_curve, journal_stats
from core.stats.trades import kelly, sqn, streaks, trade_stats
from tests.core.stats.results import BASIS_POINTS

D = Decimal
DAY = datetime(2026, 11, 2, 18, tzinfo=UTC)
# trade  P&L    R      hours held   balance from 10,000
TABLE = [
    (200, 2.0, 2),  # 10,200
    (-100, -1.0, 1),  # 10,100
    (150, None, 4),  # 10,250, no stop
    (0, 0.0, 5),  # 10,250
    (-50, -0.5, 1),  # 10,200
    (-100, -1.0, 2),  # 10,100
    (-100, -1.0, 3),  # 10,000
    (300, 3.0, 6),  # 10,300
    (50, 0.5, 12),  # 10,350
    (-20, -0.2, 8),  # 10,330
]


def frame(rows=TABLE, order=None):
    order = range(len(rows)) if order is None else order
    closes = [DAY + timedelta(days=at) for at in order]
    return pd.DataFrame(
        {
            "status": "closed",
            "opened_at": pd.to_datetime(
                [close - timedelta(hours=rows[at][2]) for at, close in zip(order, closes, strict=True)]
            ),
            "closed_at": pd.to_datetime(closes),
            "pnl": [D(rows[at][0]) for at in order],
            "r_multiple": [rows[at][1] for at in order],
        }
    )


def test_the_table_worked_by_hand():
    stats = trade_stats(frame(), D(10_000))
    assert (stats.closed, stats.wins, stats.losses, stats.break_even) == (10, 4, 5, 1)
    assert (stats.win_rate, stats.decided_rate) == (0.4, pytest.approx(4 / 9))
    assert (stats.gross_profit, stats.gross_loss, stats.net, stats.expectancy) == (700, 370, 330, 33.0)
    assert (stats.average_win, stats.average_loss) == (175.0, 74.0)
    assert stats.payoff == pytest.approx(2.364865, abs=1e-6)
    assert stats.profit_factor == pytest.approx(1.891892, abs=1e-6)
    assert (stats.largest_win, stats.largest_loss) == (300, -100)
    # 177,010 / 9 is the variance, 140.2419 / sqrt(10) the error, 2.262157 Student's point for 9 degrees
    assert (stats.expectancy_low, stats.expectancy_high) == pytest.approx((-67.3230, 133.3230), abs=1e-3)
    # nine trades with R: sum 1.8, squares 16.54, variance 16.18 / 8; Student's point for 8 degrees is 2.306004
    assert (stats.with_r, stats.net_r, stats.average_r) == (9, pytest.approx(1.8), pytest.approx(0.2))
    assert (stats.average_r_low, stats.average_r_high) == pytest.approx((-0.893157, 1.293157), abs=1e-5)
    assert stats.sqn == pytest.approx(0.421898, abs=1e-6)
    assert stats.kelly == pytest.approx(0.209524, abs=1e-6)
    assert (stats.longest_wins, stats.longest_losses, stats.streak) == (2, 3, -1)
    assert (stats.hold_wins, stats.hold_wins_median) == (timedelta(hours=6), timedelta(hours=5))
    assert (stats.hold_losses, stats.hold_losses_median) == (timedelta(hours=3), timedelta(hours=2))


def test_the_drawdown_of_the_table():
    stats = trade_stats(frame(), D(10_000))
    fall = stats.drawdown
    assert (fall.amount, fall.share, stats.recovery_factor) == (250, pytest.approx(250 / 10_250), 1.32)
    assert [(moment - DAY).days for moment in (fall.began, fall.bottom, fall.recovered)] == [3, 6, 7]
    assert (fall.duration, fall.longest) == (timedelta(days=4), timedelta(days=4))
    under = trade_stats(frame(TABLE[:7]), D(10_000)).drawdown
    assert (under.recovered, under.duration) == (None, timedelta(days=3))
    first = trade_stats(frame([(-5, None, 3), (9, None, 1)]), D(100)).drawdown
    assert (first.amount, first.share, first.began) == (5, 0.05, DAY - timedelta(hours=3))
    assert trade_stats(frame([(1, 1.0, 1)])).drawdown is None


@pytest.mark.parametrize(
    ("paid", "amount", "share"),
    [
        (-5, 90_000, 9_000 / 100_100),  # before all of it: 100,100 fell to 91,100
        (0.5, 90_000, 9_000 / 100_100),  # after the best balance, before the first loss: the same money was there
        (1.5, 90_000, 1 - (1 - 4_000 / 10_100) * (1 - 5_000 / 96_100)),
        (1.5, -1_000, 1 - (1 - 4_000 / 10_100) * (1 - 5_000 / 5_100)),
        (9, 90_000, 9_000 / 10_100),
    ],
)
def test_money_paid_in_or_out_is_no_drawdown(paid, amount, share):
    table = frame([(100, None, 1), (-4_000, None, 1), (-5_000, None, 1), (300, None, 1)])
    fall = trade_stats(table, D(10_000), cash=[(DAY + timedelta(days=paid), D(amount))]).drawdown
    assert (fall.amount, fall.share) == (9_000, pytest.approx(share, rel=1e-12))


def test_daily_results_as_quantstats_has_them():
    # quantstats 0.0.86 on the same 25 days: profit_factor, payoff_ratio, kelly_criterion, consecutive_wins and _losses
    stats = trade_stats(frame([(one, None, 1) for one in BASIS_POINTS]))
    assert stats.profit_factor == pytest.approx(1.506896551724138)
    assert stats.payoff == pytest.approx(1.3813218390804598)
    assert stats.kelly == pytest.approx(0.17550492488309619)
    assert (stats.longest_wins, stats.longest_losses) == (2, 2)


def test_quality_number_and_kelly_as_published():
    # mean 0.5, squared deviations 20, so sqrt(8) * 0.5 / sqrt(20 / 7) = sqrt(0.7)
    assert sqn(np.array([2.0, -1, -1, 3, -1, 1, -1, 2])) == pytest.approx(math.sqrt(0.7))
    many = np.tile([2.0, -1.0], 200)
    assert sqn(many) == pytest.approx(10 * 0.5 / many.std(ddof=1))
    assert (sqn(np.array([1.0])), sqn(np.ones(5))) == (None, None)
    # the even-money coin that falls right in 60 of 100 throws: bet a fifth
    assert kelly(0.6, 1.0) == pytest.approx(0.2)
    assert kelly(0.5, 1.0) == 0.0
    assert kelly(None, 1.0) is None


@pytest.mark.parametrize(
    ("degrees", "point"),
    # scipy 1.17.1, stats.t.ppf(0.975, degrees)
    [
        (1, 12.706204736174694),
        (2, 4.302652729749462),
        (3, 3.1824463052837078),
        (7, 2.364624251592784),
        (30, 2.0422724563012378),
        (199, 1.9719565442517533),
        (201, 1.971836506779859),
        (100_000, 1.9599877075346095),
    ],
)
def test_student_points(degrees, point):
    assert student_t(degrees) == pytest.approx(point, rel=1e-9)


def test_students_own_sleep_data():
    # Student 1908, hours of sleep gained by ten patients: mean 2.33, and 0.90 to 3.76 at 95 %
    gained = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])
    assert mean_interval(gained) == pytest.approx((0.90, 3.76), abs=5e-3)
    assert mean_interval(gained[:1]) is None


def test_few_trades_say_little_and_none_nothing():
    none = trade_stats(frame([]))
    assert (none.closed, none.expectancy, none.sqn, none.kelly, none.drawdown, none.streak) == (
        0,
        None,
        None,
        None,
        None,
        0,
    )
    one = trade_stats(frame([(5, None, 1)]))
    assert (one.expectancy, one.expectancy_low, one.average_r, one.net_r) == (5.0, None, None, None)
    assert (one.payoff, one.profit_factor, one.largest_loss, one.hold_losses) == (None, None, None, None)


def test_open_trades_do_not_count():
    trades = frame()
    trades.loc[3, ["status", "pnl"]] = ["open", None]
    trades.loc[4, "closed_at"] = pd.NaT
    assert trade_stats(trades).closed == 8


def test_times_may_be_plain_objects_and_missing():
    trades = frame()
    trades["opened_at"] = [None, *trades["opened_at"].tolist()[1:]]
    trades["closed_at"] = trades["closed_at"].astype(object)
    stats = trade_stats(trades)
    assert (stats.closed, stats.hold_wins) == (10, timedelta(hours=22) / 3)


@settings(max_examples=40)
@given(st.lists(st.integers(-3, 3), max_size=40), st.randoms(use_true_random=False))
def test_figures_hold_together_in_any_order_of_rows(pnl, shuffle):
    rows = [(one, one / 2 if one % 2 else None, 1) for one in pnl]
    order = list(range(len(rows)))
    stats = trade_stats(frame(rows), D(100))
    shuffle.shuffle(order)
    assert trade_stats(frame(rows, order), D(100)) == stats
    assert {name: getattr(stats, name) for name in vars(journal_stats([]))} == vars(
        journal_stats([D(one) for one in pnl], [row[1] for row in rows])
    )
    runs, best = [0], 0
    for one in pnl:
        runs.append(runs[-1] + 1 if one > 0 else 0)
        best = max(best, runs[-1])
    assert stats.longest_wins == best
    balances = np.cumsum([100, *pnl])
    deepest = max(int(balances[: at + 1].max() - balances[at]) for at in range(len(balances)))
    assert (stats.drawdown.amount if stats.drawdown else 0) == deepest


def test_streaks_end_at_break_even():
    assert streaks(np.array([1.0, 1, 0, 1, -1, -1, 0])) == (2, 2, 0)


def test_excursions_of_a_long_a_short_and_what_is_not_known():
    trades = pd.DataFrame(
        {
            "status": "closed",
            "closed_at": pd.to_datetime([DAY] * 5),
            "pnl": [D(6), D(-2), D(1), D(1), D(3)],
            "direction": [1, -1, 1, 1, 1],
            "entry_price": [100.0] * 5,
            "exit_price": [106.0, 102.0, 101.0, 101.0, 103.0],
            "first_stop": [95.0, 104.0, None, 95.0, 95.0],
            "worst_price": [97.0, 103.0, 98.0, None, 101.0],
            "best_price": [110.0, 92.0, 102.0, None, 102.0],
        }
    )
    each = by_trade(trades)
    nan = math.nan
    assert each.mae_r == pytest.approx([-0.6, -0.75, nan, nan, 0.0], nan_ok=True)
    assert each.mfe_r == pytest.approx([2.0, 2.0, nan, nan, 0.6], nan_ok=True)
    # the last one left above the best stored price: that was the best then
    assert each.efficiency == pytest.approx([0.6, -0.25, 0.5, nan, 1.0], nan_ok=True)
    found = trade_stats(trades).excursions
    assert (found.trades, found.with_efficiency) == (3, 4)
    assert (found.mae_r, found.efficiency) == (pytest.approx(-0.45), pytest.approx(0.4625))
    assert (found.mae_r_wins, found.mfe_r_losses, found.efficiency_wins) == (-0.3, 2.0, pytest.approx(0.7))


def test_deposits_and_withdrawals_are_on_the_curve():
    cash = [(DAY + timedelta(hours=1), D(-500)), (DAY - timedelta(days=1), D(1_000)), (DAY + timedelta(days=1), D(7))]
    curve = equity_curve(D(10_000), frame(TABLE[:2]), DAY - timedelta(days=2), cash)
    assert curve["balance"].tolist() == [10_000, 11_000, 11_200, 10_700, 10_707, 10_607]
    assert curve["time"].is_monotonic_increasing
    assert str(curve["time"].dt.tz) == "UTC"
