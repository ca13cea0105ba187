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


ASK_DESK: Final = "workers.tasks.ask.answer_question"
TRY_PROMPT: Final = "workers.tasks.ask.try_prompt"
COMPARE_PROMPTS: Final = "workers.tasks.ask.compare_next"

TRY_TTL: Final = 900
"""Seconds for which a try of a prompt can be looked at; it is kept nowhere else."""


def question_key(question_id: int) -> str:
    """Redis: the text of an answer to a question so far, while it is written."""
    return f"chartroom:analyst:question:{question_id}"


def try_key(token: str) -> str:
    """Redis: what is tried, as JSON {system, template, signal_id}."""
    return f"chartroom:analyst:try:{token}"


def tried_key(token: str) -> str:
    """Redis: what came of it so far, as JSON {status, text, prompt, answer, error, model}."""
    return f"chartroom:analyst:tried:{token}"


def answer_question(question_id: int, moment: int) -> Job:
    """Have a question about the journal answered; `moment` (UTC ms) sets one request apart from the next."""
    return Job(ANALYST, ASK_DESK, (question_id,), f"ask-{question_id}-{moment}", f"Question {question_id}", 700)


def try_prompt(token: str) -> Job:
    """Ask with a wording that is only in Redis, and leave the answer there."""
    return Job(ANALYST, TRY_PROMPT, (token,), f"try-{token}", "Try of a prompt", 700)


def compare_next(opinion_id: int, moment: int) -> Job:
    """Have one opinion of a comparison written; it asks for the next."""
    return Job(
        ANALYST, COMPARE_PROMPTS, (opinion_id,), f"compare-{opinion_id}-{moment}", f"Comparison, opinion {opinion_id}",
        700,
    )  # fmt: skip
