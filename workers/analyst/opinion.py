"""One opinion, from its place in the queue to the stored answer; and what the model server has."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from redis import Redis
from rq.timeouts import JobTimeoutException
from sqlalchemy import Engine
from sqlmodel import select

from core import jobs
from core.analyst.answer import Answer, context_of, read_answer
from core.analyst.settings import AnalystSettings
from core.errors import (
    AnalystError,
    AnalystRefusedError,
    AnalystTimeoutError,
    AnalystUnavailableError,
    ModelMissingError,
    NotFoundError,
    RenderError,
)
from db.actions.opinion_results import Written, keep_answer, keep_failure
from db.actions.opinions import Request, fail_waiting, has_model, take_turn
from db.engine import reader
from db.models import ChartExport
from db.store.charts.exports import read_file, signal_export
from db.store.opinions import analyst_settings
from workers.analyst.asking import PAUSE, Question, ask
from workers.analyst.client import Limits, ModelServer
from workers.queue import TRANSIENT

DOWN_FOR: Final = 55
"""Seconds for which a server that did not answer is left alone: a tick later it is looked for again."""
TOLD_EVERY: Final = 0.25
"""Seconds between two pieces of text for those who look on."""

Connect = Callable[[AnalystSettings], ModelServer]


def now() -> datetime:
    """The wall clock, aware UTC."""
    return datetime.now(UTC)


def connect(settings: AnalystSettings) -> ModelServer:
    """The server that the settings name, with their time limit."""
    return ModelServer(settings.url, Limits(silence=min(120.0, settings.seconds), total=float(settings.seconds)))


def write_opinion(
    engine: Engine,
    redis: Redis,
    charts: Path,
    opinion_id: int,
    *,
    server_of: Connect = connect,
    pause: float = PAUSE,
) -> bool:
    """Have one queued opinion written; whether the answer was stored.

    Whatever keeps the model from answering is stored as the reason, never raised: the signal stands without it.
    """
    with reader(engine) as session:
        settings = analyst_settings(session)
    server, request = server_of(settings), None
    try:
        model = model_to_ask(redis, server, settings)
        request = take_turn(engine, opinion_id, model, now())
        if request is None:
            return False
        return _answered(engine, redis, charts, server, request, model, pause)
    except AnalystError as error:
        keep_failure(engine, opinion_id, request, error, now())
        if type(error) is AnalystUnavailableError:
            redis.set(jobs.DOWN_KEY, settings.url, ex=DOWN_FOR)
            fail_waiting(engine, error.reason, error.message, now())
    except NotFoundError as error:
        keep_failure(engine, opinion_id, request, AnalystRefusedError(error.message), now())
    except JobTimeoutException:
        keep_failure(engine, opinion_id, request, AnalystTimeoutError("The model did not finish in time."), now())
    except TRANSIENT:
        raise
    except Exception as error:
        # Asked again every minute it would fail every minute, and keep the others waiting.
        said = AnalystRefusedError(f"The question could not be put: {type(error).__name__}: {error}")
        keep_failure(engine, opinion_id, request, said, now())
        raise
    finally:
        redis.delete(jobs.partial_key(request.opinion_id if request else opinion_id))
    return False


def look(redis: Redis, settings: AnalystSettings, *, server_of: Connect = connect) -> list[str] | None:
    """Ask the server for its models, and note for the pages what it said; None when it is not there."""
    server = server_of(settings)
    said: dict[str, Any] = {"url": settings.url, "version": "", "models": [], "error": ""}
    found: list[str] | None = None
    try:
        said["version"] = server.version()
        found = server.models()
        said["models"] = [{"name": name, "sees": server.sees(name)} for name in found]
        redis.delete(jobs.DOWN_KEY)
    except AnalystError as error:
        said["error"] = error.message
        redis.set(jobs.DOWN_KEY, settings.url, ex=DOWN_FOR)
    redis.set(jobs.MODELS_KEY, json.dumps(said | {"at": time.time_ns() // 1_000_000}))
    return found


def model_to_ask(redis: Redis, server: ModelServer, settings: AnalystSettings) -> str:
    """The model to ask.

    Raises:
        AnalystError: the server is known to be down, or has no model.
    """
    if settings.enabled and redis.get(jobs.DOWN_KEY) == settings.url.encode():
        raise AnalystUnavailableError(
            f"No model is reachable at {settings.url}: start Ollama there, or correct the address.", settings.url
        )
    if settings.model or not settings.enabled:
        return settings.model
    found = server.models()
    if not has_model("", found):
        raise ModelMissingError(
            f"The server at {settings.url} has no model yet: pull one, such as `ollama pull llama3.2`.", settings.url
        )
    return found[0]


def _answered(
    engine: Engine, redis: Redis, charts: Path, server: ModelServer, request: Request, model: str, pause: float
) -> bool:
    chart_id, image = _chart(engine, charts, server, request, model)
    question = Question(model, request.system, request.prompt, Answer.model_json_schema(), image)
    reply = ask(
        server,
        question,
        partial(read_answer, context=context_of(request.evidence)),
        on_text=_Teller(redis, request.opinion_id),
        pause=pause,
    )
    written = Written(reply.answer, reply.raw, reply.tries, chart_id)
    return keep_answer(engine, request, written, now()) is not None


def _chart(
    engine: Engine, charts: Path, server: ModelServer, request: Request, model: str
) -> tuple[int | None, bytes | None]:
    """The signal's own chart for a model that sees, when it is wanted and drawn already."""
    if not request.settings.vision:
        return None, None
    query = select(ChartExport).where(
        ChartExport.once == signal_export(request.signal_id), ChartExport.status == "done", ChartExport.format == "png"
    )
    with reader(engine) as session:
        export = session.exec(query).first()
    if export is None or not export.path or not server.sees(model):
        return None, None
    try:
        return export.id, read_file(charts, export.path)
    except RenderError:
        return None, None  # the file is gone; the words say the same


class _Teller:
    """Puts the text so far where pages find it, not more often than anybody reads."""

    def __init__(self, redis: Redis, opinion_id: int) -> None:
        self._redis, self._key, self._told = redis, jobs.partial_key(opinion_id), 0.0

    def __call__(self, text: str) -> None:
        moment = time.monotonic()
        if moment - self._told >= TOLD_EVERY:
            self._redis.set(self._key, text, ex=jobs.PARTIAL_TTL)
            self._told = moment
