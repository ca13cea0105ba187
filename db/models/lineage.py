"""The chain from bars to decision: steps and the edges between them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlmodel import Field, SQLModel


class LineageStep(SQLModel, table=True):
    """One step: what went in, with which parameters, what came out, by which code, and how long it took.

    `kind` is one of `core.lineage_kinds.KINDS`; only `bars` and `settings` have no parents.
    `entity`/`entity_id` name the row the step made, where it made one. `content_hash` is the canonical hash of the
    output. `status` is `done` or `failed`.
    """

    __tablename__ = "lineage_step"
    __table_args__ = (Index(None, "entity", "entity_id"),)

    id: int | None = Field(default=None, primary_key=True)
    run_id: int | None = Field(default=None, foreign_key="run.id", index=True)
    kind: str
    name: str
    entity: str | None = None
    entity_id: int | None = None
    inputs: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    parameters: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    output: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    content_hash: str
    code_version: str
    status: str = "done"
    error: str | None = None
    started_at: datetime
    finished_at: datetime


class LineageEdge(SQLModel, table=True):
    """`child_id` was made from `parent_id`."""

    __tablename__ = "lineage_edge"

    parent_id: int = Field(primary_key=True, foreign_key="lineage_step.id")
    child_id: int = Field(primary_key=True, foreign_key="lineage_step.id", index=True)


class Replay(SQLModel, table=True):
    """A signal computed once more from the stored inputs. `identical`, or `step` is the first whose hash differs.

    Not identical and without a `step` it could not be computed, and `detail` says why. `by` is `person` or `nightly`.
    `step` is `bars M5`, `votes` ...; `hashes` holds each step's (then, now).
    """

    __table_args__ = (Index(None, "signal_id", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    signal_id: int = Field(foreign_key="signal.id")
    by: str
    identical: bool
    step: str | None = None
    detail: str = ""
    hashes: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    code_version: str
    started_at: datetime
    finished_at: datetime
