"""The desk's change counter: pages key their caches by it, so that they read again only after a change."""

from __future__ import annotations

from sqlmodel import Session, select

from db.conflict import insert_for
from db.models import Revision


def bump(session: Session) -> None:
    """Count one change. It becomes visible with the transaction that made it.

    Call it last: on PostgreSQL the row stays locked until the commit, so that one order for all (the rows of the desk
    first, then this) rules out a deadlock and keeps the wait short.
    """
    statement = insert_for(session, Revision).values(id=1, number=1)
    session.flush()
    session.execute(
        statement.on_conflict_do_update(index_elements=["id"], set_={"number": Revision.__table__.c.number + 1})  # type: ignore[attr-defined]
    )


def current(session: Session) -> int:
    """The number of changes so far; 0 before the first."""
    return session.exec(select(Revision.number).where(Revision.id == 1)).first() or 0
