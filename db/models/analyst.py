"""The local analyst: prompts and their versions, what the model said, what follows from it, and questions asked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, SmallInteger, UniqueConstraint
from sqlmodel import Field, SQLModel


class Prompt(SQLModel, table=True):
    """What is said to the model about a signal: for one strategy (None: all) and language of the answer."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    strategy_id: int | None = Field(default=None, foreign_key="strategy.id", index=True)
    language: str = "English"
    active: bool = True
    created_at: datetime
    archived_at: datetime | None = None


class PromptVersion(SQLModel, table=True):
    """One wording of a prompt. From `used_at` on it never changes: an edit makes the next `number`."""

    __tablename__ = "prompt_version"
    __table_args__ = (UniqueConstraint("prompt_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    prompt_id: int = Field(foreign_key="prompt.id")
    number: int
    system: str
    template: str
    content_hash: str
    note: str = ""
    created_at: datetime
    used_at: datetime | None = None


class Opinion(SQLModel, table=True):
    """One attempt to have the model judge a signal with one version of a prompt, and what came of it. An answer never
    changes: asking again is a row of its own.

    `status` is `queued`, `writing`, `done` or `failed`; `reason` of a failure is `off`, `unavailable`, `missing_model`,
    `timeout`, `junk` or `refused`, `error` the sentence. `answer` is the validated answer
    (`core.analyst.answer.Answer`), `raw` the model's last text. `counted`: asked for the signal's sake, and fused
    with it once it was answered; `outcome` is what that came to (`core.signals.fusion.Outcome`). Others compare.
    """

    __table_args__ = (
        Index(None, "signal_id"),
        Index(None, "status"),
        Index(None, "prompt_version_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    signal_id: int = Field(foreign_key="signal.id")
    prompt_version_id: int | None = Field(default=None, foreign_key="prompt_version.id")
    model: str
    language: str
    vision: bool = False
    counted: bool = True
    status: str = "queued"
    reason: str | None = None
    error: str | None = None
    prompt: str = ""
    raw: str = ""
    answer: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    outcome: str | None = None
    tries: int = 0
    code_version: str = ""
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None


class SignalFusion(SQLModel, table=True):
    """How the technique's votes and the opinion combine (`core.signals.fusion`): what is shown beside both parts."""

    __tablename__ = "signal_fusion"

    signal_id: int = Field(primary_key=True, foreign_key="signal.id")
    opinion_id: int = Field(foreign_key="opinion.id", index=True)
    outcome: str
    direction: int = Field(sa_type=SmallInteger)
    confidence: float
    band: str
    sentence: str
    fused_at: datetime


class DeskQuestion(SQLModel, table=True):
    """A question about one's own journal and signals. `evidence` is every figure that code computed for it, by key;
    `answer` what the model made of them, checked.
    """

    __tablename__ = "desk_question"
    __table_args__ = (Index(None, "account_id", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: int | None = Field(default=None, foreign_key="account.id")
    question: str
    status: str = "queued"
    reason: str | None = None
    error: str | None = None
    model: str = ""
    language: str = "English"
    evidence: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    raw: str = ""
    answer: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    asked_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
