"""The analyst's measured record: what its opinions were worth, once the signals had ended."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlmodel import Session, col

from core.signals.fusion import Outcome
from core.signals.outcome import State
from db.models import Opinion, Prompt, PromptVersion, Signal, SignalFusion, SignalOutcome
from db.store.signals import shown

AGREED = (Outcome.AGREES.value,)
WARNED = (Outcome.STAYS_OUT.value, Outcome.CONTRADICTS.value, Outcome.HELD_BACK.value)


def analyst_record(session: Session) -> pd.DataFrame:
    """One row for each version of a prompt and model whose opinions count, newest version first.

    Columns: prompt, number, model, answers, ended, agreed_won, agreed_lost, warned_right (the signal lost),
    warned_wrong (it won), held_back, agreed_r and warned_r (mean result in R of the ended signals, NaN without any).
    A signal won when it met its target, or ran out of time above its fill; it lost when it was stopped, or ran out of
    time at or below. Signals that were never filled, are still open, or were cleared do not count.
    """
    won, lost = _won(), _lost()
    agreed, warned = col(SignalFusion.outcome).in_(AGREED), col(SignalFusion.outcome).in_(WARNED)
    result = col(SignalOutcome.result_r)
    columns: list[Any] = [
        col(Prompt.name).label("prompt"),
        col(PromptVersion.number),
        col(Opinion.model),
        func.count().label("answers"),
        _count(or_(won, lost)).label("ended"),
        _count(and_(agreed, won)).label("agreed_won"),
        _count(and_(agreed, lost)).label("agreed_lost"),
        _count(and_(warned, lost)).label("warned_right"),
        _count(and_(warned, won)).label("warned_wrong"),
        _count(col(SignalFusion.outcome) == Outcome.HELD_BACK.value).label("held_back"),
        func.avg(case((and_(agreed, or_(won, lost)), result))).label("agreed_r"),
        func.avg(case((and_(warned, or_(won, lost)), result))).label("warned_r"),
    ]
    query = (
        select(*columns)
        .select_from(SignalFusion)
        .join(Opinion, col(Opinion.id) == col(SignalFusion.opinion_id))
        .join(Signal, col(Signal.id) == col(SignalFusion.signal_id))
        .join(PromptVersion, col(PromptVersion.id) == col(Opinion.prompt_version_id))
        .join(Prompt, col(Prompt.id) == col(PromptVersion.prompt_id))
        .outerjoin(SignalOutcome, col(SignalOutcome.signal_id) == col(SignalFusion.signal_id))
        .where(shown())
        .group_by(col(Prompt.name), col(PromptVersion.id), col(PromptVersion.number), col(Opinion.model))
        .order_by(col(PromptVersion.id).desc(), col(Opinion.model))
    )
    found = session.execute(query)
    frame = pd.DataFrame(found.fetchall(), columns=list(found.keys()))
    return frame.astype({"agreed_r": float, "warned_r": float})


def missing_opinions(session: Session) -> dict[str, int]:
    """How many signals have no opinion for which reason."""
    query = (
        select(col(Opinion.reason), func.count())
        .join(Signal, col(Signal.id) == col(Opinion.signal_id))
        .where(col(Opinion.counted), col(Opinion.status) == "failed", shown())
        .group_by(col(Opinion.reason))
        .order_by(func.count().desc(), col(Opinion.reason))
    )
    return {str(reason): int(count) for reason, count in session.execute(query)}


def _won() -> ColumnElement[bool]:
    late = and_(col(SignalOutcome.state) == State.EXPIRED.value, col(SignalOutcome.result_r) > 0)
    return or_(col(SignalOutcome.state) == State.TARGET.value, late)


def _lost() -> ColumnElement[bool]:
    late = and_(col(SignalOutcome.state) == State.EXPIRED.value, col(SignalOutcome.result_r) <= 0)
    return or_(col(SignalOutcome.state) == State.STOP.value, late)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
