"""New bars put a symbol on the strategies that can read it."""

from __future__ import annotations

from sqlalchemy import Engine
from sqlmodel import select

from core.timeframe import Timeframe
from db.engine import writer
from db.models import StrategySymbol
from db.store.watching import watch_new_bars
from tests.factories import make_strategy, make_symbol

DAILY = {"structure": "W1", "shift": "D1", "entry": "D1"}


def test_daily_bars_are_for_daily_strategies_and_finer_ones_for_the_rest(engine: Engine) -> None:
    with writer(engine) as session:
        make_strategy(session, "Intraday")
        make_strategy(session, "Daily", parameters=DAILY)
        make_strategy(session, "Faulty", parameters={"entry": "M7"})
        symbol = make_symbol(session, "EURUSD", source="file")
        assert watch_new_bars(session, symbol, None) == [], "no bars yet"
        symbol.base_timeframe = int(Timeframe.D1)
        assert watch_new_bars(session, symbol, None) == ["Daily"]
        assert watch_new_bars(session, symbol, int(Timeframe.D1)) == [], "nothing finer came"
        symbol.base_timeframe = int(Timeframe.M1)
        assert watch_new_bars(session, symbol, int(Timeframe.D1)) == ["Intraday"]
        assert len(session.exec(select(StrategySymbol)).all()) == 2


def test_bars_of_one_minute_suit_both_at_once(engine: Engine) -> None:
    with writer(engine) as session:
        make_strategy(session, "Intraday")
        make_strategy(session, "Daily", parameters=DAILY)
        symbol = make_symbol(session, "EURUSD", source="file", base_timeframe=1)
        assert watch_new_bars(session, symbol, None) == ["Intraday", "Daily"]
        assert watch_new_bars(session, symbol, None) == ["Intraday", "Daily"], "again adds nothing"
        assert len(session.exec(select(StrategySymbol)).all()) == 2
