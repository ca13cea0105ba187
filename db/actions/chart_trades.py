"""The charts that belong to every trade: at its entry and at its exit, asked for once each."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import Engine, String, cast, exists, literal
from sqlmodel import Session, col, select

from core.charts.export import BARS, ExportRequest
from core.timeframe import Timeframe
from db.actions.chart_export import new_export
from db.conflict import insert_for
from db.engine import reader, writer
from db.models import ChartExport, Signal, Symbol, Trade
from db.store.bars.series import read_bars
from db.store.charts.exports import trade_export
from db.store.revision import bump

ENTRY, EXIT = "entry", "exit"
AT_ONCE: Final = 20
"""Trades looked after in one minute: an import of a thousand does not hold up the charts that people wait for."""
WINDOW: Final = 130
"""Bars of an entry's chart."""
_BEFORE: Final = 60
_SPAN: Final = 300
"""Bars of a trade's life that still can be told apart; beyond, the chart takes the next longer timeframe."""
_USUAL: Final = Timeframe.M15


def ask_trade_charts(engine: Engine, now: datetime) -> int:
    """Store a request for each entry and exit that has none yet, newest trades first; returns how many were new.

    Trades of symbols without any bars wait for these. A trade from before the first bar gets its request with the
    sentence that says so.
    """
    with reader(engine) as session:
        missing = any(_missing(session, moment) for moment in (ENTRY, EXIT))
    if not missing:
        return 0
    with writer(engine) as session:
        made = sum(_ask(session, trade, moment, now) for moment in (ENTRY, EXIT) for trade in _missing(session, moment))
        if made:
            bump(session)
        return made


def trade_request(session: Session, trade_id: int) -> ExportRequest | None:
    """The whole trade so far as a chart to export; None when it does not exist, or its symbol has no bars."""
    trade = session.get(Trade, trade_id)
    symbol = session.get(Symbol, trade.symbol_id) if trade is not None else None
    if trade is None or symbol is None or symbol.base_timeframe is None:
        return None
    request = _request(trade, EXIT, _timeframe(session, trade, symbol))
    return request if trade.closed_at is not None else replace(request, until=None)


def _missing(session: Session, moment: str) -> list[Trade]:
    once = literal("trade-").concat(cast(col(Trade.id), String)).concat(f"-{moment}")
    query = (
        select(Trade)
        .join(Symbol, col(Symbol.id) == Trade.symbol_id)
        .where(col(Trade.deleted_at).is_(None), col(Symbol.base_timeframe).is_not(None))
        .where(~exists().where(col(ChartExport.once) == once))
    )
    if moment == EXIT:
        query = query.where(col(Trade.closed_at).is_not(None))
    return list(session.exec(query.order_by(col(Trade.id).desc()).limit(AT_ONCE)))


def _ask(session: Session, trade: Trade, moment: str, now: datetime) -> int:
    symbol = session.get_one(Symbol, trade.symbol_id)
    request = _request(trade, moment, _timeframe(session, trade, symbol))
    name = f"{symbol.name} {request.timeframe.name}"
    title = f"Trade {trade.id} {moment}, {name}"
    row = new_export("trade", trade.id, request, title, now, trade_export(trade.id or 0, moment))
    if not len(read_bars(session, trade.symbol_id, request.timeframe, until=request.until, count=1)):
        row.status, row.finished_at = "failed", now
        row.error = f"There are no bars of {name} to draw: fetch or import some first."
    values = row.model_dump(exclude={"id"})
    statement = insert_for(session, ChartExport).values(values).on_conflict_do_nothing(index_elements=["once"])
    return int(session.connection().execute(statement.returning(col(ChartExport.id))).scalar() is not None)


def _request(trade: Trade, moment: str, timeframe: Timeframe) -> ExportRequest:
    opened = _ms(trade.opened_at)
    assert trade.id is not None
    if moment == ENTRY or trade.closed_at is None:
        return ExportRequest(trade.symbol_id, timeframe, until=opened, bars=WINDOW, trades=(trade.id,))
    closed = _ms(trade.closed_at)
    while (closed - opened) / timeframe.ms > _SPAN and timeframe < max(Timeframe):
        timeframe = next(one for one in Timeframe if one > timeframe)
    bars = min(BARS[1], _BEFORE + max(_BEFORE, -(-(closed - opened) // timeframe.ms)))
    return ExportRequest(trade.symbol_id, timeframe, until=closed, bars=bars, trades=(trade.id,))


def _timeframe(session: Session, trade: Trade, symbol: Symbol) -> Timeframe:
    signal = session.get(Signal, trade.signal_id) if trade.signal_id is not None else None
    base = Timeframe(symbol.base_timeframe or int(_USUAL))
    return Timeframe(signal.timeframe) if signal is not None else max(base, _USUAL)


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
