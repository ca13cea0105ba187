"""The first furniture of a desk."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
from sqlalchemy import Engine, func
from sqlmodel import col, select

from core.bars import validate
from core.timeframe import Timeframe
from db.engine import engine_for, reader, writer
from db.models import Account, Bar, Strategy, StrategySymbol, Symbol
from db.seed import sample_bars, seed
from db.store.bars.series import read_bars
from db.store.revision import current
from tests.factories import NOW
from tests.processes import at_once


def test_a_new_desk_has_an_account_symbols_bars_and_strategies(engine: Engine) -> None:
    seed(engine, NOW, simulated=True)
    with reader(engine) as session:
        account = session.exec(select(Account)).one()
        assert (account.initial_balance, account.risk_percent) == (Decimal(100_000), Decimal("0.5"))
        symbols = {symbol.name: symbol for symbol in session.exec(select(Symbol))}
        assert sorted(symbols) == ["AAPL", "GOOG", "IBM", "MSFT", "SIM-BTCUSD", "SIM-EURUSD", "SIM-XAUUSD"]
        euro, apple = symbols["SIM-EURUSD"], symbols["AAPL"]
        assert (euro.source, euro.calendar, euro.tick_size, euro.lot_step) == ("simulated", "fx", 1e-5, Decimal(1000))
        assert (apple.source, apple.calendar, apple.base_timeframe) == ("sample", "us_stocks", 1440)
        assert (euro.asset_class, apple.asset_class) == ("fx", "stock")
        strategies = {row.name: row for row in session.exec(select(Strategy))}
        assert strategies["SMC intraday"].parameters == {"structure": "H4", "shift": "M15", "entry": "M5"}
        assert strategies["SMC daily"].parameters == {"structure": "W1", "shift": "D1", "entry": "D1"}
        assert all(row.active for row in strategies.values())
        watched = [(row.strategy_id, row.symbol_id) for row in session.exec(select(StrategySymbol))]
        assert len(watched) == 7
        assert current(session) == 1


def test_sample_bars_are_real_days_and_whole_weeks(engine: Engine) -> None:
    seed(engine, NOW, simulated=False)
    with reader(engine) as session:
        assert (
            session.exec(select(func.count()).select_from(Symbol).where(col(Symbol.source) == "simulated")).one() == 0
        )
        apple = session.exec(select(Symbol).where(col(Symbol.name) == "AAPL")).one()
        days = read_bars(session, apple.id, Timeframe.D1)
        weeks = read_bars(session, apple.id, Timeframe.W1)
        adjusted = session.exec(
            select(Bar.adj_close).where(col(Bar.symbol_id) == apple.id, col(Bar.timeframe) == 1440).order_by(Bar.time)
        ).first()
    assert len(days) == 2015
    assert datetime.fromtimestamp(days.time[0] / 1000, UTC) == datetime(2005, 3, 1, tzinfo=UTC)
    assert (days.open[0], days.high[0], days.low[0], days.close[0], days.volume[0]) == (
        44.99,
        45.11,
        44.16,
        44.5,
        16721e3,
    )
    assert adjusted == 5.7188702254497
    dates = days.frame().assign(date=days.time.astype("datetime64[ms]"))
    by_week = dates.groupby(dates.date.dt.to_period("W-SUN"))
    assert weeks.high.tolist() == by_week.high.max().tolist()
    assert weeks.close.tolist() == by_week.close.last().tolist()
    assert len(weeks) == 418
    opened = datetime.fromtimestamp(weeks.time[-1] / 1000, UTC)
    assert opened == datetime(2013, 2, 25, 14, 30, tzinfo=UTC)  # 09:30 New York


def test_seeding_again_changes_nothing_and_keeps_what_the_person_changed(engine: Engine) -> None:
    seed(engine, NOW, simulated=True)
    with writer(engine) as session:
        strategy = session.exec(select(Strategy).where(col(Strategy.name) == "SMC daily")).one()
        strategy.active = False
        session.add(strategy)
    seed(engine, NOW, simulated=True)
    with reader(engine) as session:
        assert current(session) == 1
        assert not session.exec(select(Strategy).where(col(Strategy.name) == "SMC daily")).one().active


def seed_desk(url: str) -> None:
    seed(engine_for(url), NOW, simulated=True)


def test_processes_that_seed_at_once_make_one_set(database_url: str, engine: Engine) -> None:
    at_once(seed_desk, 4, database_url)
    with reader(engine) as session:
        assert session.exec(select(func.count()).select_from(Account)).one() == 1
        assert session.exec(select(func.count()).select_from(Symbol)).one() == 7
        days = session.exec(select(func.count()).select_from(Bar).where(col(Bar.timeframe) == 1440)).one()
        assert days == 4 * 2015
        assert current(session) == 1


def test_the_sample_has_no_split_and_no_broken_bar() -> None:
    for bars, adjusted in sample_bars().values():
        validate(bars)
        ratio = adjusted / bars.close
        assert np.abs(ratio[1:] / ratio[:-1] - 1).max() < 0.01  # a dividend, never a split
        assert np.abs(np.log(bars.close[1:] / bars.close[:-1])).max() < 0.2
