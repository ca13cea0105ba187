"""A challenge followed over what happened to the account, instant by instant."""

from __future__ import annotations

from collections.abc import Iterable

from core.challenge.events import Event
from core.challenge.phases import Challenge
from core.challenge.results import Evaluation


def evaluate(challenge: Challenge, events: Iterable[Event], until: int) -> Evaluation:
    """How the challenge stands at `until` (UTC ms), from events in any order; those after `until` are passed over.

    Raises:
        ParameterError: no phase was started by `until`, or something happened before the first start.
    """
    raise NotImplementedError
