"""Spellings of timeframes."""

from __future__ import annotations

import pytest

from core.errors import ParameterError
from core.timeframe import Timeframe


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1m", Timeframe.M1), ("1M", Timeframe.M1), ("M1", Timeframe.M1), ("1", Timeframe.M1), (1, Timeframe.M1),
        ("5min", Timeframe.M5), ("M15", Timeframe.M15), ("30", Timeframe.M30), ("60", Timeframe.H1),
        ("1h", Timeframe.H1), ("h1", Timeframe.H1), ("60m", Timeframe.H1), ("4H", Timeframe.H4), ("240", Timeframe.H4),
        ("D", Timeframe.D1), ("1d", Timeframe.D1), ("daily", Timeframe.D1), ("1 day", Timeframe.D1),
        ("W1", Timeframe.W1), ("1w", Timeframe.W1), ("10080", Timeframe.W1), (" weekly ", Timeframe.W1),
    ],
)  # fmt: skip
def test_every_spelling(text: str | int, expected: Timeframe) -> None:
    assert Timeframe.parse(text) is expected


@pytest.mark.parametrize("text", ["", "7m", "2h", "M", "1y", "MN", "1.5h", "-5", "m5m", "0", "5 5"])
def test_what_is_no_timeframe_is_refused_with_the_allowed_ones(text: str) -> None:
    with pytest.raises(ParameterError, match="use one of M1, M5, M15, M30, H1, H4, D1, W1"):
        Timeframe.parse(text)


def test_a_bar_closes_one_length_after_it_opens() -> None:
    assert Timeframe.H4.close_time(1_000) == 1_000 + 4 * 3_600_000
