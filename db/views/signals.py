"""What the Signals page shows: a filtered list, one signal with everything behind it, and how its band did so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import Select, case, func, select
from sqlmodel import Session, col

from core.orders import Leg
from core.signals.outcome import State
from db.models import (
    Account,
    BrokerOrder,
    ChartExport,
    OrderTicket,
    Signal,
    SignalOutcome,
    SignalVote,
    Strategy,
    Symbol,
    Trade,
)
from db.store.charts.exports import shows_signal
from db.store.signals import shown

STATUSES = ("new", "accepted", "rejected", "expired")


@dataclass(frozen=True)
class SignalFilter:
    """Which signals to list. Empty sequences and None mean no restriction; `confidence` is the least one shown."""

    symbols: tuple[int, ...] = ()
    strategies: tuple[int, ...] = ()
    statuses: tuple[str, ...] = ()
    direction: int | None = None
    confidence: float = 0.0


@dataclass(frozen=True)
class SignalDetail:
    """One signal with its symbol, strategy, votes, its trade once accepted, and what became of it so far.

    `order` is the entry of the order it was accepted with; until that fills, an accepted signal has no trade.
    """

    signal: Signal
    symbol: Symbol
    strategy: Strategy
    votes: list[SignalVote]
    trade: Trade | None
    outcome: SignalOutcome | None
    image: str | None
    order: BrokerOrder | None = None


@dataclass(frozen=True)
class BandRecord:
    """Ended outcomes of one strategy: all, those of one confidence band, and how many of these met the target."""

    strategy_ended: int
    band_ended: int
    band_hits: int


def signal_list(session: Session, wanted: SignalFilter, limit: int) -> pd.DataFrame:
    """The newest `limit` signals that match, newest first.

    Columns: id, created_at, symbol, source, tick_size, strategy, timeframe, direction, entry_type, entry, stop, target,
    reward_risk, confidence, band, status, reason, as_of, expires_at.
    """
    columns: list[Any] = [
        col(Signal.id),
        col(Signal.created_at),
        col(Symbol.name).label("symbol"),
        col(Symbol.source),
        col(Symbol.tick_size),
        col(Strategy.name).label("strategy"),
        col(Signal.timeframe),
        col(Signal.direction),
        col(Signal.entry_type),
        col(Signal.entry),
        col(Signal.stop),
        col(Signal.target),
        col(Signal.reward_risk),
        col(Signal.confidence),
        col(Signal.band),
        col(Signal.status),
        col(Signal.reason),
        col(Signal.as_of),
        col(Signal.expires_at),
    ]
    query = (
        select(*columns)
        .join(Symbol, col(Symbol.id) == col(Signal.symbol_id))
        .join(Strategy, col(Strategy.id) == col(Signal.strategy_id))
    )
    narrowed = _narrow(query, wanted).order_by(col(Signal.id).desc()).limit(limit)
    found = session.execute(narrowed)
    return pd.DataFrame(found.fetchall(), columns=list(found.keys()))


def waiting_first(session: Session, limit: int) -> pd.DataFrame:
    """The newest signals that wait for a decision, then the newest others, `limit` in all; columns as `signal_list`."""
    waiting = signal_list(session, SignalFilter(statuses=("new",)), limit)
    newest = signal_list(session, SignalFilter(), limit)
    others = newest[~newest["id"].isin(waiting["id"])]
    return others if waiting.empty else pd.concat([waiting, others], ignore_index=True).head(limit)


def signal_counts(session: Session) -> dict[str, int]:
    """Number of signals per status, every status named."""
    query = select(col(Signal.status), func.count()).where(shown()).group_by(col(Signal.status))
    found = {str(status): int(count) for status, count in session.execute(query)}
    return {status: found.get(status, 0) for status in STATUSES}


def signal_detail(session: Session, signal_id: int) -> SignalDetail | None:
    """One signal and what belongs to it; None when there is no such signal."""
    query = (
        select(Signal, Symbol, Strategy, Trade, SignalOutcome, col(ChartExport.path), BrokerOrder)
        .join(Symbol, col(Symbol.id) == col(Signal.symbol_id))
        .join(Strategy, col(Strategy.id) == col(Signal.strategy_id))
        .outerjoin(Trade, (col(Trade.signal_id) == col(Signal.id)) & col(Trade.deleted_at).is_(None))
        .outerjoin(SignalOutcome, col(SignalOutcome.signal_id) == col(Signal.id))
        .outerjoin(ChartExport, shows_signal())
        .outerjoin(OrderTicket, col(OrderTicket.signal_id) == col(Signal.id))
        .outerjoin(
            BrokerOrder,
            (col(BrokerOrder.ticket_id) == col(OrderTicket.id)) & (col(BrokerOrder.leg) == Leg.ENTRY.value),
        )
        .where(col(Signal.id) == signal_id, shown())
    )
    row = session.execute(query).first()
    if row is None:
        return None
    signal, symbol, strategy, trade, outcome, image, order = row
    votes = session.scalars(
        select(SignalVote).where(col(SignalVote.signal_id) == signal_id).order_by(col(SignalVote.id))
    )
    return SignalDetail(signal, symbol, strategy, list(votes), trade, outcome, image, order)


def band_record(session: Session, strategy_id: int, band: str) -> BandRecord:
    """How signals of this strategy, and of this band of it, ended, whatever was decided about them."""
    in_band = case((col(Signal.band) == band, 1), else_=0)
    hit = case(((col(Signal.band) == band) & (col(SignalOutcome.state) == State.TARGET.value), 1), else_=0)
    ended = [state.value for state in (State.TARGET, State.STOP, State.EXPIRED)]
    query = (
        select(func.count(), func.coalesce(func.sum(in_band), 0), func.coalesce(func.sum(hit), 0))
        .select_from(SignalOutcome)
        .join(Signal, col(Signal.id) == col(SignalOutcome.signal_id))
        .where(col(SignalOutcome.state).in_(ended), col(Signal.strategy_id) == strategy_id, shown())
    )
    strategy_ended, banded, hits = session.execute(query).one()
    return BandRecord(int(strategy_ended), int(banded), int(hits))


def symbol_names(session: Session) -> dict[int, str]:
    """Every symbol's name by id, in the order of the names."""
    return dict(_pairs(session, select(col(Symbol.id), col(Symbol.name)).order_by(col(Symbol.name))))


def strategy_names(session: Session) -> dict[int, str]:
    """Every strategy's name by id, in the order of the names."""
    return dict(_pairs(session, select(col(Strategy.id), col(Strategy.name)).order_by(col(Strategy.name))))


def accounts(session: Session) -> list[Account]:
    """The accounts that are not archived, the oldest first."""
    query = select(Account).where(col(Account.archived_at).is_(None))
    return list(session.scalars(query.order_by(col(Account.id))))


def _narrow(query: Select[Any], wanted: SignalFilter) -> Select[Any]:
    choices: tuple[tuple[Any, Sequence[Any]], ...] = (
        (col(Signal.symbol_id), wanted.symbols),
        (col(Signal.strategy_id), wanted.strategies),
        (col(Signal.status), wanted.statuses),
    )
    for column, allowed in choices:
        if allowed:
            query = query.where(column.in_(allowed))
    query = query.where(shown())
    if wanted.direction is not None:
        query = query.where(col(Signal.direction) == wanted.direction)
    if wanted.confidence > 0:
        query = query.where(col(Signal.confidence) >= wanted.confidence)
    return query


def _pairs(session: Session, query: Any) -> list[tuple[int, str]]:
    return [(int(key), str(name)) for key, name in session.execute(query)]
