"""What is due at a moment, read from the data base: fetches, scans and charts, as jobs.

Deciding from what is stored, and not from what was queued, makes every minute also the sweeper of the ones before: a
slot that nobody queued, or whose job was lost, is simply still due.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Engine, exists
from sqlmodel import Session, col, select

from core import jobs
from core.settings import Settings
from core.timeframe import MINUTE_MS, Timeframe
from db.actions.chart_trades import ask_trade_charts
from db.actions.dataset import OPEN
from db.actions.scan import done_slots
from db.engine import reader
from db.models import FED, ChartExport, DatasetBuild, Signal, Strategy, StrategySymbol, Symbol
from db.store.bars.series import last_close
from db.store.charts.exports import shows_signal
from workers.slots import last_slots, next_slot

YAHOO_MINUTES = 5, 15
"""How often Yahoo is asked for a symbol at most and at least, between which its timeframe decides."""

CHARTS_AT_ONCE = 20
"""Missing charts asked for in one minute."""


def due_fetches(engine: Engine, settings: Settings, now: int) -> list[jobs.Job]:
    """One fetch for each symbol with a feed whose turn this minute is."""
    minute = now // MINUTE_MS
    with reader(engine) as session:
        symbols = session.exec(select(Symbol).where(col(Symbol.source).in_(FED)).order_by(col(Symbol.id))).all()
    return [
        jobs.fetch_bars(symbol.id or 0, symbol.name, minute * MINUTE_MS)
        for symbol in symbols
        if (settings.simulated or symbol.source != "simulated") and _has_turn(symbol, minute)
    ]


def due_scans(engine: Engine, symbol_ids: Sequence[int], now: int) -> list[jobs.Job]:
    """One scan for each active strategy that owes one of these symbols a slot; it makes up for the earlier ones too."""
    query = (
        select(Strategy, Symbol)
        .join(StrategySymbol, col(StrategySymbol.strategy_id) == Strategy.id)
        .join(Symbol, col(StrategySymbol.symbol_id) == Symbol.id)
        .where(col(Strategy.active), col(Symbol.id).in_(list(symbol_ids)))
        .order_by(col(Strategy.id), col(Symbol.id))
    )
    due = []
    with reader(engine) as session:
        for strategy, symbol in session.exec(query).all():
            owed = owed_slots(session, strategy, symbol, now)
            label = f"{strategy.name} on {symbol.name}"
            if owed:
                due.append(jobs.scan_slot(strategy.id or 0, symbol.id or 0, owed[-1], label))
    return due


def owed_slots(session: Session, strategy: Strategy, symbol: Symbol, now: int) -> list[int]:
    """The slots (UTC ms, oldest first) up to `now` that have not been scanned.

    For a symbol without a feed time stands still at its last bar: the slot after that bar's close is its last.
    """
    if symbol.source not in FED:
        if symbol.base_timeframe is None:
            return []
        close = last_close(session, symbol.id or 0, Timeframe(symbol.base_timeframe)) or 0
        now = min(now, next_slot(strategy.schedule, close))
    slots = last_slots(strategy.schedule, now)
    done = done_slots(session, strategy.id or 0, symbol.id or 0, slots[0])
    return [slot for slot in slots if slot not in done]


def unfed_symbols(engine: Engine) -> list[int]:
    """Symbols whose bars come from files: nothing fetches them, so their scans have nothing to wait for."""
    with reader(engine) as session:
        query = select(Symbol.id).where(col(Symbol.source).not_in(FED), col(Symbol.base_timeframe).is_not(None))
        return [symbol_id for symbol_id in session.exec(query) if symbol_id is not None]


def due_charts(engine: Engine) -> list[jobs.Job]:
    """Signals that wait for a decision and have no chart yet, newest first."""
    drawn = exists().where(shows_signal())
    query = (
        select(Signal.id)
        .where(Signal.status == "new", col(Signal.deleted_at).is_(None), ~drawn)
        .order_by(col(Signal.id).desc())
    )
    with reader(engine) as session:
        return [jobs.render_signal(signal_id or 0) for signal_id in session.exec(query.limit(CHARTS_AT_ONCE))]


def due_datasets(engine: Engine) -> list[jobs.Job]:
    """The piece at which each image data set of the workers is: asked for again while it waits or runs, it is no-op."""
    query = select(DatasetBuild).where(col(DatasetBuild.queued), col(DatasetBuild.status).in_(OPEN))
    with reader(engine) as session:
        return [jobs.dataset_piece(build.id or 0, build.part) for build in session.exec(query).all()]


def due_exports(engine: Engine, now: int) -> list[jobs.Job]:
    """Exports that wait to be drawn, oldest first, those of new trades among them; `now` in UTC ms."""
    ask_trade_charts(engine, datetime.fromtimestamp(now / 1000, UTC))
    query = select(ChartExport.id, ChartExport.created_at).where(ChartExport.status == "queued")
    with reader(engine) as session:
        waiting = session.exec(query.order_by(col(ChartExport.id)).limit(CHARTS_AT_ONCE)).all()
    return [jobs.render_export(export_id or 0, int(asked.timestamp() * 1000)) for export_id, asked in waiting]


def _has_turn(symbol: Symbol, minute: int) -> bool:
    if symbol.source == "simulated" or symbol.base_timeframe is None:
        return True
    low, high = YAHOO_MINUTES
    return minute % max(low, min(high, symbol.base_timeframe)) == 0
