"""What happened to an account, as the events that a challenge is evaluated by (see `core.challenge.events`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session, col, select

from core.bars import Bars
from core.challenge.events import BalanceChange, ChangeKind, Event, Mark, Opened, PhaseStart
from core.challenge.phases import Challenge, PhaseName
from core.challenge.rules import Trail
from core.risk import profit
from core.timeframe import Timeframe
from db.models import CashMovement, ChallengePhase, CorporateAction, Symbol, Trade, TradeFill
from db.store.accounts import get_account
from db.store.bars.series import read_bars
from db.store.challenge.extremes import Held, extreme_marks
from db.store.imports.foreign import unrated
from db.store.moments import from_ms, to_ms
from db.store.portfolio.records import corporate_actions, price_for

MARKS = 5_000
"""Marks of one trade at most: a longer trade is marked by the closes of a higher timeframe."""
_KINDS = {"adjustment": ChangeKind.ADJUSTMENT, "fee": ChangeKind.FEE}


def challenge_events(
    session: Session, account_id: int, rules: Challenge, phases: Sequence[ChallengePhase], until: int
) -> list[Event]:
    """Everything from the start of the first phase to `until` (UTC ms).

    Trades opened before their phase began do not come along. Open P&L is known at each stored close of the symbol's
    finest timeframe, at each fill, and at the extremes of bars that belong to one trade alone (see
    `db.store.challenge.extremes`), and nowhere in between: nothing is made up. A trade whose opening no bar covers is
    without a price until the first close after it.
    """
    starts = [to_ms(phase.started_at) for phase in phases]
    held: list[Held] = []
    lives: list[tuple[int, int]] = []
    events: list[Event] = [
        PhaseStart(at, PhaseName(phase.name), phase.initial_balance)
        for at, phase in zip(starts, phases, strict=True)
        if at <= until
    ]
    events += _cash(session, account_id, phases[0].started_at, until)
    lost = {trade.id for trade, _ in unrated(session, get_account(session, account_id), from_ms(until))}
    trades = _trades(session, account_id, phases[0].started_at, from_ms(until))
    splits = _splits(session, {symbol.id or 0 for _, symbol, _ in trades})
    for trade, symbol, fills in trades:
        begun = to_ms(fills[0].at)
        # A trade belongs to the phase in which it was opened, and leaves the challenge with it.
        end = min((at for at in starts if at > begun), default=until + 1)
        within = [fill for fill in fills if to_ms(fill.at) < end]
        own = (
            _unpriced(trade, within)
            if trade.id in lost
            else _of_trade(session, trade, symbol, within, min(end - 1, until), splits[trade.symbol_id], held)
        )
        events += own
        over = trade.closed_at is not None and len(within) == len(fills) and to_ms(trade.closed_at) <= until
        lives.append((begun, to_ms(fills[-1].at) if over else min(end - 1, until)))
    lifted = any(phase.overall is not None and phase.overall.trail is Trail.INTRADAY for phase in rules.phases)
    events += list(extreme_marks(held, lives, events, rules.reset, best=lifted))
    return events


def _cash(session: Session, account_id: int, since: datetime, until: int) -> Iterator[Event]:
    query = select(CashMovement).where(CashMovement.account_id == account_id, CashMovement.at >= since)
    rows = list(session.exec(query.where(CashMovement.at <= from_ms(until))))
    # A movement and its reversal are as if neither had been: the reversal of a deposit is no payout.
    reversed_ids = {row.reverses_id for row in rows}
    for row in rows:
        if row.reverses_id is not None or row.id in reversed_ids:
            continue
        yield BalanceChange(to_ms(row.at), row.amount, _KINDS.get(row.kind, ChangeKind.CASH))


def _trades(
    session: Session, account_id: int, since: datetime, until: datetime
) -> list[tuple[Trade, Symbol, list[TradeFill]]]:
    query = (
        select(Trade, Symbol, TradeFill)
        .join(Symbol, col(Symbol.id) == col(Trade.symbol_id))
        .join(TradeFill, col(TradeFill.trade_id) == col(Trade.id))
        .where(Trade.account_id == account_id, col(Trade.deleted_at).is_(None))
        .where(Trade.opened_at >= since, TradeFill.at <= until)
        .order_by(col(Trade.id), col(TradeFill.at), col(TradeFill.id))
    )
    found: dict[int, tuple[Trade, Symbol, list[TradeFill]]] = {}
    for trade, symbol, fill in session.exec(query):
        found.setdefault(trade.id or 0, (trade, symbol, []))[2].append(fill)
    return list(found.values())


def _splits(session: Session, symbol_ids: Collection[int]) -> Mapping[int, list[CorporateAction]]:
    """The splits of these symbols, read once: an account may have many trades in one."""
    found: defaultdict[int, list[CorporateAction]] = defaultdict(list)
    for row in corporate_actions(session, list(symbol_ids)):
        if row.kind == "split":
            found[row.symbol_id].append(row)
    return found


def _unpriced(trade: Trade, fills: list[TradeFill]) -> Iterator[Event]:
    """Nobody knows what it makes in the account's currency: it stays without a price, closed or not."""
    begun, name = to_ms(fills[0].at), str(trade.id)
    yield Opened(begun, name)
    yield Mark(begun, None, name)


def _of_trade(
    session: Session,
    trade: Trade,
    symbol: Symbol,
    fills: list[TradeFill],
    until: int,
    splits: list[CorporateAction],
    known: list[Held],
) -> Iterator[Event]:
    """What a trade did; its bars are added to what is `known`."""
    name = str(trade.id)
    yield Opened(to_ms(fills[0].at), name)
    held: list[tuple[int, Decimal, float]] = []
    size, cost = Decimal(0), Decimal(0)
    for fill in fills:
        at, paid = to_ms(fill.at), fill.fee + fill.swap
        value = fill.quantity * Decimal(str(fill.price))
        if fill.kind == "entry":
            size, cost = size + fill.quantity, cost + value
        else:
            cost -= cost * fill.quantity / size
            size -= fill.quantity
            yield BalanceChange(at, fill.realised + paid, ChangeKind.CLOSED, name, final=size == 0)
        if paid:
            yield BalanceChange(at, -paid, ChangeKind.FEE)
        average = float(cost / size) if size else 0.0
        held.append((at, size, average))
        if size and len(held) > 1:
            floating = profit(trade.direction, average, fill.price, size, trade.per_point)
            yield Mark(at, floating, name)
    begun, end = held[0][0], until if held[-1][1] else held[-1][0]
    known.append(Held(trade, held, _bars(session, symbol, begun, end), splits, end))
    yield from _marks(known[-1])


def _marks(known: Held) -> Iterator[Mark]:
    """Marks at stored closes."""
    trade, held, bars, splits = known.trade, known.states, known.bars, known.splits
    begun, name = known.begun, str(trade.id)
    closes = [] if bars is None else [bars.timeframe.close_time(int(at)) for at in bars.time]
    if bars is None or not closes or int(bars.time[0]) > begun:
        yield Mark(begun, None, name)
    place = 0
    for at, price in zip(closes, [] if bars is None else bars.close.tolist(), strict=True):
        while place + 1 < len(held) and held[place + 1][0] <= at:
            place += 1
        _, size, average = held[place]
        if at > begun and size:
            own = price_for(splits, trade.symbol_id, price, at, begun, at) if splits else price
            yield Mark(at, profit(trade.direction, average, own, size, trade.per_point), name)


def _bars(session: Session, symbol: Symbol, begun: int, end: int) -> Bars | None:
    """Bars of the finest timeframe that are few enough, from the one that holds the opening."""
    if symbol.base_timeframe is None:
        return None
    for timeframe in Timeframe:
        if timeframe < symbol.base_timeframe or (end - begun) // timeframe.ms > MARKS:
            continue
        found = read_bars(session, symbol.id or 0, timeframe, start=begun - timeframe.ms + 1, until=end)
        if len(found):
            return found
    return None
