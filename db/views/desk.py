"""State of the desk: how old each source's data are, what a symbol has bars of, and where a chart window lies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import ScalarSelect, func, literal, select
from sqlmodel import Session, col

from core.bars import Bars
from core.timeframe import Timeframe
from db.models import Bar, CorporateAction, Symbol
from db.store.bars.series import read_bars
from db.store.moments import to_ms
from db.store.portfolio.records import corporate_actions, price_for


@dataclass(frozen=True)
class SourceAge:
    """One source: its symbols, how many of them have bars, and the close time (UTC ms) of the newest of these.

    `last` is the symbol whose bars end first, at `oldest` (UTC ms): one that went silent among living ones shows here.
    """

    source: str
    symbols: int
    filled: int
    newest: int | None
    last: str | None = None
    oldest: int | None = None


@dataclass(frozen=True)
class LastPrice:
    """The newest stored close of a symbol, the moment (UTC ms) at which it was known, and the symbol's splits."""

    price: float
    as_of: int
    splits: tuple[CorporateAction, ...] = ()

    def for_trade(self, opened_at: datetime) -> float:
        """The price in the units of a trade that was opened then: the journal keeps a trade in those."""
        if not self.splits:
            return self.price
        opened, last = to_ms(opened_at), self.splits[-1].at
        return price_for(self.splits, self.splits[0].symbol_id, self.price, self.as_of, opened, last)


def source_ages(session: Session) -> list[SourceAge]:
    """One record per source, in the order of their names; a symbol counts by its finest timeframe."""
    newest = _newest_time()
    query = select(col(Symbol.source), col(Symbol.name), col(Symbol.base_timeframe), newest)
    found: dict[str, list[tuple[int, str] | None]] = {}
    for source, name, timeframe, opened in session.execute(query.order_by(col(Symbol.source), col(Symbol.name))):
        known = None if opened is None or timeframe is None else (Timeframe(timeframe).close_time(int(opened)), name)
        found.setdefault(source, []).append(known)
    return [_source_age(source, symbols) for source, symbols in found.items()]


def last_prices(session: Session, symbol_ids: tuple[int, ...]) -> dict[int, LastPrice]:
    """The last stored close of each of these symbols that has bars."""
    newest = _newest_time().label("opened")
    inner = select(col(Symbol.id), col(Symbol.base_timeframe), newest).where(col(Symbol.id).in_(symbol_ids)).subquery()
    query = select(inner.c.id, inner.c.base_timeframe, col(Bar.time), col(Bar.close)).join(
        inner,
        (col(Bar.symbol_id) == inner.c.id)
        & (col(Bar.timeframe) == inner.c.base_timeframe)
        & (col(Bar.time) == inner.c.opened),
    )
    splits: dict[int, tuple[CorporateAction, ...]] = {}
    for row in corporate_actions(session, symbol_ids):
        if row.kind == "split":
            splits[row.symbol_id] = (*splits.get(row.symbol_id, ()), row)
    return {
        int(symbol): LastPrice(float(close), Timeframe(timeframe).close_time(int(opened)), splits.get(int(symbol), ()))
        for symbol, timeframe, opened, close in session.execute(query)
    }


def stored_timeframes(session: Session, symbol_id: int) -> list[Timeframe]:
    """Timeframes of which this symbol has bars, the finest first. Eight index probes, however many bars there are."""
    probes = [
        select(literal(1))
        .where(col(Bar.symbol_id) == symbol_id, col(Bar.timeframe) == int(one))
        .exists()
        .label(one.name)
        for one in Timeframe
    ]
    row = session.execute(select(*probes)).one()
    return [one for one, stored in zip(Timeframe, row, strict=True) if stored]


def window(session: Session, symbol_id: int, timeframe: Timeframe, around: int, *, before: int, after: int) -> Bars:
    """Up to `before` bars complete at `around` (UTC ms) and what followed them, at most `after` bars' time."""
    past = read_bars(session, symbol_id, timeframe, until=around, count=before)
    limit = around + after * timeframe.ms
    start = int(past.time[-1]) + 1 if len(past) else around
    later = read_bars(session, symbol_id, timeframe, start=start, until=limit)
    columns = ("time", "open", "high", "low", "close", "volume")
    return Bars(timeframe, *(np.concatenate([getattr(past, name), getattr(later, name)]) for name in columns))


def _source_age(source: str, symbols: list[tuple[int, str] | None]) -> SourceAge:
    filled = [symbol for symbol in symbols if symbol is not None]
    if not filled:
        return SourceAge(source, len(symbols), 0, None)
    oldest, name = min(filled)
    return SourceAge(source, len(symbols), len(filled), max(filled)[0], name, oldest)


def _newest_time() -> ScalarSelect[int]:
    return (
        select(func.max(col(Bar.time)))
        .where(col(Bar.symbol_id) == col(Symbol.id), col(Bar.timeframe) == col(Symbol.base_timeframe))
        .correlate(Symbol)
        .scalar_subquery()
    )
