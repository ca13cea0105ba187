"""A question about the journal: asked with the figures that code computed, answered, or left with the figures alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from core.analyst.question_evidence import Evidence, NoEvidenceError
from core.analyst.question_prompt import LONGEST, CheckedAnswer, question_texts
from core.analyst.settings import AnalystSettings
from core.errors import AnalystError, AnalystOffError, DeskError
from core.text import storable
from db.engine import reader, writer
from db.models import Account, DeskQuestion
from db.store.accounts import get_account
from db.store.lineage.roots import account_step
from db.store.lineage.steps import Step, add_step, settings_step, steps_of
from db.store.opinions import KEY, analyst_settings
from db.store.questions import LOST, WAITING, get_question, waiting_questions
from db.store.revision import bump
from db.views.questions import gather

OFF: Final = "The analyst is switched off: switch it on under Prompts. The figures below answer by themselves."


@dataclass(frozen=True)
class Asked:
    """A question whose turn it is, with everything that asking takes."""

    question_id: int
    settings: AnalystSettings
    evidence: Evidence
    system: str
    prompt: str


def ask_question(engine: Engine, account_id: int, question: str, now: datetime) -> int:
    """Store a question with every figure for it, to be answered; its id. The same one that still waits is that one.

    Without figures, or with the analyst switched off, it is closed at once with the reason.

    Raises:
        NotFoundError: there is no such account.
        DeskError: it is empty or too long.
    """
    text = " ".join(storable(question).split())
    if not text or len(text) > LONGEST:
        raise DeskError(f"A question has 1 to {LONGEST} characters.", len(text))
    with reader(engine) as session:
        account, settings = get_account(session, account_id), analyst_settings(session)
        evidence, refusal = _evidence(session, account, text, settings, now)
    with writer(engine) as session:
        account = get_account(session, account_id, lock=True)
        same = select(DeskQuestion.id).where(
            DeskQuestion.account_id == account_id,
            DeskQuestion.question == text,
            col(DeskQuestion.status).in_(WAITING),
        )
        found = session.exec(same).first()
        if found is not None:
            return found
        row = DeskQuestion(
            account_id=account_id,
            question=text,
            model=settings.model,
            language=settings.language,
            evidence=evidence.as_json(),
            asked_at=now,
        )
        if refusal is not None:
            _close(row, refusal, now)
        session.add(row)
        session.flush()
        _trace_question(session, account, row, evidence, now)
        bump(session)
        return row.id or 0


def take_question(engine: Engine, question_id: int, model: str, now: datetime) -> Asked | None:
    """Begin to answer a question with `model`; None when somebody else has it, or nobody waits any more.

    Raises:
        AnalystError: it cannot be asked; the caller stores why.
        NotFoundError: there is no such question.
    """
    with writer(engine) as session:
        row = _locked(session, question_id)
        fresh = row.status == "queued" or (row.status == "writing" and now - (row.started_at or row.asked_at) > LOST)
        if not fresh:
            return None
        settings = analyst_settings(session)
        if not settings.enabled:
            raise AnalystOffError(OFF, question_id)
        row.status, row.started_at, row.model, row.language = "writing", now, model, settings.language
        session.add(row)
        bump(session)
        evidence = Evidence.from_json(row.evidence)
    system, prompt = question_texts(row.question, evidence, settings.language)
    return Asked(question_id, settings, evidence, system, prompt)


def keep_question(engine: Engine, asked: Asked, answer: CheckedAnswer, raw: str, tries: int, now: datetime) -> bool:
    """Store the checked answer; False when nobody waits for it any more."""
    with writer(engine) as session:
        row = _locked(session, asked.question_id)
        if row.status != "writing":
            return False
        row.status, row.reason, row.error = "done", None, None
        row.answer, row.raw, row.finished_at = answer.as_json(), raw, now
        session.add(row)
        session.flush()
        said = {"sentences": len(answer.sentences), "not in the evidence": answer.failed, "tries": tries}
        _trace_answer(session, row, asked, said, now)
        bump(session)
        return True


def fail_question(engine: Engine, question_id: int, asked: Asked | None, error: AnalystError, now: datetime) -> None:
    """Store why there is no answer. The figures stay; `asked` is None when the model was not reached."""
    with writer(engine) as session:
        row = _locked(session, question_id)
        if row.status not in WAITING:
            return
        _close(row, error, now)
        row.raw = error.raw or row.raw
        session.add(row)
        session.flush()
        if asked is not None:
            _trace_answer(session, row, asked, {"reason": error.reason, "tries": error.tries}, now, error)
        bump(session)


def close_lost(engine: Engine, now: datetime) -> None:
    """Give up the questions whose worker was lost."""
    with reader(engine) as session:
        lost = [one.id or 0 for one in waiting_questions(session) if _lost(one, now)]
    for question_id in lost:
        with writer(engine) as session:
            row = _locked(session, question_id)
            if row.status == "writing" and _lost(row, now):
                row.status, row.reason, row.finished_at = "failed", "timeout", now
                row.error = "The worker that answered it was lost: ask again."
                session.add(row)
                bump(session)


def _lost(row: DeskQuestion, now: datetime) -> bool:
    return row.status == "writing" and now - (row.started_at or row.asked_at) > LOST


def _evidence(
    session: Session, account: Account, text: str, settings: AnalystSettings, now: datetime
) -> tuple[Evidence, AnalystError | None]:
    try:
        found = gather(session, account, text, now)
    except NoEvidenceError as error:
        return Evidence("", (), {}), error
    return found, None if settings.enabled else AnalystOffError(OFF)


def _close(row: DeskQuestion, error: AnalystError, now: datetime) -> None:
    row.status, row.reason, row.error, row.finished_at = "failed", error.reason, error.message, now


def _locked(session: Session, question_id: int) -> DeskQuestion:
    get_question(session, question_id)
    return session.get_one(DeskQuestion, question_id, with_for_update=True, populate_existing=True)


def _trace_question(session: Session, account: Account, row: DeskQuestion, evidence: Evidence, now: datetime) -> None:
    step = Step(
        kind="question",
        name=f"Question {row.id}",
        started_at=now,
        finished_at=now,
        entity="question",
        entity_id=row.id,
        inputs={"account": account.id, "trades": list(evidence.trades)},
        parameters={"question": row.question},
        output={"figures": len(evidence.figures), "tables": [one.key for one in evidence.tables]},
        content=row.evidence,
    )
    # The account's settings, not its trades: these are named by their ids and may be a hundred thousand.
    add_step(session, step, [account_step(session, account, now)])


def _trace_answer(
    session: Session,
    row: DeskQuestion,
    asked: Asked,
    output: dict[str, Any],
    now: datetime,
    error: AnalystError | None = None,
) -> None:
    began = row.started_at or now
    settings = settings_step(session, KEY, 1, 1, asked.settings.as_mapping(), began, "Analyst")
    step = Step(
        kind="answer",
        name=f"Answer of {row.model}",
        started_at=began,
        finished_at=now,
        entity="question",
        entity_id=row.id,
        inputs={"characters": len(asked.system) + len(asked.prompt)},
        parameters={"model": row.model, "language": row.language},
        output=output,
        content=row.answer if error is None else {"text": row.raw},
        status="done" if error is None else "failed",
        error=None if error is None else f"{type(error).__name__}: {error.message}",
    )
    add_step(session, step, [*steps_of(session, "question", row.id or 0)[:1], settings])
