"""Exchange rates from the currency pairs that the desk follows: their daily closes, stored as they come."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Engine, func
from sqlmodel import Session, col, select

from core.ledger import pair_of
from core.risk import exact
from core.timeframe import Timeframe
from db.conflict import insert_for
from db.engine import reader, writer
from db.models import FxRate, Symbol
from db.store.bars.series import read_bars
from db.store.revision import bump

AT_ONCE = 2_000
"""Days of one pair that are stored in one go."""

_NO_MARKET = "simulated"
_UNIT = Decimal("0.00000001")


def store_rates(engine: Engine, now: datetime) -> int:
    """Store the daily closes of followed currency pairs that no rate was made of yet; returns how many.

    A simulated market makes no rate: what it says about a currency is invented.
    """
    now_ms = int(now.timestamp() * 1000)
    # Most minutes bring none: look first, and take the write lock only when there is something to write.
    with reader(engine) as session:
        if not _due(session, now_ms):
            return 0
    with writer(engine) as session:
        rows = _due(session, now_ms)
        if not rows:
            return 0
        session.flush()
        statement = insert_for(session, FxRate).on_conflict_do_nothing()
        session.execute(statement, [row | {"booked_at": now} for row in rows])
        bump(session)
        return len(rows)


def _due(session: Session, now_ms: int) -> list[dict[str, object]]:
    query = select(Symbol).where(
        col(Symbol.source) != _NO_MARKET,
        col(Symbol.asset_class).in_(("", "fx")),
        col(Symbol.base_timeframe).is_not(None),
        col(Symbol.base_timeframe) <= int(Timeframe.D1),
    )
    found: list[dict[str, object]] = []
    for symbol in session.exec(query.order_by(col(Symbol.id))):
        pair = pair_of(symbol.name)
        if pair is not None and pair[1] == symbol.currency:
            found += _closes(session, symbol, pair, now_ms)
    return found


def _closes(session: Session, symbol: Symbol, pair: tuple[str, str], now_ms: int) -> list[dict[str, object]]:
    own = select(func.max(FxRate.at)).where(FxRate.currency == pair[0], FxRate.base == pair[1])
    last = session.exec(own.where(FxRate.source == symbol.name)).one()
    start = None if last is None else last - Timeframe.D1.ms + 1
    known = select(FxRate.at).where(FxRate.currency == pair[0], FxRate.base == pair[1], col(FxRate.at) > (last or 0))
    by_hand = set(session.exec(known))
    bars = read_bars(session, symbol.id or 0, Timeframe.D1, start=start, until=now_ms, count=AT_ONCE)
    return [
        {
            "currency": pair[0],
            "base": pair[1],
            "at": time + Timeframe.D1.ms,
            "rate": exact(close).quantize(_UNIT),
            "source": symbol.name,
        }
        for time, close in zip(bars.time.tolist(), bars.close.tolist(), strict=True)
        if close > 0 and time + Timeframe.D1.ms not in by_hand
    ]
