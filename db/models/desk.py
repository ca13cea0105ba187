"""What holds for the whole desk: the person's settings, and the counter of changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger
from sqlmodel import Field, SQLModel


class Setting(SQLModel, table=True):
    """A value the person chose, by key."""

    key: str = Field(primary_key=True)
    value: Any = Field(default=None, sa_type=JSON)
    updated_at: datetime


class Revision(SQLModel, table=True):
    """One row that counts changes: pages key their caches by it."""

    id: int = Field(default=1, primary_key=True)
    number: int = Field(default=0, sa_type=BigInteger)
