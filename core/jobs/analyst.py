"""What the local model is asked for."""

from __future__ import annotations

from typing import Final

from core.jobs.job import ANALYST, Job

OPINION: Final = "workers.tasks.analyst.opinion"
LOOK_FOR_MODELS: Final = "workers.tasks.analyst.look_for_models"

MODELS_KEY: Final = "chartroom:analyst:models"
"""Redis: what the model server said last, as JSON {url, at (UTC ms), version, models: [{name, sees}], error}."""
DOWN_KEY: Final = "chartroom:analyst:down"
"""Redis: the address that did not answer; while it is there, nobody tries again."""
PARTIAL_TTL: Final = 900
"""Seconds for which the beginning of an answer stays, should nobody clear it away."""


def partial_key(opinion_id: int) -> str:
    """Redis: the text of an opinion so far, while it is written."""
    return f"chartroom:analyst:{opinion_id}"


def opinion(opinion_id: int, signal_id: int, moment: int) -> Job:
    """Have a queued opinion written; `moment` (UTC ms) sets one request apart from the next.

    It ends at once while another opinion is written: whoever ends asks for the next one.
    """
    return Job(ANALYST, OPINION, (opinion_id,), f"opinion-{opinion_id}-{moment}", f"Opinion on signal {signal_id}", 700)


def look_for_models(moment: int) -> Job:
    """Ask the model server what it has, and for the opinions that waited for it; `moment` in UTC ms."""
    return Job(ANALYST, LOOK_FOR_MODELS, (), f"models-{moment}", "Look for the model server", 60)
