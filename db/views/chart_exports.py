"""Exported charts as pages list them."""

from __future__ import annotations

from sqlalchemy import select
from sqlmodel import Session, col

from db.models import ChartExport


def exports_of(session: Session, subject: str, subject_id: int | None, limit: int) -> list[ChartExport]:
    """The newest `limit` exports of a signal, trade, chart or pattern view, newest first.

    With a `subject_id` of None those that belong to no one row.
    """
    query = select(ChartExport).where(col(ChartExport.subject) == subject)
    own = col(ChartExport.subject_id).is_(None) if subject_id is None else col(ChartExport.subject_id) == subject_id
    return list(session.execute(query.where(own).order_by(col(ChartExport.id).desc()).limit(limit)).scalars())
