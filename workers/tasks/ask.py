"""Questions about the journal; tries and comparisons of prompts."""

from __future__ import annotations

import time

from core import jobs
from db.actions.comparisons import waiting_compared
from db.engine import default_engine, reader
from workers.analyst.opinion import now
from workers.analyst.questions import answer_one, compare_one, try_one
from workers.queue import connection, submit


def answer_question(question_id: int) -> bool:
    """Have a question answered; whether there is an answer."""
    return answer_one(default_engine(), connection(), question_id)


def try_prompt(token: str) -> bool:
    """Ask with a wording that is only in Redis; whether there is an answer."""
    return try_one(default_engine(), connection(), token)


def compare_next(opinion_id: int) -> bool:
    """Have one opinion of a comparison written, then ask for the next; whether there is an answer."""
    engine = default_engine()
    answered = compare_one(engine, connection(), opinion_id)
    with reader(engine) as session:
        waiting = waiting_compared(session, now())
    for following in waiting[:1]:
        submit(jobs.compare_next(following, time.time_ns() // 1_000_000))
    return answered
