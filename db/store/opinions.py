"""Opinions on signals: which count, which wait, and what is known of one before it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, exists, text
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from core.analyst.settings import AnalystSettings
from core.errors import SettingsError
from db.models import Opinion, Setting, Signal, SignalFusion
from db.store.signals import shown

KEY: Final = "analyst"
FRESH: Final = timedelta(days=1)
"""How old a signal may be for the desk to ask about it by itself."""
LOST: Final = timedelta(minutes=15)
"""After this time an opinion is no longer being written: its worker is gone."""
WAITING: Final = ("queued", "writing")
UNREACHED: Final = ("unavailable", "missing_model")
"""Reasons that pass once there is a server with the model."""
_TURNS: Final = text("SELECT pg_advisory_xact_lock(hashtext('chartroom analyst'))")
_FRESH: Final = {"populate_existing": True}


@dataclass(frozen=True)
class StoredSettings:
    """The analyst's settings, and when they were saved: None when they never were."""

    settings: AnalystSettings
    saved_at: datetime | None


def stored_settings(session: Session) -> StoredSettings:
    """What the person chose, else the defaults.

    Values that an older release stored and this one cannot use count as switched off: the form shows and mends them.
    """
    row = session.get(Setting, KEY, populate_existing=True)
    if row is None:
        return StoredSettings(AnalystSettings(), None)
    try:
        return StoredSettings(AnalystSettings.from_mapping(row.value), row.updated_at)
    except (SettingsError, TypeError, ValueError):
        return StoredSettings(AnalystSettings(enabled=False), row.updated_at)


def analyst_settings(session: Session) -> AnalystSettings:
    """What the person chose, else the defaults."""
    return stored_settings(session).settings


def lock(session: Session) -> None:
    """One at a time decides what is asked and whose turn it is: the model answers one question after the other."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_TURNS)


def newest(session: Session, signal_id: int) -> Opinion | None:
    """The newest attempt at an opinion on a signal, whatever came of it; comparisons are none."""
    query = select(Opinion).where(Opinion.signal_id == signal_id, col(Opinion.counted))
    return session.exec(query.order_by(col(Opinion.id).desc()).limit(1).execution_options(**_FRESH)).first()


def standing(session: Session, signal_id: int) -> tuple[Opinion, SignalFusion] | None:
    """The opinion that was fused with a signal last, and what came of it."""
    query = select(Opinion, SignalFusion).join(SignalFusion, col(SignalFusion.opinion_id) == col(Opinion.id))
    return session.exec(query.where(SignalFusion.signal_id == signal_id).execution_options(**_FRESH)).first()


def is_newest() -> ColumnElement[bool]:
    """Of the attempts at an opinion on each signal only the newest."""
    later = aliased(Opinion)
    after = exists().where(
        col(later.signal_id) == col(Opinion.signal_id), col(later.counted), col(later.id) > col(Opinion.id)
    )
    return and_(col(Opinion.counted), ~after)


def fresh_signals(session: Session, now: datetime, limit: int) -> list[int]:
    """New signals of the last day that nobody has asked about, newest first."""
    asked = exists().where(col(Opinion.signal_id) == col(Signal.id), col(Opinion.counted))
    query = select(Signal.id).where(*_open(now), ~asked).order_by(col(Signal.id).desc()).limit(limit)
    return [found for found in session.exec(query) if found is not None]


def unreached(session: Session, now: datetime, limit: int) -> list[Opinion]:
    """Opinions on signals that are still open which failed because no server had the model, newest first.

    What a server failed to write in several tries would fail again: only a person asks for it anew.
    """
    failed = Opinion.status == "failed", col(Opinion.reason).in_(UNREACHED), col(Opinion.tries) <= 1
    query = select(Opinion).join(Signal, col(Signal.id) == col(Opinion.signal_id))
    query = query.where(*_open(now), is_newest(), *failed)
    return list(session.exec(query.order_by(col(Opinion.id).desc()).limit(limit)))


def queued(session: Session) -> list[Opinion]:
    """Opinions that wait to be written, those on the newest signals first."""
    query = select(Opinion).where(Opinion.status == "queued", col(Opinion.counted))
    return list(session.exec(query.order_by(col(Opinion.signal_id).desc(), col(Opinion.id))))


def writing(session: Session) -> list[Opinion]:
    """Opinions that are being written, or whose worker was lost."""
    return list(session.exec(select(Opinion).where(Opinion.status == "writing", col(Opinion.counted))))


def _open(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return col(Signal.status) == "new", shown(), col(Signal.created_at) >= now - FRESH
