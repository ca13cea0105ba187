"""Fusion: its stated figures, and what holds for all of them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ParameterError
from core.signals.fusion import Outcome, View, fuse

SHARES = st.floats(0, 1)
SIDES = st.sampled_from([1, -1])
SAID = st.sampled_from([1, 0, -1])


@pytest.mark.parametrize(
    ("confidence", "opinion", "outcome", "direction", "fused", "band"),
    [
        (0.6, None, Outcome.ALONE, 1, 0.6, "MEDIUM"),
        (0.6, View(1, 0.8), Outcome.AGREES, 1, 0.696, "MEDIUM"),
        (0.6, View(1, 1.0), Outcome.AGREES, 1, 0.72, "HIGH"),
        (0.6, View(0, 0.8), Outcome.STAYS_OUT, 1, 0.48, "LOW"),
        (0.6, View(-1, 0.3), Outcome.CONTRADICTS, 1, 0.492, "LOW"),
        (0.6, View(-1, 0.8), Outcome.HELD_BACK, 0, 0.312, "LOW"),
        (0.9, View(-1, 0.8), Outcome.CONTRADICTS, 1, 0.468, "LOW"),
        (0.3, View(-1, 0.2), Outcome.CONTRADICTS, 1, 0.264, "LOW"),
    ],
)
def test_the_rule_by_hand(
    confidence: float, opinion: View | None, outcome: Outcome, direction: int, fused: float, band: str
) -> None:
    found = fuse(1, confidence, opinion)
    assert (found.outcome, found.direction, found.confidence, found.band) == (outcome, direction, fused, band)


@given(SIDES, SHARES, SAID, SHARES)
def test_it_is_bounded_and_never_turns_a_signal(side: int, confidence: float, said: int, q: float) -> None:
    found = fuse(side, confidence, View(said, q))
    assert found.direction in (side, 0)
    assert (found.direction == 0) == (found.outcome is Outcome.HELD_BACK)
    assert 0 <= found.confidence <= 1
    if said == side:
        assert found.confidence >= confidence
        assert found.direction == side
    else:
        assert found.confidence <= confidence
    mirrored = fuse(-side, confidence, View(-said, q))
    assert (mirrored.direction, mirrored.confidence) == (-found.direction, found.confidence)


@given(SIDES, SHARES, SHARES, SAID, SHARES, SHARES)
def test_it_is_monotone(side: int, one: float, other: float, said: int, weak: float, strong: float) -> None:
    (low, high), (weak, strong) = sorted((one, other)), sorted((weak, strong))
    assert fuse(side, low, View(said, weak)).confidence <= fuse(side, high, View(said, weak)).confidence
    less, more = fuse(side, high, View(said, weak)), fuse(side, high, View(said, strong))
    if said == side:
        assert less.confidence <= more.confidence
    else:
        assert less.confidence >= more.confidence
        assert abs(less.direction) >= abs(more.direction)


@given(SIDES, SHARES)
def test_without_an_opinion_all_stays_as_it_is(side: int, confidence: float) -> None:
    found = fuse(side, confidence, None)
    assert (found.direction, found.confidence) == (side, confidence)


@pytest.mark.parametrize(
    ("side", "confidence", "opinion"), [(0, 0.5, View(1, 0.9)), (1, 1.5, None), (1, 0.5, View(2, 0.5))]
)
def test_an_opinion_alone_makes_no_signal(side: int, confidence: float, opinion: View | None) -> None:
    with pytest.raises(ParameterError):
        fuse(side, confidence, opinion)


@given(st.integers(0, 10_000), SAID, st.integers(0, 100))
def test_the_sentence_adds_up_as_it_is_printed(votes: int, said: int, sure: int) -> None:
    found = fuse(1, votes / 10_000, View(said, sure / 100))
    printed = [float(one) for one in re.findall(r"\d+(?:\.\d+)?", found.sentence)]
    c, result = printed[0], printed[-1]
    if said > 0:
        _, weight, q, _, again, _ = printed
        assert again == c
        summed = c + weight * q * (1 - c)
    else:
        _, _, weight, q, _ = printed
        summed = c * (1 - weight * q)
    assert abs(summed - result) <= 0.5e-4 + 1e-9
