"""Families are chosen by name and do not know of each other."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import ParameterError
from core.patterns.detect import ALL, SMART_MONEY_ONLY, DetectorSettings, detect
from core.patterns.events import EventLog
from core.patterns.families import FAMILIES
from tests.series import random_bars


def contents(log: EventLog) -> tuple[object, object]:
    return log.events.tolist(), log.statuses.tolist()


def told(log: EventLog) -> list[tuple[object, ...]]:
    """The status rows with the events that they are about."""
    about = log.events[log.statuses["event"]].tolist()
    rows = log.statuses[["status", "known_at"]].tolist()
    return [(*event, *row) for event, row in zip(about, rows, strict=True)]


def test_without_a_choice_there_is_smart_money_only() -> None:
    bars = random_bars(1, 500)
    assert contents(detect(bars)) == contents(detect(bars, families=SMART_MONEY_ONLY))
    assert detect(bars).events["kind"].max() < 20


def test_all_of_them_together_find_what_each_finds_alone() -> None:
    bars = random_bars(1, 500)
    alone = [detect(bars, families=(name,)) for name in FAMILIES]
    together = detect(bars, families=ALL)
    expected = np.concatenate([log.events for log in alone])
    assert together.events.tolist() == np.sort(expected, order=["known_at", "kind", "start", "direction"]).tolist()
    assert sorted(told(together)) == sorted(row for log in alone for row in told(log))
    assert all(len(log) for log in alone)


def test_a_family_named_twice_counts_once_and_none_gives_nothing() -> None:
    bars = random_bars(1, 300)
    assert contents(detect(bars, families=("trend", "trend"))) == contents(detect(bars, families=("trend",)))
    assert not len(detect(bars, families=()))


def test_an_unknown_family_is_refused_with_the_known_ones_named() -> None:
    with pytest.raises(ParameterError, match=r"elliott.*smart_money, .*shapes"):
        detect(random_bars(1, 50), families=("trend", "elliott"))


@pytest.mark.parametrize("wrong", [{"level_lookback": 0}, {"confirm_within": 0}])
def test_settings_that_can_find_nothing_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ParameterError):
        DetectorSettings(**wrong)
