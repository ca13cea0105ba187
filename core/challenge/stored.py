"""Challenges as JSON values, there and back: what the data base keeps and a file exchanges."""

from __future__ import annotations

from typing import Any

from core.challenge.phases import Challenge


def to_json(challenge: Challenge) -> dict[str, Any]:
    """The challenge as JSON values; amounts are text, so that nothing is rounded."""
    raise NotImplementedError


def from_json(stored: Any) -> Challenge:
    """The challenge that `to_json` wrote, or one written by hand.

    Raises:
        ParameterError: it is no challenge; the sentence names the place and what to correct.
    """
    raise NotImplementedError
