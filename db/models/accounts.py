"""Where the money is: accounts, the cash that goes in and out, and the challenges an account is put to."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, Index, SmallInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from db.money import Money


class Account(SQLModel, table=True):
    """A trading account.

    One trade may lose at its stop `risk_percent` of the balance, or `risk_fixed` where that is set. None in `max_open`
    (trades at once) and `max_risk_percent` (risk of all open trades, share of the balance) is no limit; empty `symbols`
    (ids) and `sessions` (`tokyo`, `london`, `new_york`) allow all. Days are counted in `time_zone`. An archived account
    keeps its history and takes no new trades. `version` counts the changes: whoever edits names the one they saw.
    """

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    currency: str = "USD"
    initial_balance: Decimal = Field(sa_type=Money)
    risk_percent: Decimal = Field(sa_type=Money)
    risk_fixed: Decimal | None = Field(default=None, sa_type=Money)
    max_open: int | None = None
    max_risk_percent: Decimal | None = Field(default=None, sa_type=Money)
    symbols: list[int] = Field(default_factory=list, sa_type=JSON)
    sessions: list[str] = Field(default_factory=list, sa_type=JSON)
    time_zone: str = "UTC"
    created_at: datetime
    archived_at: datetime | None = None
    version: int = 1


class CashMovement(SQLModel, table=True):
    """Money that went in (positive) or out. Rows are only added: a mistake is put right by one that reverses it.

    `kind` is `deposit`, `withdrawal`, `fee` or `adjustment`. `at` is when it happened; `booked_by` and `booked_at` say
    who wrote it down and when. `external_id` is the broker's, for imports.
    """

    __tablename__ = "cash_movement"
    __table_args__ = (
        UniqueConstraint("reverses_id"),
        UniqueConstraint("account_id", "external_id"),
        Index(None, "account_id", "at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id")
    kind: str
    amount: Decimal = Field(sa_type=Money)
    at: datetime
    reason: str
    booked_by: str
    booked_at: datetime
    reverses_id: int | None = Field(default=None, foreign_key="cash_movement.id")
    external_id: str | None = None
    import_id: int | None = Field(default=None, foreign_key="import_batch.id")


class Challenge(SQLModel, table=True):
    """An account put to the rules of a firm. `rules` are all of them as they were when it started (see
    `core.challenge.stored`), `preset` the key of the preset they came from; None for the trader's own.
    """

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    name: str
    preset: str | None = None
    rules: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    created_at: datetime
    version: int = 1
    deleted_at: datetime | None = None
    clearing_id: int | None = Field(default=None, foreign_key="clearing.id", index=True)


class ChallengePhase(SQLModel, table=True):
    """One phase of a challenge (`name` is a `core.challenge.phases.PhaseName`), with a balance of its own.

    `state` is `running`, `passed`, `failed` or `stopped`. A breach keeps its instant, its rule and a sentence
    with the figures; it never un-happens, whatever is booked later.
    """

    __tablename__ = "challenge_phase"
    __table_args__ = (UniqueConstraint("challenge_id", "position"),)

    id: int | None = Field(default=None, primary_key=True)
    challenge_id: int = Field(foreign_key="challenge.id")
    position: int = Field(sa_type=SmallInteger)
    name: str
    initial_balance: Decimal = Field(sa_type=Money)
    state: str = "running"
    started_at: datetime
    ended_at: datetime | None = None
    breached_at: datetime | None = None
    breach_rule: str | None = None
    breach_detail: str | None = None


class DayNote(SQLModel, table=True):
    """What the trader wrote about a day (of the account's time zone), as markdown."""

    __tablename__ = "day_note"

    account_id: int = Field(primary_key=True, foreign_key="account.id")
    day: date = Field(primary_key=True)
    text: str
    updated_at: datetime
    version: int = 1


class ImportBatch(SQLModel, table=True):
    """One imported broker file and what came of it."""

    __tablename__ = "import_batch"

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    file_name: str
    format: str
    sha256: str
    new: int
    known: int
    rejected: int
    imported_at: datetime


class Clearing(SQLModel, table=True):
    """Part of the history that was cleared: gone from every page, for good after a day, unless it is undone.

    `kind` is `signals`, `trades` or `challenge`; `label` says in words what it was, `count` how many rows.
    """

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    label: str
    count: int
    cleared_at: datetime
    undone_at: datetime | None = None
    purged_at: datetime | None = None
