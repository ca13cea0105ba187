"""Hit rate and expectancy of followed signals, worked by hand."""

import pandas as pd
import pytest

from core.stats.outcomes import outcome_stats, passed_on, stats_by


def test_figures_worked_by_hand():
    states = ["target", "stop", "stop", "expired", "open", "waiting", "never_filled"]
    found = outcome_stats(states, [2.0, -1.0, -1.0, 0.5, None, None, float("nan")])
    assert (found.ended, found.hits, found.open, found.waiting, found.never_filled) == (4, 1, 1, 1, 1)
    assert (found.hit_rate, found.expectancy) == (0.25, 0.125)
    # Wilson for 1 of 4: (0.25 + z2/8 -+ z sqrt(0.1875/4 + z2/64)) / (1 + z2/4) with z2 = 3.8415
    assert (found.hit_rate_low, found.hit_rate_high) == pytest.approx((0.0456, 0.6994), abs=5e-5)
    # deviations 1.875, -1.125, -1.125, 0.375: variance 6.1875 / 3, standard error sqrt(2.0625 / 4) = 0.7181, times
    # Student's 3.1824 for 3 degrees of freedom
    assert (found.expectancy_low, found.expectancy_high) == pytest.approx((0.125 - 2.2852, 0.125 + 2.2852), abs=1e-4)


def test_too_few_cases_say_nothing():
    none = outcome_stats(["open"], [None])
    assert (none.hit_rate, none.hit_rate_low, none.expectancy, none.expectancy_low) == (None, None, None, None)
    one = outcome_stats(["target"], [2.0])
    assert (one.hit_rate, one.expectancy, one.expectancy_low) == (1.0, 2.0, None)


def test_by_band():
    table = pd.DataFrame({"band": ["HIGH", "LOW", "HIGH"], "state": ["target", "stop", "stop"],
                          "result_r": [3.0, -1.0, -1.0]})  # fmt: skip
    found = stats_by(table, "band")
    assert (found["HIGH"].hit_rate, found["LOW"].hit_rate) == (0.5, 0.0)
    assert stats_by(table[:0], "band") == {}


def test_what_was_passed_on_worked_by_hand():
    rows = [
        ("accepted", None, "target", 2.0),
        ("accepted", None, "stop", -1.0),
        ("accepted", None, "open", None),
        ("rejected", "against the trend", "target", 3.0),
        ("rejected", "against the trend", "stop", -1.0),
        ("rejected", "news", "stop", -1.0),
        ("rejected", "", None, None),
        ("expired", None, "target", 1.5),
        ("expired", None, "never_filled", None),
        ("new", None, "open", None),
    ]
    found = passed_on(pd.DataFrame(rows, columns=["status", "reason", "state", "result_r"]))
    assert {name: one.signals for name, one in found.decisions.items()} == {"accepted": 3, "rejected": 4, "ignored": 2}
    assert (found.r_missed, found.r_saved) == (4.5, 2.0)
    assert list(found.by_reason) == ["against the trend", "ignored", "news", "rejected"]
    trend = found.by_reason["against the trend"]
    assert (trend.won_r, trend.lost_r, trend.net_r, trend.outcome.hit_rate) == (3.0, 1.0, 2.0, 0.5)
    assert (found.by_reason["news"].net_r, found.by_reason["rejected"].outcome.ended) == (-1.0, 0)
    # accepted 2, -1: mean 0.5, variance 4.5; passed on 3, -1, -1, 1.5: mean 0.625, variance 3.896
    # Welch: error sqrt(2.25 + 0.974) = 1.7955, degrees 3.224**2 / (2.25**2 / 1 + 0.974**2 / 3) = 1.93, so 1: t 12.706
    assert found.advantage == -0.125
    assert (found.advantage_low, found.advantage_high) == pytest.approx((-22.939, 22.689), abs=1e-3)


def test_nothing_passed_on():
    empty = pd.DataFrame({"status": ["new"], "reason": [None], "state": ["open"], "result_r": [None]})
    found = passed_on(empty)
    assert (found.r_missed, found.by_reason, found.advantage) == (0.0, {}, None)
    assert found.decisions["accepted"].outcome.hit_rate is None
