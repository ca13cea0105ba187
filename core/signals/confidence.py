"""Confidence: stated weights over stated evidence."""

from __future__ import annotations

from collections.abc import Iterable

from core.errors import ParameterError
from core.signals.vote import Vote

BANDS = (("LOW", 0.5), ("MEDIUM", 0.7), ("HIGH", 0.85), ("VERY_HIGH", float("inf")))
"""Band name and the confidence below which it holds."""


def confidence(votes: Iterable[Vote]) -> float:
    """Weighted share of the evidence that speaks for the direction, 0..1, rounded to four places.

    A vote for the direction counts with weight x strength, a vote against or an abstention with nothing; the sum is
    divided by all weights. Reproducible from the stored votes.

    Raises:
        ParameterError: there is no vote with a weight.
    """
    rows = list(votes)
    total = sum(vote.weight for vote in rows)
    if not total > 0:
        raise ParameterError("a confidence needs at least one vote with a weight.", rows)
    return round(sum(vote.weight * vote.strength for vote in rows if vote.vote > 0) / total, 4)


def band(value: float) -> str:
    """LOW < 0.5 <= MEDIUM < 0.7 <= HIGH < 0.85 <= VERY_HIGH."""
    return next(name for name, below in BANDS if value < below)
