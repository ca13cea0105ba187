"""Families are chosen by name and do not know of each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.bars import Bars
from core.errors import ParameterError
from core.patterns.detect import ALL, SMART_MONEY_ONLY, DetectorSettings, detect
from core.patterns.events import EventLog
from core.patterns.families import FAMILIES
from core.timeframe import Calendar
from tests.series import random_bars, walks


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


@settings(max_examples=40)
@given(bars=walks(400), share=st.floats(0, 1), calendar=st.sampled_from(Calendar))
def test_the_log_of_all_keeps_its_contract_and_does_not_repaint(bars: Bars, share: float, calendar: Calendar) -> None:
    chosen = DetectorSettings(swing_length=3, calendar=calendar)
    log = detect(bars, chosen, ALL)
    events, statuses = log.events, log.statuses
    assert ((events["score"] >= 0) & (events["score"] <= 1)).all()
    assert (events["start"] <= events["end"]).all()
    assert (events["end"] < events["known_at"]).all()
    assert (events["price_low"] <= events["price_high"]).all()
    order = np.lexsort((events["direction"], events["start"], events["kind"], events["known_at"]))
    assert (np.diff(order) > 0).all()
    # The bar that makes a previous day's level known may sweep it itself.
    assert (statuses["known_at"] >= events["known_at"][statuses["event"]]).all()
    assert (np.diff(np.lexsort((statuses["status"], statuses["event"], statuses["known_at"]))) > 0).all()
    assert len({tuple(event)[:4] for event in events.tolist()}) == len(events)
    part = bars[: round(share * len(bars))]
    if len(part):
        assert contents(detect(part, chosen, ALL)) == contents(log.known(part.as_of))


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
