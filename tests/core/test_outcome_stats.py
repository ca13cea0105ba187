"""Hit rate and expectancy of followed signals, worked by hand."""

import pandas as pd
import pytest

from core.stats.outcomes import outcome_stats, stats_by


def test_figures_worked_by_hand():
    states = ["target", "stop", "stop", "expired", "open", "waiting", "never_filled"]
    found = outcome_stats(states, [2.0, -1.0, -1.0, 0.5, None, None, float("nan")])
    assert (found.ended, found.hits, found.open, found.waiting, found.never_filled) == (4, 1, 1, 1, 1)
    assert (found.hit_rate, found.expectancy) == (0.25, 0.125)
    # Wilson for 1 of 4: (0.25 + z2/8 -+ z sqrt(0.1875/4 + z2/64)) / (1 + z2/4) with z2 = 3.8415
    assert (found.hit_rate_low, found.hit_rate_high) == pytest.approx((0.0456, 0.6994), abs=5e-5)
    # deviations 1.875, -1.125, -1.125, 0.375: variance 6.1875 / 3, standard error sqrt(2.0625 / 4) = 0.7181
    assert (found.expectancy_low, found.expectancy_high) == pytest.approx((0.125 - 1.4074, 0.125 + 1.4074), abs=1e-4)


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
