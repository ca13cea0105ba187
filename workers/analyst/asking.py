"""A question that is asked until its answer can be used, three times at most."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from pydantic import ValidationError

from core.analyst.answer import ERRORS, declined, shortened
from core.errors import AnalystError, AnalystJunkError, AnalystRefusedError
from workers.analyst.client import Message, ModelServer, OnText, TroubledServerError

TRIES: Final = 3
SHOWN_BACK: Final = 2000
"""Characters of a bad answer that the model gets to see again."""
PAUSE: Final = 1.0
"""Seconds after which a server that failed by itself is asked once more."""

T = TypeVar("T")


@dataclass(frozen=True)
class Question:
    """What a model is asked: `schema` is the JSON schema of the answer, `image` a PNG for a model that sees."""

    model: str
    system: str
    prompt: str
    schema: Mapping[str, Any]
    image: bytes | None = None

    def messages(self) -> list[Message]:
        """The first two messages of the conversation. Bytes only: the library opens a string as a file."""
        user: Message = {"role": "user", "content": self.prompt}
        if self.image is not None:
            user["images"] = [self.image]
        return [{"role": "system", "content": self.system}, user]


@dataclass(frozen=True)
class Reply(Generic[T]):
    """A usable answer, the text it was read from, and how many tries it took."""

    answer: T
    raw: str
    tries: int


def ask(
    server: ModelServer,
    question: Question,
    check: Callable[[str], T],
    *,
    on_text: OnText | None = None,
    pause: float = PAUSE,
) -> Reply[T]:
    """Ask until `check` takes the text; it raises pydantic's ValidationError, or ValueError with a sentence.

    After a bad answer the model sees it again with what was wrong, after an error of the server the question is simply
    repeated. All tries together end after `server.limits.total` seconds.

    Raises:
        AnalystError: one of its kinds, with the last text in `raw`.
    """
    deadline = time.monotonic() + server.limits.total
    messages, raw = question.messages(), ""
    failure: AnalystError | None = None
    for number in range(1, TRIES + 1):
        try:
            said = server.chat(
                question.model, messages, dict(question.schema), on_text=on_text, seed=6 + number, deadline=deadline
            )
        except TroubledServerError as error:
            failure = error
            time.sleep(min(pause, max(0.0, deadline - time.monotonic())))
            continue
        except AnalystError as error:
            error.raw, error.tries = error.raw or raw, number
            raise
        raw = said.text
        try:
            if not said.whole:
                raise ValueError("it was cut off: be brief")
            return Reply(check(raw), raw, number)
        except (ValidationError, ValueError) as error:
            wrong = shortened(error) if isinstance(error, ValidationError) else str(error)[:ERRORS]
        failure = _unusable(raw, wrong, number)
        messages = [*question.messages(), *_correction(raw, wrong)]
    assert failure is not None
    failure.raw, failure.tries = failure.raw or raw, TRIES
    raise failure


def _unusable(raw: str, wrong: str, number: int) -> AnalystError:
    if declined(raw):
        return AnalystRefusedError("The model does not want to answer: try another one.", None, raw, number)
    return AnalystJunkError(f"The model's answer cannot be used: {wrong}.", None, raw, number)


def _correction(raw: str, wrong: str) -> list[Message]:
    told = f"That was not valid: {wrong}. Answer again with the JSON object only."
    return [{"role": "assistant", "content": raw[:SHOWN_BACK]}, {"role": "user", "content": told}]
