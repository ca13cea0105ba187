"""What the Signals page shows of an opinion: the one that stands, the attempt since, and what fusion made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from core.analyst.answer import Answer
from core.analyst.settings import AnalystSettings
from db.models import Opinion, Prompt, PromptVersion, SignalFusion
from db.store.opinions import WAITING, analyst_settings, newest, standing


@dataclass(frozen=True)
class OpinionView:
    """`standing` is the opinion that was fused, with its `answer` and its `fusion`; `attempt` one that waits, is
    written, or failed since. `prompt` names the wording that `standing` was asked with. All None before anybody asked.
    """

    settings: AnalystSettings
    standing: Opinion | None = None
    answer: Answer | None = None
    fusion: SignalFusion | None = None
    attempt: Opinion | None = None
    prompt: str = ""

    @property
    def pending(self) -> Opinion | None:
        """The opinion that waits or is being written."""
        return self.attempt if self.attempt is not None and self.attempt.status in WAITING else None


def signal_opinion(session: Session, signal_id: int) -> OpinionView:
    """Everything about the opinion on one signal."""
    settings, last = analyst_settings(session), newest(session, signal_id)
    attempt = last if last is not None and last.status != "done" else None
    found = standing(session, signal_id)
    if found is None:
        return OpinionView(settings, attempt=attempt)
    opinion, fusion = found
    answer, prompt = Answer.model_validate(opinion.answer), _prompt_name(session, opinion.prompt_version_id)
    return OpinionView(settings, opinion, answer, fusion, attempt, prompt)


def fused_outcomes(session: Session, signal_ids: Sequence[int]) -> dict[int, str]:
    """What fusion came to (`core.signals.fusion.Outcome`) for those of these signals that have an opinion."""
    query = select(col(SignalFusion.signal_id), col(SignalFusion.outcome)).where(
        col(SignalFusion.signal_id).in_(list(signal_ids))
    )
    return {int(signal_id): str(outcome) for signal_id, outcome in session.execute(query)}


def _prompt_name(session: Session, version_id: int | None) -> str:
    query = (
        select(col(Prompt.name), col(PromptVersion.number))
        .join(PromptVersion, col(PromptVersion.prompt_id) == col(Prompt.id))
        .where(col(PromptVersion.id) == version_id)
    )
    row = session.execute(query).first()
    return f"{row[0]}, version {row[1]}" if row else ""
