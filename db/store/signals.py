"""Signals: how long they last, what prices did to them, and the one way in which their status changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, or_, update
from sqlmodel import Session, col, select

from core.errors import NotFoundError
from core.timeframe import Timeframe
from db.models import FED, Bar, Signal, Symbol, Trade
from db.store.bars.series import last_close


@dataclass(frozen=True)
class Reach:
    """The first bar at which price reached a signal's stop or target; `known_at` is its close time (UTC ms)."""

    known_at: int
    stop: bool


def shown() -> ColumnElement[bool]:
    """The condition that a signal was not cleared: every view asks for it."""
    return col(Signal.deleted_at).is_(None)


def get_signal(session: Session, signal_id: int) -> Signal:
    """The signal as it is now, whatever this session read before.

    Raises:
        NotFoundError: there is no such signal.
    """
    signal = session.get(Signal, signal_id, populate_existing=True)
    if signal is None or signal.deleted_at is not None:
        raise NotFoundError(f"Signal {signal_id} does not exist: choose one from the list.", signal_id)
    return signal


def new_signals(session: Session, symbol_id: int) -> Sequence[Signal]:
    """Signals of a symbol that nobody has decided on, oldest first."""
    query = select(Signal).where(Signal.symbol_id == symbol_id, Signal.status == "new", shown())
    return session.exec(query.order_by(col(Signal.id))).all()


def trade_of(session: Session, signal_id: int) -> Trade | None:
    """The trade that was made from a signal."""
    return session.exec(select(Trade).where(Trade.signal_id == signal_id)).first()


def settle(session: Session, signal_id: int, status: str, reason: str | None, now: datetime) -> bool:
    """Compare and set: give a signal that is still `new` its final status. False when somebody else did it first."""
    statement = update(Signal).where(col(Signal.id) == signal_id, col(Signal.status) == "new")
    done: CursorResult[Any] = session.connection().execute(
        statement.values(status=status, reason=reason, decided_at=now)
    )
    return done.rowcount == 1


def market_time(session: Session, symbol: Symbol, timeframe: Timeframe, now: datetime) -> int:
    """What time it is (UTC ms) for a signal of `timeframe` on this symbol.

    Where a feed delivers bars it is the wall clock's. A sample or an imported file ends somewhere in the past: there
    it is the close of the last bar, so that its signals can be taken until a later bar is stored. Both the click that
    accepts and the job that expires ask here.
    """
    if symbol.source in FED:
        return int(now.timestamp() * 1000)
    assert symbol.id is not None
    closes = [last_close(session, symbol.id, stored) for stored in _watched(symbol, timeframe)]
    return max((close for close in closes if close is not None), default=0)


def first_reach(session: Session, symbol: Symbol, signal: Signal) -> Reach | None:
    """Where price first reached the stop or the target while the signal could be taken, or None.

    Counts bars that opened at or after `as_of` and closed by `expires_at`, of the finest stored timeframe and of the
    signal's own (the finest may cover only a part). Within one bar the stop counts first: nobody knows the order.
    """
    timeframes = _watched(symbol, Timeframe(signal.timeframe))
    found = [_first_reach(session, signal, timeframe) for timeframe in timeframes]
    return min((reach for reach in found if reach), key=lambda reach: reach.known_at, default=None)


def why_over(session: Session, symbol: Symbol, signal: Signal, now: datetime) -> str | None:
    """Why a signal can no longer be taken, by the bars that are stored and the market's time; None while it can."""
    reach = first_reach(session, symbol, signal)
    if reach is not None:
        return f"{'Stop' if reach.stop else 'Target'} reached at {utc_text(reach.known_at)} before it was taken"
    if signal.expires_at <= market_time(session, symbol, Timeframe(signal.timeframe), now):
        return f"Not taken by {utc_text(signal.expires_at)}"
    return None


def utc_text(moment: int) -> str:
    """A market time (UTC ms) as people read it: `2026-11-20 12:05 UTC`."""
    return f"{datetime.fromtimestamp(moment / 1000, UTC):%Y-%m-%d %H:%M} UTC"


def _watched(symbol: Symbol, timeframe: Timeframe) -> list[Timeframe]:
    return sorted({Timeframe(symbol.base_timeframe or timeframe), timeframe})


def _first_reach(session: Session, signal: Signal, timeframe: Timeframe) -> Reach | None:
    low, high = col(Bar.low), col(Bar.high)
    up = signal.direction > 0
    at_stop, at_target = (
        (low <= signal.stop, high >= signal.target) if up else (high >= signal.stop, low <= signal.target)
    )
    query = select(Bar.time, at_stop.label("stop")).where(
        Bar.symbol_id == signal.symbol_id,
        Bar.timeframe == int(timeframe),
        Bar.time >= signal.as_of,
        Bar.time <= signal.expires_at - timeframe.ms,
        or_(at_stop, at_target),
    )
    row = session.exec(query.order_by(col(Bar.time)).limit(1)).first()
    return None if row is None else Reach(timeframe.close_time(row[0]), bool(row[1]))
