"""The analyst as pages see it: the text while it is written, what the model server said last, and asking for more."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic_core import from_json

from core import jobs
from dashboard import data, jobqueue
from db.actions.opinions import ask_again


@dataclass(frozen=True)
class ServerSaid:
    """What the model server at `url` answered `at` that moment; `models` are (name, whether it sees charts) pairs."""

    url: str
    at: datetime
    version: str
    models: tuple[tuple[str, bool], ...]
    error: str


def partial_text(key: str) -> str:
    """The text so far of what is being written under this key (see `core.jobs`); empty before its first word.

    Raises:
        SettingsError: Redis does not answer.
    """
    with jobqueue.connected() as connection:
        found = connection.get(key)
    return found.decode(errors="replace") if isinstance(found, bytes) else ""


def partial_answer(text: str) -> dict[str, Any]:
    """The fields that the beginning of an answer holds already; empty while there are none."""
    begins = text.find("{")
    try:
        found = from_json(text[begins:], allow_partial="trailing-strings") if begins >= 0 else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def server_said() -> ServerSaid | None:
    """What is known of the model server; None when nobody has looked for it yet.

    Raises:
        SettingsError: Redis does not answer.
    """
    with jobqueue.connected() as connection:
        found = connection.get(jobs.MODELS_KEY)
    if not isinstance(found, bytes):
        return None
    said = json.loads(found)
    models = tuple((str(one["name"]), bool(one["sees"])) for one in said["models"])
    at = datetime.fromtimestamp(said["at"] / 1000, UTC)
    return ServerSaid(str(said["url"]), at, str(said["version"]), models, str(said["error"]))


def look_for_models() -> None:
    """Have the server asked now, however short ago it did not answer.

    Raises:
        SettingsError: Redis does not answer.
    """
    _forget_that_it_was_down()
    jobqueue.submit([jobs.look_for_models(data.now_ms())])


def ask(signal_id: int) -> None:
    """Have a new opinion on a signal written.

    Raises:
        ChartroomError: it cannot be asked for; the sentence says why.
    """
    opinion_id = ask_again(data.engine(), signal_id, data.now())
    _forget_that_it_was_down()
    jobqueue.submit([jobs.opinion(opinion_id, signal_id, data.now_ms())])


def _forget_that_it_was_down() -> None:
    with jobqueue.connected() as connection:
        connection.delete(jobs.DOWN_KEY)
