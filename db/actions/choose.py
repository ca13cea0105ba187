"""The person chooses the account that every page is about."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from core.errors import DeskError
from db.engine import writer
from db.models import Setting
from db.store.accounts import CHOSEN, get_account
from db.store.revision import bump


def choose_account(engine: Engine, account_id: int, now: datetime) -> None:
    """Remember the account for the next visit.

    Raises:
        NotFoundError: there is no such account.
        DeskError: it is archived.
    """
    with writer(engine) as session:
        account = get_account(session, account_id)
        if account.archived_at is not None:
            raise DeskError(f"{account.name} is archived: take it out of the archive first.", account_id)
        setting = session.get(Setting, CHOSEN)
        if setting is not None and setting.value == account_id:
            return
        session.merge(Setting(key=CHOSEN, value=account_id, updated_at=now))
        bump(session)
