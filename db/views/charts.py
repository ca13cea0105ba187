"""What the Charts page shows: symbols to choose from, moments to go to, and signals and trades known by a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from core.timeframe import Timeframe
from db.models import Bar, Signal, Symbol, Trade
from db.store.bars.series import last_close

MOST = 200
"""Signals and trades that one chart is asked about."""


@dataclass(frozen=True)
class PlanLine:
    """A signal or a trade as far as it was known at the moment asked for. Times are UTC ms.

    `kind` is `signal` or `trade`; `targets` are mappings with `name`, `price` and `r`. `end` is when the signal expires
    or the trade was closed, None for a trade that was still open; `signal_id` is the signal a trade came from. A trade
    may have no stop and no target.
    """

    kind: str
    id: int
    timeframe: int | None
    direction: int
    entry: float
    stop: float | None
    target: float | None
    targets: tuple[dict[str, Any], ...]
    start: int
    end: int | None
    signal_id: int | None = None


@dataclass(frozen=True)
class Place:
    """Where a signal or trade belongs: its symbol, its timeframe (None where it has none) and its moments, UTC ms."""

    symbol_id: int
    timeframe: int | None
    start: int
    end: int | None


def chart_symbols(session: Session) -> list[Symbol]:
    """All symbols, in the order of their names; one without bars is among them, so that its page can say why."""
    return list(session.scalars(select(Symbol).order_by(col(Symbol.name))))


def newest_close(session: Session, symbol_id: int, timeframes: tuple[Timeframe, ...]) -> int | None:
    """Close time (UTC ms) of the newest stored bar of any of these timeframes; None when there is none."""
    found = [last_close(session, symbol_id, one) for one in timeframes]
    return max((moment for moment in found if moment is not None), default=None)


def close_after(session: Session, symbol_id: int, timeframe: Timeframe, moment: int, count: int) -> int | None:
    """Close time (UTC ms) of the bar `count` places on from `moment`, the last there is if there are fewer."""
    times = select(col(Bar.time)).where(*_which(symbol_id, timeframe), col(Bar.time) > moment - timeframe.ms)
    newest = select(func.max(times.order_by(col(Bar.time)).limit(count).subquery().c.time))
    found = session.execute(newest).scalar()
    return None if found is None else int(found) + timeframe.ms


def close_before(session: Session, symbol_id: int, timeframe: Timeframe, moment: int, count: int) -> int | None:
    """Close time (UTC ms) of the bar `count` places before the last one complete at `moment`, the first at least."""
    times = select(col(Bar.time)).where(*_which(symbol_id, timeframe), col(Bar.time) <= moment - timeframe.ms)
    oldest = select(func.min(times.order_by(col(Bar.time).desc()).limit(count + 1).subquery().c.time))
    found = session.execute(oldest).scalar()
    return None if found is None else int(found) + timeframe.ms


def signals_by(session: Session, symbol_id: int, start: int, until: int) -> list[PlanLine]:
    """Signals of a symbol seen after `start` and by `until` (UTC ms), the newest first."""
    query = (
        select(Signal)
        .where(col(Signal.symbol_id) == symbol_id, col(Signal.as_of) > start, col(Signal.as_of) <= until)
        .order_by(col(Signal.as_of).desc(), col(Signal.id).desc())
        .limit(MOST)
    )
    return [
        PlanLine(
            "signal", one.id or 0, one.timeframe, one.direction, one.entry, one.stop, one.target, tuple(one.targets),
            one.as_of, one.expires_at,
        )
        for one in session.scalars(query)
    ]  # fmt: skip


def trades_by(session: Session, symbol_id: int, start: int, until: int) -> list[PlanLine]:
    """Trades of a symbol that were open at some moment between `start` and `until` (UTC ms), the newest first.

    A trade that was closed after `until` is still open: that is what was known then.
    """
    since, by = _aware(start), _aware(until)
    query = (
        select(Trade, Signal)
        .outerjoin(Signal, col(Signal.id) == col(Trade.signal_id))
        .where(col(Trade.symbol_id) == symbol_id, col(Trade.opened_at) <= by)
        .where(col(Trade.closed_at).is_(None) | (col(Trade.closed_at) > since))
        .order_by(col(Trade.opened_at).desc(), col(Trade.id).desc())
        .limit(MOST)
    )
    found = []
    for trade, signal in session.execute(query):
        closed = _ms(trade.closed_at)
        targets = tuple(signal.targets) if signal is not None else ()
        found.append(
            PlanLine(
                "trade", trade.id, None if signal is None else signal.timeframe, trade.direction, trade.entry_price,
                trade.stop, trade.target, targets, _ms(trade.opened_at) or 0,
                closed if closed is not None and closed <= until else None, trade.signal_id,
            )
        )  # fmt: skip
    return found


def place_of(session: Session, kind: str, row_id: int) -> Place | None:
    """Where the signal or trade with this id belongs; None when there is none."""
    if kind == "signal":
        signal = session.get(Signal, row_id)
        return None if signal is None else Place(signal.symbol_id, signal.timeframe, signal.as_of, signal.expires_at)
    trade = session.get(Trade, row_id)
    if trade is None:
        return None
    signal = session.get(Signal, trade.signal_id) if trade.signal_id else None
    timeframe = None if signal is None else signal.timeframe
    return Place(trade.symbol_id, timeframe, _ms(trade.opened_at) or 0, _ms(trade.closed_at))


def _which(symbol_id: int, timeframe: Timeframe) -> tuple[Any, ...]:
    return col(Bar.symbol_id) == symbol_id, col(Bar.timeframe) == int(timeframe)


def _aware(moment: int) -> datetime:
    return datetime.fromtimestamp(moment / 1000, UTC)


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp() * 1000)
