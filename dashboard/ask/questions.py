"""Questions about the journal as pages ask and watch them; tries of a prompt, which only Redis knows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from core import jobs
from core.errors import SettingsError
from dashboard import data, jobqueue
from db.actions.questions import ask_question
from db.store.questions import WAITING, get_question


@dataclass(frozen=True)
class Tried:
    """What came of a try so far: `status` is `queued`, `writing`, `done`, `failed` or `gone`."""

    status: str
    text: str = ""
    prompt: str = ""
    answer: dict[str, Any] | None = None
    error: str = ""
    model: str = ""


def ask(account_id: int, question: str) -> int:
    """Have a question answered; its id. Without a queue it is stored with its figures, and the next tick finds it.

    Raises:
        ChartroomError: it cannot be asked; the sentence says why.
    """
    made = ask_question(data.engine(), account_id, question, data.now())
    if data.read(get_question, made).status in WAITING:
        try:
            with jobqueue.connected() as connection:
                connection.delete(jobs.DOWN_KEY)
            jobqueue.submit([jobs.answer_question(made, data.now_ms())])
        except SettingsError:
            # The figures are there at once; the page says that no worker can be asked.
            return made
    return made


def begin_try(system: str, template: str, signal_id: int) -> str:
    """Have a wording tried on a signal; the token under which to look for what comes of it.

    Raises:
        SettingsError: Redis does not answer.
    """
    token = uuid4().hex
    stored = json.dumps({"system": system, "template": template, "signal_id": signal_id})
    with jobqueue.connected() as connection:
        connection.set(jobs.try_key(token), stored, ex=jobs.TRY_TTL)
        connection.delete(jobs.DOWN_KEY)
    jobqueue.submit([jobs.try_prompt(token)])
    return token


def tried(token: str) -> Tried:
    """What came of a try so far.

    Raises:
        SettingsError: Redis does not answer.
    """
    with jobqueue.connected() as connection:
        found, wanted = connection.get(jobs.tried_key(token)), connection.exists(jobs.try_key(token))
    if isinstance(found, bytes):
        return Tried(**json.loads(found))
    return Tried("queued" if wanted else "gone")
