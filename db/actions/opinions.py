"""Asking for opinions: the analyst's settings, which signals are asked about, and whose turn it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Engine

from core.analyst.evidence import SignalEvidence
from core.analyst.settings import AnalystSettings, check
from core.analyst.template import render, system_text
from core.errors import AnalystOffError, AnalystRefusedError, ConflictError, EditConflictError, PromptError
from db.engine import writer
from db.models import Opinion, PromptVersion, Setting
from db.store.evidence import signal_evidence
from db.store.opinions import (
    KEY,
    LOST,
    UNREACHED,
    WAITING,
    analyst_settings,
    fresh_signals,
    lock,
    newest,
    queued,
    stored_settings,
    unreached,
    writing,
)
from db.store.prompts import mark_used, version_for
from db.store.revision import bump
from db.store.signals import get_signal
from db.version import code_version

AT_ONCE: Final = 5
"""Signals asked about in one go; the rest has its turn a minute later."""


@dataclass(frozen=True)
class Request:
    """An opinion whose turn it is, with everything that asking takes."""

    opinion_id: int
    signal_id: int
    settings: AnalystSettings
    evidence: SignalEvidence
    version_id: int
    system: str
    prompt: str


def save_settings(engine: Engine, settings: AnalystSettings, seen: datetime | None, now: datetime) -> None:
    """Store the analyst's settings; `seen` is when those that the person changed were saved.

    Raises:
        SettingsError: a value that cannot be used.
        EditConflictError: somebody saved others meanwhile; carries (theirs, yours) of each field that differs.
    """
    wanted = check(settings)
    with writer(engine) as session:
        lock(session)
        before = stored_settings(session)
        if before.saved_at != seen and before.settings != wanted:
            theirs, mine = before.settings.as_mapping(), wanted.as_mapping()
            fields: dict[str, tuple[object, object]] = {
                key: (theirs[key], mine[key]) for key in mine if theirs[key] != mine[key]
            }
            raise EditConflictError("Somebody saved other settings meanwhile: look at them and decide again.", fields)
        session.merge(Setting(key=KEY, value=wanted.as_mapping(), updated_at=now))
        bump(session)


def ask_about_new(engine: Engine, now: datetime) -> int:
    """Queue an opinion for each fresh signal without one, and give up those whose worker was lost; how many changed."""
    with writer(engine) as session:
        lock(session)
        lost = [one for one in writing(session) if now - (one.started_at or one.created_at) > LOST]
        for opinion in lost:
            close_failed(opinion, "timeout", "The worker that wrote it was lost: ask again.", now)
        settings = analyst_settings(session)
        fresh = fresh_signals(session, now, AT_ONCE) if settings.enabled else []
        session.add_all(_new(signal_id, settings, now) for signal_id in fresh)
        if lost or fresh:
            bump(session)
        return len(lost) + len(fresh)


def ask_again(engine: Engine, signal_id: int, now: datetime) -> int:
    """Queue a new opinion on a signal because a person wants it; its id. What stands goes on standing until then.

    It is a row of its own, unless the last one only waits for a server: nothing was asked with that yet.

    Raises:
        NotFoundError: there is no such signal.
        AnalystOffError: the analyst is switched off.
        ConflictError: one is asked for already.
    """
    with writer(engine) as session:
        lock(session)
        get_signal(session, signal_id)
        settings = analyst_settings(session)
        if not settings.enabled:
            raise AnalystOffError("The analyst is switched off: switch it on under Prompts.", signal_id)
        last = newest(session, signal_id)
        if last is not None and last.status in WAITING:
            raise ConflictError("An opinion on this signal is being asked for already.", signal_id)
        if last is not None and last.reason in UNREACHED:
            _queue(last, now)
        else:
            last = _new(signal_id, settings, now)
        session.add(last)
        session.flush()
        bump(session)
        assert last.id is not None
        return last.id


def ask_unreached(engine: Engine, models: list[str], now: datetime) -> int:
    """Queue once more what failed for want of a server or of its model, now that there is one; how many."""
    with writer(engine) as session:
        settings = analyst_settings(session)
        if not settings.enabled or not has_model(settings.model, models):
            return 0
        waiting = unreached(session, now, AT_ONCE)
        for opinion in waiting:
            _queue(opinion, now)
        if waiting:
            bump(session)
        return len(waiting)


def fail_waiting(engine: Engine, reason: str, error: str, now: datetime) -> int:
    """Close every opinion that waits, for a reason that holds for all of them; how many."""
    with writer(engine) as session:
        waiting = queued(session)
        for opinion in waiting:
            close_failed(opinion, reason, error, now)
        if waiting:
            bump(session)
        return len(waiting)


def take_turn(engine: Engine, opinion_id: int, model: str, now: datetime) -> Request | None:
    """Begin to write a queued opinion with `model`; None when it is not queued any more, or another one is written.

    Raises:
        AnalystError: it cannot be asked for; the caller stores why.
    """
    with writer(engine) as session:
        lock(session)
        opinion = session.get(Opinion, opinion_id, with_for_update=True, populate_existing=True)
        if opinion is None or opinion.status != "queued":
            return None
        if any(now - (one.started_at or one.created_at) <= LOST for one in writing(session)):
            return None
        settings = analyst_settings(session)
        if not settings.enabled:
            raise AnalystOffError("The analyst is switched off.", opinion_id)
        signal = get_signal(session, opinion.signal_id)
        version = version_for(session, signal.strategy_id, settings.language)
        if version is None:
            raise AnalystOffError("No prompt is active for this strategy: make one active under Prompts.", opinion_id)
        evidence = signal_evidence(session, opinion.signal_id)
        request = _request(opinion, settings, version, evidence)
        opinion.status, opinion.started_at, opinion.finished_at = "writing", now, None
        opinion.reason, opinion.error, opinion.tries, opinion.raw = None, None, 0, ""
        opinion.model, opinion.language, opinion.vision = model, settings.language, False
        opinion.prompt_version_id, opinion.prompt = version.id, request.prompt
        opinion.code_version = code_version()
        session.add(opinion)
        mark_used(session, request.version_id, now)
        bump(session)
        return request


def has_model(wanted: str, models: list[str]) -> bool:
    """Whether a server with these models can answer; Ollama completes a name without a tag by `latest`."""
    return bool(models) if not wanted else any(one in (wanted, f"{wanted}:latest") for one in models)


def close_failed(opinion: Opinion, reason: str, error: str, now: datetime) -> None:
    """Note why there is none; another opinion that stands goes on standing."""
    opinion.status, opinion.reason, opinion.error, opinion.finished_at = "failed", reason, error, now


def _request(opinion: Opinion, settings: AnalystSettings, version: PromptVersion, evidence: SignalEvidence) -> Request:
    try:
        prompt = render(version.template, evidence)
    except PromptError as error:
        raise AnalystRefusedError(f"The prompt cannot be used: {error.message}", version.id) from error
    return Request(
        opinion.id or 0,
        opinion.signal_id,
        settings,
        evidence,
        version.id or 0,
        system_text(version.system, settings.language),
        prompt,
    )


def _new(signal_id: int, settings: AnalystSettings, now: datetime) -> Opinion:
    return Opinion(signal_id=signal_id, model=settings.model, language=settings.language, created_at=now)


def _queue(opinion: Opinion, now: datetime) -> None:
    opinion.status, opinion.created_at, opinion.started_at, opinion.finished_at = "queued", now, None, None
