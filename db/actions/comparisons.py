"""Two wordings of a prompt asked about the same past signals, beside the opinions that count.

The opinions of a comparison are `counted=False`: no fusion and no record uses them. They wait in the data base, one
job writes one of them and asks for the next, so that an opinion on a new signal never waits for long.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import CursorResult, Engine, delete
from sqlmodel import Session, col, select

from core.analyst.answer import Answer
from core.analyst.evidence import SignalEvidence
from core.analyst.settings import AnalystSettings
from core.analyst.template import render, system_text
from core.errors import AnalystError, AnalystOffError, DeskError
from core.signals.outcome import State
from db.engine import writer
from db.models import Opinion, Signal, SignalOutcome
from db.store.evidence import signal_evidence
from db.store.lineage.roots import origin
from db.store.lineage.steps import Step, add_step, settings_step, steps_of
from db.store.opinions import KEY, WAITING, analyst_settings, lock
from db.store.prompts import get_version, mark_used
from db.store.revision import bump
from db.store.signals import shown
from db.version import code_version

MOST: Final = 20
"""Signals of one comparison."""
LOST: Final = timedelta(minutes=15)
ENDED: Final = tuple(state.value for state in (State.TARGET, State.STOP, State.EXPIRED))


@dataclass(frozen=True)
class Compared:
    """One opinion of a comparison whose turn it is, with everything that asking takes."""

    opinion_id: int
    signal_id: int
    version_id: int
    settings: AnalystSettings
    evidence: SignalEvidence
    system: str
    prompt: str


def plan_comparison(engine: Engine, versions: tuple[int, int], count: int, now: datetime) -> int:
    """Queue an opinion with each of two versions on the newest `count` signals whose outcome is known; how many wait.

    What was asked before with one of them is not asked again.

    Raises:
        NotFoundError: there is no such version.
        AnalystOffError: the analyst is switched off.
        DeskError: the versions are one, too many signals, or none whose outcome is known.
    """
    if versions[0] == versions[1] or not 1 <= count <= MOST:
        raise DeskError(f"Choose two different versions and 1 to {MOST} signals.", versions)
    with writer(engine) as session:
        lock(session)
        for version_id in versions:
            get_version(session, version_id)
        settings = analyst_settings(session)
        if not settings.enabled:
            raise AnalystOffError("The analyst is switched off: switch it on under Prompts.")
        chosen = past_signals(session, count)
        if not chosen:
            raise DeskError("There is no signal yet whose outcome is known: nothing could be compared.", count)
        waiting = sum(
            _plan(session, signal_id, version_id, settings, now) for signal_id in chosen for version_id in versions
        )
        if waiting:
            bump(session)
        return waiting


def past_signals(session: Session, count: int) -> list[int]:
    """The newest signals whose outcome is known."""
    query = select(Signal.id).join(SignalOutcome, col(SignalOutcome.signal_id) == col(Signal.id))
    query = query.where(col(SignalOutcome.state).in_(ENDED), shown()).order_by(col(Signal.id).desc()).limit(count)
    return [found for found in session.exec(query) if found is not None]


def stop_comparison(engine: Engine) -> int:
    """Take back what nobody has begun to write; how many opinions that were."""
    with writer(engine) as session:
        done: CursorResult[Any] = session.connection().execute(
            delete(Opinion).where(col(Opinion.status) == "queued", ~col(Opinion.counted))
        )
        if done.rowcount:
            bump(session)
        return done.rowcount


def take_compared(engine: Engine, opinion_id: int, model: str, now: datetime) -> Compared | None:
    """Begin to write an opinion of a comparison with `model`; None when it is not waiting, or is there already.

    Raises:
        AnalystError: it cannot be asked for; the caller stores why.
    """
    with writer(engine) as session:
        row = session.get(Opinion, opinion_id, with_for_update=True, populate_existing=True)
        if row is None or row.counted or row.prompt_version_id is None or not _free(row, now):
            return None
        settings = analyst_settings(session)
        if not settings.enabled:
            raise AnalystOffError("The analyst is switched off.", opinion_id)
        if _answered_already(session, row, model):
            session.delete(row)
            bump(session)
            return None
        version = get_version(session, row.prompt_version_id)
        evidence = signal_evidence(session, row.signal_id)
        row.status, row.started_at, row.model, row.language = "writing", now, model, settings.language
        row.prompt, row.code_version = render(version.template, evidence), code_version()
        session.add(row)
        mark_used(session, version.id or 0, now)
        bump(session)
        return Compared(
            opinion_id, row.signal_id, version.id or 0, settings, evidence,
            system_text(version.system, settings.language), row.prompt,
        )  # fmt: skip


def keep_compared(engine: Engine, asked: Compared, answer: Answer, raw: str, tries: int, now: datetime) -> None:
    """Store an answer of a comparison; no signal and no fusion changes."""
    with writer(engine) as session:
        row = session.get(Opinion, asked.opinion_id, with_for_update=True, populate_existing=True)
        if row is None or row.status != "writing":
            return
        row.status, row.answer, row.raw, row.tries = "done", answer.model_dump(mode="json"), raw, tries
        row.reason, row.error, row.finished_at = None, None, now
        session.add(row)
        session.flush()
        _trace(session, asked, row, now)
        bump(session)


def fail_compared(engine: Engine, opinion_id: int, asked: Compared | None, error: AnalystError, now: datetime) -> None:
    """Store why there is no answer."""
    with writer(engine) as session:
        row = session.get(Opinion, opinion_id, with_for_update=True, populate_existing=True)
        if row is None or row.counted or row.status not in WAITING:
            return
        row.status, row.reason, row.error, row.finished_at = "failed", error.reason, error.message, now
        row.raw, row.tries = error.raw or row.raw, error.tries
        session.add(row)
        session.flush()
        if asked is not None:
            _trace(session, asked, row, now, error)
        bump(session)


def waiting_compared(session: Session, now: datetime) -> list[int]:
    """Ids of the opinions of comparisons that nobody writes, the newest signals first; none while one is written."""
    query = select(Opinion).where(~col(Opinion.counted), col(Opinion.status).in_(WAITING))
    rows = session.exec(query.order_by(col(Opinion.signal_id).desc(), col(Opinion.id))).all()
    if any(not _free(one, now) for one in rows):
        return []
    return [one.id or 0 for one in rows]


def _free(row: Opinion, now: datetime) -> bool:
    return row.status == "queued" or (row.status == "writing" and now - (row.started_at or row.created_at) > LOST)


def _plan(session: Session, signal_id: int, version_id: int, settings: AnalystSettings, now: datetime) -> int:
    """Queue one opinion, unless there is an answer or it waits already; an attempt that failed stays as it is."""
    same = select(Opinion).where(Opinion.signal_id == signal_id, Opinion.prompt_version_id == version_id)
    rows = [one for one in session.exec(same) if not settings.model or one.model in {"", settings.model}]
    if any(one.answer is not None or one.status in WAITING for one in rows):
        return 0
    asked = Opinion(
        signal_id=signal_id, model=settings.model, language=settings.language, counted=False, created_at=now
    )
    asked.prompt_version_id = version_id
    session.add(asked)
    return 1


def _answered_already(session: Session, row: Opinion, model: str) -> bool:
    query = select(Opinion.id).where(
        Opinion.signal_id == row.signal_id,
        Opinion.prompt_version_id == row.prompt_version_id,
        Opinion.model == model,
        col(Opinion.answer).is_not(None),
    )
    return session.exec(query).first() is not None


def _trace(session: Session, asked: Compared, row: Opinion, now: datetime, error: AnalystError | None = None) -> None:
    began = row.started_at or now
    settings = settings_step(session, KEY, 1, 1, asked.settings.as_mapping(), began, "Analyst")
    wording = steps_of(session, "prompt_version", asked.version_id)[:1]
    signal = origin(session, "signal", asked.signal_id, now)[:1]
    said = row.answer if error is None and row.answer is not None else {}
    step = Step(
        kind="opinion",
        name=f"Opinion {row.id} of {row.model}, for comparison",
        started_at=began,
        finished_at=now,
        entity="opinion",
        entity_id=row.id,
        inputs={"signal": asked.signal_id, "prompt version": asked.version_id},
        parameters={"model": row.model, "language": row.language, "tries": row.tries},
        output={key: said[key] for key in ("direction", "confidence") if key in said},
        content=said or {"text": row.raw},
        status="done" if error is None else "failed",
        error=None if error is None else f"{type(error).__name__}: {error.message}",
    )
    add_step(session, step, [*wording, settings, *signal])
