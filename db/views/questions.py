"""The figures for a question about the journal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session, col, select

from core.analyst.question import evidence_for
from core.analyst.question_evidence import Evidence, TradeNote
from core.analyst.question_scope import Names, focus_of
from db.models import Account, Trade
from db.views import accounts, figures, journal, signals
from db.views.journal import TradeFilter
from db.views.outcomes import decisions


def gather(session: Session, account: Account, question: str, now: datetime) -> Evidence:
    """Every figure that is known for a question, and what the trader noted about the trades behind the largest ones.

    Raises:
        NoEvidenceError: there is nothing it could be about.
    """
    frame = figures.figures(session, TradeFilter(account_id=account.id), tags=True)
    names = Names(
        symbols=tuple(dict.fromkeys(frame["symbol"])),
        strategies=tuple(signals.strategy_names(session).values()),
        setups=journal.setups(session, account.id),
        tags=tuple(journal.tag_names(session).values()),
        emotions=journal.emotions(session, account.id),
    )
    focus = focus_of(question, names, now, account.time_zone)
    decided = (
        decisions(session, TradeFilter(since=focus.period.since, until=focus.period.until)) if focus.signals else None
    )
    cash = [] if account.id is None else [(one.at, one.amount) for one in accounts.cash(session, account.id)]
    found = evidence_for(frame, decided, focus, account.initial_balance, account.currency, account.time_zone, cash)
    return replace(found, notes=_notes(session, found.trades))


def _notes(session: Session, trades: Sequence[int]) -> tuple[TradeNote, ...]:
    if not trades:
        return ()
    query = select(Trade.id, Trade.note).where(col(Trade.id).in_(trades), Trade.note != "")
    said = {int(key or 0): note for key, note in session.exec(query)}
    return tuple(TradeNote(one, said[one]) for one in trades if one in said)
