"""Questions about the journal, and which of them wait."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlmodel import Session, col, select

from core.errors import NotFoundError
from db.models import DeskQuestion

LOST: Final = timedelta(minutes=15)
"""After this time a question is no longer being answered: its worker is gone."""
WAITING: Final = ("queued", "writing")
SHOWN: Final = 100


def get_question(session: Session, question_id: int) -> DeskQuestion:
    """The question as it is now.

    Raises:
        NotFoundError: there is no such question.
    """
    found = session.get(DeskQuestion, question_id, populate_existing=True)
    if found is None:
        raise NotFoundError(f"There is no question {question_id}: choose one from the list.", question_id)
    return found


def questions_of(session: Session, account_id: int, limit: int = SHOWN) -> Sequence[DeskQuestion]:
    """The questions about an account's journal, the newest first."""
    query = select(DeskQuestion).where(DeskQuestion.account_id == account_id)
    return session.exec(query.order_by(col(DeskQuestion.id).desc()).limit(limit)).all()


def waiting_questions(session: Session) -> Sequence[DeskQuestion]:
    """Questions that are not answered yet, the oldest first."""
    query = select(DeskQuestion).where(col(DeskQuestion.status).in_(WAITING))
    return session.exec(query.order_by(col(DeskQuestion.id))).all()
