"""The strength band of a score, as the pages show it."""

from __future__ import annotations

from bisect import bisect_right
from enum import StrEnum

from core.errors import ParameterError


class Strength(StrEnum):
    """How strong an event is, weakest first."""

    WEAK = "WEAK"
    MODERATE = "MODERATE"
    STRONG = "STRONG"
    VERY_STRONG = "VERY_STRONG"


LOWER_EDGES = (0.25, 0.5, 0.75)
"""The scores from which MODERATE, STRONG and VERY_STRONG begin."""


def strength(score: float) -> Strength:
    """The band of a score 0..1; a score on an edge belongs to the stronger band.

    Raises:
        ParameterError: the score is not a number from 0 to 1.
    """
    if not 0.0 <= score <= 1.0:
        raise ParameterError(f"{score} is no score: it must lie from 0 to 1.", score)
    return tuple(Strength)[bisect_right(LOWER_EDGES, score)]
