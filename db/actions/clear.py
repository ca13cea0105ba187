"""Clear part of the history: counted before, confirmed by typing, gone from every page, undone within the day."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import CursorResult, Engine, exists, func, update
from sqlalchemy import select as sql_select
from sqlmodel import Session, SQLModel, col, select

from core.errors import ConflictError, DeskError, NotFoundError
from db.actions.accounts import check_unarchived
from db.actions.challenges import check_free
from db.engine import reader, writer
from db.models import (
    Account,
    Challenge,
    ChallengePhase,
    ChartExport,
    Clearing,
    OrderTicket,
    Signal,
    Symbol,
    Trade,
    TradeImage,
)
from db.store.accounts import get_account
from db.store.lineage.purge import dead_steps, forget
from db.store.lineage.steps import steps_of
from db.store.orders.follow import follow
from db.store.orders.rows import live_orders
from db.store.purge import delete_rows
from db.store.revision import bump

_CHUNK: Final = 1_000
UNDO: Final = timedelta(days=1)
"""How long a clearing can be undone."""
KINDS: Final = ("signals", "trades", "challenge")
_TABLES: Final[dict[str, Any]] = {"signals": Signal, "trades": Trade, "challenge": Challenge}


_TRACED: Final = ("signal", "trade", "challenge", "opinion", "signal_fusion", "order_refusal")
"""Rows that may be gone after a purge and have steps in the lineage; charts are looked after where they are deleted."""


@dataclass(frozen=True)
class Scope:
    """What is to be cleared: the `signals` of a symbol, the `trades` of an account (of one symbol or of all), or one
    `challenge`.

    Signals that became trades stay with them, and so do those that an order was given for. Cash movements are no
    trades: they stay.
    """

    kind: str
    account_id: int | None = None
    symbol_id: int | None = None
    challenge_id: int | None = None


@dataclass(frozen=True)
class Preview:
    """What would be cleared: how many rows, in words, and what the person types to confirm it."""

    label: str
    count: int
    confirmation: str


@dataclass(frozen=True)
class Purged:
    """Files of what is gone for good: screenshots, below the uploads' folder, and charts, below the charts' folder."""

    images: list[str] = field(default_factory=list)
    charts: list[str] = field(default_factory=list)


def preview_clearing(engine: Engine, scope: Scope) -> Preview:
    """What a clearing would take away; nothing is written.

    Raises:
        NotFoundError: symbol, account or challenge do not exist.
        DeskError: the scope names none.
    """
    with reader(engine) as session:
        return _preview(session, scope)


def clear_history(engine: Engine, scope: Scope, typed: str, now: datetime) -> int:
    """Clear it; returns the clearing's id, by which it can be undone for a day.

    Raises:
        NotFoundError: symbol, account or challenge do not exist.
        DeskError: the confirmation is another one, as after the number changed, or there is nothing to clear.
    """
    with writer(engine) as session:
        if scope.account_id is not None:
            # Trades leave their orders nothing to close: those belong to whoever holds the account.
            lock = True if scope.kind == "trades" else {"key_share": True}
            session.get(Account, scope.account_id, with_for_update=lock)
        found = _preview(session, scope)
        if found.count == 0:
            raise DeskError(f"There is nothing to clear: {found.label} are none.", scope)
        if typed.strip() != found.confirmation:
            # The number is part of what is typed: who confirmed another one saw another desk.
            raise DeskError(f"Type '{found.confirmation}' to clear {found.label}.", typed)
        clearing = Clearing(kind=scope.kind, label=found.label, count=found.count, cleared_at=now)
        session.add(clearing)
        session.flush()
        table = _TABLES[scope.kind]
        statement = update(table).where(*_which(scope)).values(deleted_at=now, clearing_id=clearing.id)
        session.execute(statement.execution_options(synchronize_session=False))
        if scope.kind == "trades":
            _follow(session, scope, now)
        bump(session)
        return clearing.id or 0


def undo_clearing(engine: Engine, clearing_id: int, now: datetime) -> int:
    """Put back what was cleared; returns how many rows.

    Raises:
        NotFoundError: there is no such clearing.
        ConflictError: it was undone already, the day is over, or another challenge began on the account meanwhile.
        DeskError: open trades, or a challenge that runs, would come back into an archived account.
    """
    with writer(engine) as session:
        clearing = session.get(Clearing, clearing_id, with_for_update=True)
        if clearing is None:
            raise NotFoundError(f"There is no clearing {clearing_id}: choose one from the list.", clearing_id)
        if clearing.undone_at is not None:
            raise ConflictError("This was undone already.", clearing_id)
        if clearing.purged_at is not None or now - clearing.cleared_at >= UNDO:
            raise ConflictError("The day is over: what was cleared is gone for good.", clearing_id)
        table = _TABLES[clearing.kind]
        _check_return(session, clearing)
        statement = update(table).where(table.clearing_id == clearing_id).values(deleted_at=None, clearing_id=None)
        done: CursorResult[Any] = session.connection().execute(statement)
        clearing.undone_at = now
        bump(session)
        return done.rowcount


def undoable(session: Session, now: datetime) -> list[Clearing]:
    """Clearings that can still be undone, the newest first."""
    query = select(Clearing).where(col(Clearing.undone_at).is_(None), col(Clearing.purged_at).is_(None))
    return list(session.exec(query.where(Clearing.cleared_at > now - UNDO).order_by(col(Clearing.id).desc())))


def purge_cleared(engine: Engine, now: datetime) -> Purged:
    """Delete for good what was cleared a day ago or earlier. Safe to repeat.

    Their lineage goes with them, as far as nothing else came from it. Returns the files that belonged to it, which the
    caller deletes.
    """
    query = select(Clearing.id).where(col(Clearing.undone_at).is_(None), col(Clearing.purged_at).is_(None))
    query = query.where(Clearing.cleared_at <= now - UNDO)
    with reader(engine) as session:
        if session.exec(query).first() is None:
            return Purged()
    purged = Purged()
    with writer(engine) as session:
        due = session.exec(select(Clearing).where(col(Clearing.id).in_(query)).with_for_update()).all()
        for clearing in due:
            purged.images.extend(_images(session, clearing))
            purged.charts.extend(_purge(session, clearing))
            clearing.purged_at = now
        forget(session, dead_steps(session, _TRACED))
        bump(session)
    return purged


def _check_return(session: Session, clearing: Clearing) -> None:
    """What came about meanwhile has to bear with what comes back, as if it began now."""
    if clearing.kind == "challenge":
        running = select(Challenge.account_id).where(Challenge.clearing_id == clearing.id)
        running = running.join(ChallengePhase, col(ChallengePhase.challenge_id) == col(Challenge.id))
        for account_id in session.exec(running.where(ChallengePhase.state == "running").distinct()):
            check_free(session, get_account(session, account_id, lock=True))
    elif clearing.kind == "trades":
        opened = select(Trade.account_id).where(Trade.clearing_id == clearing.id, Trade.status == "open")
        for account_id in session.exec(opened.distinct()):
            check_unarchived(get_account(session, account_id, lock=True))


def _follow(session: Session, scope: Scope, now: datetime) -> None:
    """End the orders that were to close the trades that are gone."""
    for symbol_id in sorted({row.symbol_id for row, _ in live_orders(session, account_id=scope.account_id)}):
        follow(session, scope.account_id or 0, symbol_id, now)


def _preview(session: Session, scope: Scope) -> Preview:
    if scope.kind not in KINDS:
        raise DeskError(f"'{scope.kind}' cannot be cleared: choose {', '.join(KINDS)}.", scope.kind)
    label = _label(session, scope)
    count = session.execute(
        sql_select(func.count()).select_from(_TABLES[scope.kind]).where(*_which(scope))
    ).scalar_one()
    return Preview(label, count, f"clear {label} {count}")


def _label(session: Session, scope: Scope) -> str:
    if scope.kind == "challenge":
        return f"challenge {_named(session, Challenge, scope.challenge_id)}"
    symbol = None if scope.symbol_id is None else _named(session, Symbol, scope.symbol_id)
    if scope.kind == "signals":
        return f"signals of {symbol or _named(session, Symbol, None)}"
    account = _named(session, Account, scope.account_id)
    return f"trades of {account}" + (f" in {symbol}" if symbol else "")


def _named(session: Session, table: type[SQLModel], row_id: int | None) -> str:
    found: Any = None if row_id is None else session.get(table, row_id)
    if found is None:
        what = table.__name__.lower()
        raise NotFoundError(f"There is no {what} {'' if row_id is None else row_id}: choose one.", row_id)
    return str(found.name)


def _which(scope: Scope) -> list[Any]:
    table = _TABLES[scope.kind]
    found: list[Any] = [table.deleted_at.is_(None)]
    if scope.kind == "challenge":
        return [*found, col(Challenge.id) == scope.challenge_id]
    if scope.symbol_id is not None:
        found.append(table.symbol_id == scope.symbol_id)
    if scope.kind == "trades":
        return [*found, col(Trade.account_id) == scope.account_id]
    taken = exists().where(col(Trade.signal_id) == col(Signal.id), col(Trade.deleted_at).is_(None))
    ordered = exists().where(col(OrderTicket.signal_id) == col(Signal.id))
    return [*found, ~taken, ~ordered]


def _purge(session: Session, clearing: Clearing) -> list[str]:
    """Delete the rows of a clearing; returns the files of the charts that the desk drew of them by itself."""
    table = _TABLES[clearing.kind].__table__
    doomed = sql_select(table.c.id).where(table.c.clearing_id == clearing.id)
    if clearing.kind == "signals":
        # A trade that was cleared as well may still be put back: its signal stays away from the pages, but stays.
        doomed = doomed.where(~exists().where(col(Trade.signal_id) == table.c.id))
        doomed = doomed.where(~exists().where(col(OrderTicket.signal_id) == table.c.id))
    charts = _charts(session, table.name, doomed)
    delete_rows(session, table, doomed)
    return charts


def _charts(session: Session, subject: str, doomed: Any) -> list[str]:
    """Delete the desk's own charts of these rows: the next row may get the number, and with it a chart of another."""
    own = select(ChartExport).where(ChartExport.subject == subject, col(ChartExport.once).is_not(None))
    found = session.exec(own.where(col(ChartExport.subject_id).in_(doomed))).all()
    ids = [row.id or 0 for row in found]
    for start in range(0, len(ids), _CHUNK):
        part = sql_select(col(ChartExport.id)).where(col(ChartExport.id).in_(ids[start : start + _CHUNK]))
        delete_rows(session, ChartExport.__table__, part)  # type: ignore[attr-defined]
    forget(session, [step for chart_id in ids for step in steps_of(session, "chart_export", chart_id)])
    return [row.path for row in found if row.path]


def _images(session: Session, clearing: Clearing) -> list[str]:
    """Paths of the screenshots that no other trade shows."""
    if clearing.kind != "trades":
        return []
    mine = col(TradeImage.trade_id).in_(select(Trade.id).where(Trade.clearing_id == clearing.id))
    others = select(TradeImage.path).where(~mine)
    return list(session.exec(select(TradeImage.path).where(mine, col(TradeImage.path).not_in(others)).distinct()))
