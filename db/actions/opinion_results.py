"""What came of asking: the answer with what follows from it, or why there is none; each with its lineage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from core.analyst.answer import Answer
from core.errors import AnalystError
from core.signals.fusion import AGREES, CONTRADICTS, HELD_BELOW, HELD_FROM, STAYS_OUT, Fusion, View, fuse
from db.actions.opinions import Request, close_failed
from db.conflict import insert_for
from db.engine import writer
from db.models import LineageStep, Opinion, Signal, SignalFusion
from db.store.lineage.roots import origin
from db.store.lineage.steps import Step, add_step, settings_step, steps_of
from db.store.opinions import KEY, UNREACHED
from db.store.revision import bump

_RULE = {
    "agrees": AGREES,
    "stays out": STAYS_OUT,
    "contradicts": CONTRADICTS,
    "held below": HELD_BELOW,
    "held from": HELD_FROM,
}


@dataclass(frozen=True)
class Written:
    """A usable answer, the text it was read from, the tries it took, and the id of the chart that was sent along."""

    answer: Answer
    raw: str
    tries: int
    chart_id: int | None = None


def keep_answer(engine: Engine, request: Request, written: Written, now: datetime) -> Fusion | None:
    """Store the answer and fuse it with the signal, whose own figures never change.

    None when the signal is gone, or nobody waits for this answer any more.
    """
    with writer(engine) as session:
        opinion = _in_progress(session, request.opinion_id)
        signal = session.get(Signal, request.signal_id)
        if opinion is None or signal is None:
            return None
        opinion.status, opinion.reason, opinion.error = "done", None, None
        opinion.answer, opinion.raw, opinion.tries = written.answer.model_dump(mode="json"), written.raw, written.tries
        opinion.vision, opinion.finished_at = written.chart_id is not None, now
        fusion = fuse(signal.direction, signal.confidence, view_of(written.answer))
        opinion.outcome = fusion.outcome.value
        session.add(opinion)
        session.flush()
        _upsert(session, signal, opinion, fusion, now)
        made = _trace_opinion(session, request, opinion, written.chart_id, now)
        _trace_fusion(session, signal, fusion, made, now)
        bump(session)
        return fusion


def keep_failure(engine: Engine, opinion_id: int, request: Request | None, error: AnalystError, now: datetime) -> None:
    """Store why there is no opinion; `request` is None when nothing was asked. The signal stays as it is."""
    with writer(engine) as session:
        opinion = session.get(Opinion, request.opinion_id if request else opinion_id, with_for_update=True)
        if opinion is None or opinion.status not in ("queued", "writing"):
            return
        opinion.raw, opinion.tries = error.raw or opinion.raw, error.tries
        close_failed(opinion, error.reason, error.message, now)
        session.add(opinion)
        session.flush()
        # Where no model was there nothing was done that could be traced.
        if request is not None and error.reason not in UNREACHED:
            _trace_opinion(session, request, opinion, None, now, error)
        bump(session)


def view_of(answer: Answer) -> View:
    """The two figures of an answer that count."""
    return View(answer.sign, answer.confidence / 100)


def _in_progress(session: Session, opinion_id: int) -> Opinion | None:
    opinion = session.get(Opinion, opinion_id, with_for_update=True, populate_existing=True)
    return opinion if opinion is not None and opinion.status == "writing" else None


def _upsert(session: Session, signal: Signal, opinion: Opinion, fusion: Fusion, now: datetime) -> None:
    values: dict[str, Any] = {
        "opinion_id": opinion.id,
        "outcome": fusion.outcome.value,
        "direction": fusion.direction,
        "confidence": fusion.confidence,
        "band": fusion.band,
        "sentence": fusion.sentence,
        "fused_at": now,
    }
    statement = insert_for(session, SignalFusion).values(signal_id=signal.id, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["signal_id"], set_=values))


def _trace_opinion(
    session: Session,
    request: Request,
    opinion: Opinion,
    chart_id: int | None,
    now: datetime,
    error: AnalystError | None = None,
) -> int:
    """The prompt as it was sent, and what the model made of it."""
    began = opinion.started_at or now
    wording = steps_of(session, "prompt_version", request.version_id)[:1]
    prompt = add_step(
        session,
        Step(
            kind="prompt",
            name=f"Prompt about signal {request.signal_id}",
            started_at=began,
            finished_at=began,
            entity="opinion",
            entity_id=opinion.id,
            inputs={"signal": request.signal_id, "prompt version": request.version_id},
            output={"characters": len(request.system) + len(request.prompt)},
            content={"system": request.system, "prompt": request.prompt},
        ),
        [*wording, *_signal_steps(session, request.signal_id, now)],
    )
    settings = settings_step(session, KEY, 1, 1, request.settings.as_mapping(), began, "Analyst")
    chart = steps_of(session, "chart_export", chart_id)[:1] if chart_id is not None else []
    said = opinion.answer if error is None and opinion.answer is not None else {}
    return add_step(
        session,
        Step(
            kind="opinion",
            name=f"Opinion {opinion.id} of {opinion.model}",
            started_at=began,
            finished_at=now,
            entity="opinion",
            entity_id=opinion.id,
            inputs={"signal": request.signal_id, "chart": chart_id},
            parameters={"model": opinion.model, "language": opinion.language, "tries": opinion.tries},
            output={key: said[key] for key in ("direction", "confidence", "entry", "stop") if key in said},
            content=said or {"text": opinion.raw},
            status="done" if error is None else "failed",
            error=None if error is None else f"{type(error).__name__}: {error.message}",
        ),
        [prompt, settings, *chart],
    )


def _trace_fusion(session: Session, signal: Signal, fusion: Fusion, opinion_step: int, now: datetime) -> None:
    step = Step(
        kind="fusion",
        name=f"Fusion of signal {signal.id}",
        started_at=now,
        finished_at=now,
        entity="signal_fusion",
        entity_id=signal.id,
        inputs={"confidence": signal.confidence, "direction": signal.direction},
        parameters=_RULE,
        output={
            "outcome": fusion.outcome.value,
            "direction": fusion.direction,
            "confidence": fusion.confidence,
            "sentence": fusion.sentence,
        },
        content=asdict(fusion),
    )
    add_step(session, step, [opinion_step, *_signal_steps(session, signal.id or 0, now)])


def _signal_steps(session: Session, signal_id: int, now: datetime) -> Sequence[int]:
    """The step that made the signal, not what was decided about it later."""
    query = select(LineageStep.id).where(
        LineageStep.entity == "signal", LineageStep.entity_id == signal_id, LineageStep.kind == "signal"
    )
    found = session.exec(query.order_by(col(LineageStep.id)).limit(1)).first()
    return [found] if found is not None else origin(session, "signal", signal_id, now)[:1]
