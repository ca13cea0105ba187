"""Levels on the price grid, entry types, votes and confidence, worked by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ParameterError
from core.signals.confidence import band, confidence
from core.signals.levels import entry_type, reward_risk, to_tick
from core.signals.vote import Vote, agreeing


@pytest.mark.parametrize(
    ("price", "tick", "toward", "expected"),
    [
        (1.084263, 0.00001, 0, 1.08426),
        (1.084266, 0.00001, 0, 1.08427),
        (1.084261, 0.00001, 1, 1.08427),
        (1.084269, 0.00001, -1, 1.08426),
        (1.08426, 0.00001, 1, 1.08426),  # on the grid already
        (0.1 + 0.2, 0.1, 1, 0.3),  # on the grid but for the binary remainder
        (2301.4, 0.25, -1, 2301.25),
        (1e-8, 1e-8, 0, 1e-8),
        (123_456_789.5, 1, 0, 123_456_790.0),
    ],
)
def test_to_tick(price: float, tick: float, toward: int, expected: float) -> None:
    assert to_tick(price, tick, toward) == expected


@given(st.floats(1e-6, 1e8), st.sampled_from([1e-5, 0.01, 0.25, 1.0]))
def test_rounding_outward_never_comes_closer(price: float, tick: float) -> None:
    assert to_tick(price, tick, -1) <= price + 1e-6 * tick
    assert to_tick(price, tick, 1) >= price - 1e-6 * tick


@pytest.mark.parametrize(
    ("direction", "entry", "expected"),
    [(1, 100, "BUY"), (1, 99, "BUY_LIMIT"), (1, 101, "BUY_STOP"),
     (-1, 100, "SELL"), (-1, 101, "SELL_LIMIT"), (-1, 99, "SELL_STOP")],
)  # fmt: skip
def test_entry_types_against_a_last_close_of_100(direction: int, entry: float, expected: str) -> None:
    assert entry_type(direction, entry, 100) == expected


def test_reward_risk_has_the_sign_of_the_trade() -> None:
    assert reward_risk(100, 98, 105) == 2.5
    assert reward_risk(100, 103, 94) == 2.0
    assert reward_risk(100, 98, 99) == -0.5
    with pytest.raises(ParameterError, match="no risk"):
        reward_risk(100, 100, 105)


def vote(family: str, value: int, weight: float = 1.0, strength: float = 1.0) -> Vote:
    return Vote(family, "x", value, weight, strength, "")


def test_a_family_agrees_when_its_votes_add_up() -> None:
    votes = [vote("trend", 1), vote("trend", -1), vote("momentum", 1), vote("momentum", 0), vote("strength", -1)]
    assert agreeing(votes) == ("momentum",)


def test_confidence_is_the_weighted_share_that_speaks_for_it() -> None:
    votes = [vote("structure", 1, 2.0, 0.75), vote("trend", 1, 1.0, 0.5), vote("momentum", -1), vote("strength", 0)]
    # (2 x 0.75 + 1 x 0.5) / (2 + 1 + 1 + 1)
    assert confidence(votes) == 0.4
    with pytest.raises(ParameterError, match="at least one vote"):
        confidence([])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, "LOW"),
        (0.4999, "LOW"),
        (0.5, "MEDIUM"),
        (0.7, "HIGH"),
        (0.8499, "HIGH"),
        (0.85, "VERY_HIGH"),
        (1.0, "VERY_HIGH"),
    ],
)
def test_bands(value: float, expected: str) -> None:
    assert band(value) == expected
