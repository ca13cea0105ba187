"""The login at Interactive Brokers and what was found with it: rows of settings."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlmodel import Session

from core.broker.login import Login
from db.models import Setting

IBKR: Final = "ibkr"
"""Setting of the login, and the name of the broker in every table."""
TEST: Final = "ibkr_test"
SEARCH: Final = "ibkr_search"
RECONCILED: Final = "ibkr_reconciled"


def read_login(session: Session) -> Login:
    """The login; switched off before anybody has saved one."""
    return Login.of(read_value(session, IBKR))


def read_value(session: Session, key: str) -> Any:
    """The value of a setting, None when there is none."""
    row = session.get(Setting, key, populate_existing=True)
    return row.value if row is not None else None


def put_value(session: Session, key: str, value: Any, now: datetime) -> None:
    """Write a setting."""
    session.merge(Setting(key=key, value=value, updated_at=now))
