"""Fusion: how the technique's confidence and a model's opinion combine, by one stated rule.

With c the technical confidence and q the opinion's own (both 0..1):

- it agrees:       c + 0.3 q (1 - c)
- it stays out:    c (1 - 0.25 q)
- it contradicts:  c (1 - 0.6 q); below 0.4, when q is at least 0.5, the signal is held back
- no opinion:      c

The direction is the technique's, or none when the signal is held back. An opinion never makes, turns or sizes a signal.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from core.errors import ParameterError
from core.signals.confidence import band

AGREES: Final = 0.3
STAYS_OUT: Final = 0.25
CONTRADICTS: Final = 0.6
HELD_BELOW: Final = 0.4
HELD_FROM: Final = 0.5

RULE: Final = (
    "With c the confidence of the votes and q that of the opinion: one that agrees makes c + 0.3 q (1 - c), one that "
    "stays out c (1 - 0.25 q), one that contradicts c (1 - 0.6 q). A signal is held back when an opinion of at least "
    "50 % contradicts it and less than 40 % are left. Direction, levels and size are never the model's."
)
"""The rule as pages state it."""


class Outcome(StrEnum):
    """What the opinion did to the signal; `alone` means that there is none."""

    ALONE = "alone"
    AGREES = "agrees"
    STAYS_OUT = "stays_out"
    CONTRADICTS = "contradicts"
    HELD_BACK = "held_back"


@dataclass(frozen=True)
class View:
    """An opinion in two figures: direction +1, -1 or 0 for staying out, and the confidence in it, 0..1."""

    direction: int
    confidence: float


@dataclass(frozen=True)
class Fusion:
    """The final word: `direction` is the signal's, or 0 when it is held back; `sentence` states the arithmetic."""

    outcome: Outcome
    direction: int
    confidence: float
    band: str
    sentence: str


def fuse(direction: int, confidence: float, opinion: View | None) -> Fusion:
    """Combine a signal (`direction` +1 or -1, `confidence` 0..1) with an opinion on it.

    Raises:
        ParameterError: a direction or a confidence outside its range.
    """
    _check(direction, confidence, opinion)
    if opinion is None:
        return Fusion(Outcome.ALONE, direction, confidence, band(confidence), "The votes stand alone.")
    c, q = confidence, opinion.confidence
    if opinion.direction == direction:
        # Rounded like every confidence, but never past the figure it started from.
        fused = max(c, min(1.0, round(c + AGREES * q * (1 - c), 4)))
        return _fusion(Outcome.AGREES, direction, fused, f"{_plain(c)} + {AGREES:g} x {_plain(q)} x (1 - {_plain(c)})")
    outcome = Outcome.CONTRADICTS if opinion.direction else Outcome.STAYS_OUT
    weight = CONTRADICTS if opinion.direction else STAYS_OUT
    fused = min(c, max(0.0, round(c * (1 - weight * q), 4)))
    sum_ = f"{_plain(c)} x (1 - {weight:g} x {_plain(q)})"
    if opinion.direction and q >= HELD_FROM and fused < HELD_BELOW:
        return _fusion(Outcome.HELD_BACK, 0, fused, sum_)
    return _fusion(outcome, direction, fused, sum_)


_SAID: Final = {
    Outcome.AGREES: "The opinion agrees",
    Outcome.STAYS_OUT: "The opinion stays out",
    Outcome.CONTRADICTS: "The opinion contradicts",
    Outcome.HELD_BACK: "The opinion contradicts and the signal is held back",
}


def _fusion(outcome: Outcome, direction: int, fused: float, arithmetic: str) -> Fusion:
    return Fusion(outcome, direction, fused, band(fused), f"{_SAID[outcome]}: {arithmetic} = {_plain(fused)}.")


def _plain(share: float) -> str:
    """With the four decimals that a confidence has, so that whoever adds up what is printed gets the same."""
    return f"{round(share, 4):g}"


def _check(direction: int, confidence: float, opinion: View | None) -> None:
    if direction not in (1, -1):
        raise ParameterError(f"a signal's direction is 1 or -1, not {direction}.", direction)
    if opinion is not None and opinion.direction not in (1, 0, -1):
        raise ParameterError(f"an opinion's direction is 1, 0 or -1, not {opinion.direction}.", opinion)
    for value in (confidence, *((opinion.confidence,) if opinion else ())):
        if not 0 <= value <= 1:
            raise ParameterError(f"a confidence is from 0 to 1, not {value}.", value)
