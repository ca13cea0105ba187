"""What the owner of a connection says about itself."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, update
from sqlmodel import col

from db.engine import writer
from db.models import BrokerLink
from db.store.broker.login import RECONCILED, put_value


def beat(engine: Engine, broker: str, now: int) -> None:
    """Note that the owner of a connection lives, at `now` (UTC ms). No page is read again for it."""
    with writer(engine) as session:
        session.execute(update(BrokerLink).where(col(BrokerLink.broker) == broker).values(seen=now))


def note_reconciled(engine: Engine, differences: int, now: datetime) -> None:
    """Note that both sides were compared, and how many differences there were. No page is read again for it."""
    with writer(engine) as session:
        put_value(session, RECONCILED, {"at": int(now.timestamp() * 1000), "differences": differences}, now)
