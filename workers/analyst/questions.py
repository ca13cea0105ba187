"""Questions about the journal, tries of a prompt and comparisons: each asked of the model and left where it belongs."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from redis import Redis
from rq.timeouts import JobTimeoutException
from sqlalchemy import Engine

from core import jobs
from core.analyst.answer import Answer, context_of, read_answer
from core.analyst.question_prompt import DeskAnswer, read_desk_answer
from core.analyst.settings import AnalystSettings
from core.analyst.template import render, system_text
from core.errors import (
    AnalystError,
    AnalystOffError,
    AnalystRefusedError,
    AnalystTimeoutError,
    AnalystUnavailableError,
    ChartroomError,
)
from db.actions.comparisons import fail_compared, keep_compared, take_compared, waiting_compared
from db.actions.questions import OFF, close_lost, fail_question, keep_question, take_question
from db.engine import reader
from db.store.evidence import signal_evidence
from db.store.opinions import analyst_settings
from db.store.questions import waiting_questions
from workers.analyst.asking import PAUSE, Question, ask
from workers.analyst.opinion import DOWN_FOR, TOLD_EVERY, Connect, connect, model_to_ask, now
from workers.queue import TRANSIENT

AT_ONCE: Final = 5
"""Questions asked for in one minute."""

Keep = Callable[[AnalystError], None]


def answer_one(
    engine: Engine, redis: Redis, question_id: int, *, server_of: Connect = connect, pause: float = PAUSE
) -> bool:
    """Have one question answered; whether there is an answer. What keeps the model from it is stored as the reason."""
    asked = None
    try:
        settings = _settings(engine)
        if not settings.enabled:
            raise AnalystOffError(OFF, question_id)
        server, model = server_of(settings), model_to_ask(redis, server_of(settings), settings)
        asked = take_question(engine, question_id, model, now())
        if asked is None:
            return False
        reply = ask(
            server,
            Question(model, asked.system, asked.prompt, DeskAnswer.model_json_schema()),
            partial(read_desk_answer, evidence=asked.evidence, language=asked.settings.language),
            on_text=_Teller(partial(_tell_text, redis, jobs.question_key(question_id))),
            pause=pause,
        )
        return keep_question(engine, asked, reply.answer, reply.raw, reply.tries, now())
    except TRANSIENT:
        raise
    except Exception as error:
        said = _as_analyst(error)
        fail_question(engine, question_id, asked, said, now())
        _note_down(redis, engine, said)
        if not isinstance(error, ChartroomError | JobTimeoutException):
            raise
        return False
    finally:
        redis.delete(jobs.question_key(question_id))


def try_one(engine: Engine, redis: Redis, token: str, *, server_of: Connect = connect, pause: float = PAUSE) -> bool:
    """Ask with the wording that Redis holds under `token` and leave what comes of it there; nothing else is written.

    False when the wording is gone: nobody looks at it any more.
    """
    stored = redis.get(jobs.try_key(token))
    if not isinstance(stored, bytes):
        return False
    tried: dict[str, Any] = {"status": "writing", "text": "", "prompt": "", "answer": None, "error": "", "model": ""}
    tell = partial(_tell, redis, jobs.tried_key(token), tried)
    try:
        wording = json.loads(stored)
        settings = _settings(engine)
        if not settings.enabled:
            raise AnalystOffError("The analyst is switched off: switch it on under Analyst.")
        with reader(engine) as session:
            evidence = signal_evidence(session, int(wording["signal_id"]))
        tried["prompt"] = render(wording["template"], evidence)
        server = server_of(settings)
        tried["model"] = model_to_ask(redis, server, settings)
        tell()
        reply = ask(
            server,
            Question(
                tried["model"],
                system_text(wording["system"], settings.language),
                tried["prompt"],
                Answer.model_json_schema(),
            ),
            partial(read_answer, context=context_of(evidence)),
            on_text=_Teller(lambda text: tell(text=text)),
            pause=pause,
        )
        tell(status="done", text=reply.raw, answer=reply.answer.model_dump(mode="json"))
        return True
    except TRANSIENT:
        raise
    except Exception as error:
        said = _as_analyst(error)
        tell(status="failed", error=said.message, text=said.raw or tried["text"])
        _note_down(redis, engine, said)
        if not isinstance(error, ChartroomError | JobTimeoutException):
            raise
        return False


def compare_one(
    engine: Engine, redis: Redis, opinion_id: int, *, server_of: Connect = connect, pause: float = PAUSE
) -> bool:
    """Have one opinion of a comparison written; whether its answer was stored. Reasons are stored, never raised."""
    asked = None
    try:
        settings = _settings(engine)
        server, model = server_of(settings), model_to_ask(redis, server_of(settings), settings)
        asked = take_compared(engine, opinion_id, model, now())
        if asked is None:
            return False
        question = Question(model, asked.system, asked.prompt, Answer.model_json_schema())
        reply = ask(server, question, partial(read_answer, context=context_of(asked.evidence)), pause=pause)
        keep_compared(engine, asked, reply.answer, reply.raw, reply.tries, now())
        return True
    except TRANSIENT:
        raise
    except Exception as error:
        said = _as_analyst(error)
        fail_compared(engine, opinion_id, asked, said, now())
        _note_down(redis, engine, said)
        if not isinstance(error, ChartroomError | JobTimeoutException):
            raise
        return False


def due_questions(engine: Engine, moment: int) -> list[jobs.Job]:
    """Questions that wait and the next opinion of a comparison; those lost are closed. `moment` in UTC ms."""
    at = datetime.fromtimestamp(moment / 1000, UTC)
    close_lost(engine, at)
    with reader(engine) as session:
        waiting = [one.id or 0 for one in waiting_questions(session) if one.status == "queued"]
        compared = waiting_compared(session, at)
    due = [jobs.answer_question(one, moment) for one in waiting[:AT_ONCE]]
    return due + [jobs.compare_next(one, moment) for one in compared[:1]]


def _settings(engine: Engine) -> AnalystSettings:
    with reader(engine) as session:
        return analyst_settings(session)


def _as_analyst(error: Exception) -> AnalystError:
    if isinstance(error, AnalystError):
        return error
    if isinstance(error, JobTimeoutException):
        return AnalystTimeoutError("The model did not finish in time.")
    if isinstance(error, ChartroomError):
        return AnalystRefusedError(error.message)
    return AnalystRefusedError(f"The question could not be put: {type(error).__name__}: {error}")


def _note_down(redis: Redis, engine: Engine, error: AnalystError) -> None:
    """Spare those who ask next the wait for a server that is not there."""
    if type(error) is AnalystUnavailableError:
        redis.set(jobs.DOWN_KEY, _settings(engine).url, ex=DOWN_FOR)


def _tell(redis: Redis, key: str, tried: dict[str, Any], **news: Any) -> None:
    tried |= news
    redis.set(key, json.dumps(tried), ex=jobs.TRY_TTL)


def _tell_text(redis: Redis, key: str, text: str) -> None:
    redis.set(key, text, ex=jobs.PARTIAL_TTL)


class _Teller:
    """Passes the text so far on, not more often than anybody reads."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell, self._told = tell, 0.0

    def __call__(self, text: str) -> None:
        moment = time.monotonic()
        if moment - self._told >= TOLD_EVERY:
            self._tell(text)
            self._told = moment
