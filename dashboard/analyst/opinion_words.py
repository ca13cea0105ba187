"""The words for opinions, their reasons and what fusion came to."""

from __future__ import annotations

from typing import Final

from core.signals.fusion import Outcome

REASONS: Final = {
    "off": "switched off",
    "unavailable": "server unavailable",
    "missing_model": "model missing",
    "timeout": "out of time",
    "junk": "no usable answer",
    "refused": "refused",
}
"""Why there is no opinion, in two or three words."""

OUTCOMES: Final = {
    Outcome.AGREES.value: ("agrees", "up"),
    Outcome.STAYS_OUT.value: ("stays out", "warning"),
    Outcome.CONTRADICTS.value: ("contradicts", "warning"),
    Outcome.HELD_BACK.value: ("held back", "warning"),
}
"""What fusion came to, and its tone."""

SIDES: Final = {"long": ("Long", "up"), "short": ("Short", "down"), "none": ("Stay out", "muted")}
"""The model's direction and its tone."""


def reason(word: str | None) -> str:
    return REASONS.get(word or "", (word or "").replace("_", " "))
