"""The analyst's measured record: what its opinions were worth, once the signals had ended."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import pandas as pd
from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from core.signals.fusion import Outcome
from core.signals.outcome import State
from db.models import Opinion, Prompt, PromptVersion, Signal, SignalFusion, SignalOutcome
from db.store.opinions import is_newest
from db.store.signals import shown

AGREED = (Outcome.AGREES.value,)
WARNED = (Outcome.STAYS_OUT.value, Outcome.CONTRADICTS.value, Outcome.HELD_BACK.value)
_COLUMNS: Final = [
    "prompt", "number", "model", "answers", "ended", "agreed_won", "agreed_lost", "warned_right", "warned_wrong",
    "held_back", "agreed_r", "warned_r",
]  # fmt: skip


def analyst_record(session: Session) -> pd.DataFrame:
    """One row for each version of a prompt and model with measured opinions, newest version first.

    Columns: prompt, number, model, answers, ended, agreed_won, agreed_lost, warned_right (the signal lost),
    warned_wrong (it won), held_back, agreed_r and warned_r (mean result in R of the ended signals, NaN without any).

    Measured is each signal's first opinion, when it was there before the signal ended: neither asking again nor asking
    afterwards changes the record. A signal won when it met its target, or ran out of time above its fill; it lost when
    it was stopped, or ran out of time at or below. Signals that were never filled, are still open, or were cleared do
    not count.
    """
    found = _first_opinions(session)
    if found.empty:
        return pd.DataFrame(columns=_COLUMNS)
    rows = [
        {"prompt": prompt, "number": number, "model": model, **_measured(part)}
        for (_, prompt, number, model), part in found.groupby(["version", "prompt", "number", "model"], sort=False)
    ]
    return pd.DataFrame(rows, columns=_COLUMNS)


def _first_opinions(session: Session) -> pd.DataFrame:
    """Each signal's first opinion, unless the signal had ended by then; by version (newest first) and model."""
    earlier = aliased(Opinion)
    before = exists().where(
        col(earlier.signal_id) == col(Opinion.signal_id), col(earlier.outcome).is_not(None),
        col(earlier.id) < col(Opinion.id),
    )  # fmt: skip
    columns: list[Any] = [
        col(PromptVersion.id).label("version"),
        col(Prompt.name).label("prompt"),
        col(PromptVersion.number),
        col(Opinion.model),
        col(Opinion.outcome),
        col(Opinion.finished_at),
        col(SignalOutcome.ended_at),
        col(SignalOutcome.result_r),
        case((_won(), 1), (_lost(), -1), else_=0).label("came"),
    ]
    query = (
        select(*columns)
        .select_from(Opinion)
        .join(Signal, col(Signal.id) == col(Opinion.signal_id))
        .join(PromptVersion, col(PromptVersion.id) == col(Opinion.prompt_version_id))
        .join(Prompt, col(Prompt.id) == col(PromptVersion.prompt_id))
        .outerjoin(SignalOutcome, col(SignalOutcome.signal_id) == col(Opinion.signal_id))
        .where(col(Opinion.outcome).is_not(None), ~before, shown())
        .order_by(col(PromptVersion.id).desc(), col(Opinion.model))
    )
    found = session.execute(query)
    names = list(found.keys())
    return pd.DataFrame([row for row in found if _in_time(row.finished_at, row.ended_at)], columns=names)


def _in_time(finished_at: datetime, ended_at: int | None) -> bool:
    return ended_at is None or finished_at.timestamp() * 1000 <= ended_at


def _measured(part: pd.DataFrame) -> dict[str, object]:
    agreed, warned = part["outcome"].isin(AGREED), part["outcome"].isin(WARNED)
    won, lost = part["came"] > 0, part["came"] < 0
    result = part["result_r"].astype(float)
    return {
        "answers": len(part),
        "ended": int((won | lost).sum()),
        "agreed_won": int((agreed & won).sum()),
        "agreed_lost": int((agreed & lost).sum()),
        "warned_right": int((warned & lost).sum()),
        "warned_wrong": int((warned & won).sum()),
        "held_back": int((part["outcome"] == Outcome.HELD_BACK.value).sum()),
        "agreed_r": float(result[agreed & (won | lost)].mean()),
        "warned_r": float(result[warned & (won | lost)].mean()),
    }


def missing_opinions(session: Session) -> dict[str, int]:
    """How many signals have no opinion, by the reason of the newest attempt."""
    fused = exists().where(col(SignalFusion.signal_id) == col(Opinion.signal_id))
    query = (
        select(col(Opinion.reason), func.count())
        .join(Signal, col(Signal.id) == col(Opinion.signal_id))
        .where(is_newest(), col(Opinion.status) == "failed", ~fused, shown())
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
