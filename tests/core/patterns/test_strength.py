"""The four strength bands and their edges."""

from __future__ import annotations

import pytest

from core.errors import ParameterError
from core.patterns.strength import strength


@pytest.mark.parametrize(
    ("score", "band"),
    [
        (0.0, "WEAK"),
        (0.2499, "WEAK"),
        (0.25, "MODERATE"),
        (0.4999, "MODERATE"),
        (0.5, "STRONG"),
        (0.7499, "STRONG"),
        (0.75, "VERY_STRONG"),
        (1.0, "VERY_STRONG"),
    ],
)
def test_an_edge_belongs_to_the_stronger_band(score: float, band: str) -> None:
    assert strength(score) == band


@pytest.mark.parametrize("score", [-0.01, 1.01, float("nan"), float("inf")])
def test_what_is_no_score_is_refused(score: float) -> None:
    with pytest.raises(ParameterError, match="no score"):
        strength(score)
