"""Votes: the evidence for and against a direction, in four families."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

FAMILIES = ("trend", "momentum", "strength", "structure")
"""Trend, momentum, volatility and strength, structure and volume."""


@dataclass(frozen=True)
class Vote:
    """One piece of evidence: `vote` is +1 for the signal's direction, -1 against it, 0 for neither.

    `strength` 0..1 says how clear it is, `weight` how much it counts, `detail` gives the figures in words.
    """

    family: str
    name: str
    vote: int
    weight: float
    strength: float
    detail: str


def agreeing(votes: Iterable[Vote]) -> tuple[str, ...]:
    """The families whose votes, added up, are for the direction, in the order of `FAMILIES`."""
    total = dict.fromkeys(FAMILIES, 0)
    for vote in votes:
        total[vote.family] += vote.vote
    return tuple(family for family in FAMILIES if total[family] > 0)
