"""Which bar is named where two readings of a window differ."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from core.bar_difference import difference
from core.bars import COLUMNS, Bars
from core.timeframe import Timeframe
from tests.factories import NOW_MS, make_bars

FLAT = (1.0, 2.0, 0.5, 1.5)
ALL = make_bars([FLAT] * 12, start=NOW_MS, timeframe=Timeframe.M5)


def without(bars: Bars, place: int) -> Bars:
    columns = {name: np.delete(getattr(bars, name), place) for name in COLUMNS}
    return replace(bars, **columns)


@pytest.mark.parametrize(
    ("then", "now", "place", "words"),
    [
        (without(ALL, 6), ALL[1:], 6, "it was not there"),
        (ALL[1:], without(ALL, 6), 6, "it is gone"),
        (ALL, without(ALL, 6), 6, "it is gone"),
        (without(ALL, 6), ALL, 6, "it was not there"),
        (ALL[1:], ALL, 0, "it was not there"),
    ],
    ids=["added to a full window", "gone from a full window", "gone", "added", "older history alone"],
)
def test_the_bar_that_was_changed_is_named(then: Bars, now: Bars, place: int, words: str) -> None:
    opened = f"{datetime.fromtimestamp(int(ALL.time[place]) / 1000, UTC):%Y-%m-%d %H:%M}"
    told = difference(then, now)
    assert told.startswith(f"M5 bar of {opened} UTC")
    assert words in told
    assert "more of" not in told
