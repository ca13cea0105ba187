"""`add-symbol`: as the shell calls it, against a stand-in for Yahoo."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from core.bars import Bars
from core.errors import ConflictError
from core.timeframe import Timeframe
from db.actions.symbol import add_symbol
from db.engine import reader, writer
from db.models import Bar, Symbol
from tests.factories import NOW, NOW_MS, make_strategy
from tests.fakes.fake_yahoo import FakeYahoo, Listing
from workers.cli import main
from workers.market.command import habit_of


def recent_days() -> Listing:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    days = [int((today - timedelta(days=back)).timestamp()) for back in range(30, -1, -1)]
    return Listing([(day, 10.0, 12.0, 9.0, 11.0, 5) for day in days], "UTC", 0, "CRYPTOCURRENCY")


def places(engine: Engine, home: Path, yahoo: FakeYahoo) -> dict[str, str]:
    url = engine.url.render_as_string(hide_password=False)
    return {"CHARTROOM_HOME": str(home), "DATABASE_URL": url, "YAHOO_BASE_URL": yahoo.url}


def shell(engine: Engine, home: Path, yahoo: FakeYahoo, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "workers", "add-symbol", *arguments],
        env=os.environ | places(engine, home, yahoo) | {"PYTHONPATH": "."},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_symbol_is_registered_with_its_first_bars_once(sqlite_engine, tmp_path):
    with FakeYahoo({"BTC-USD": recent_days()}) as yahoo:
        done = shell(sqlite_engine, tmp_path, yahoo, "btc-usd", "--name", "BTC", "--point-value", "2.5")
        assert (done.returncode, done.stdout) == (0, "BTC is followed from now on: 30 bars stored.\n"), done.stderr
        again = shell(sqlite_engine, tmp_path, yahoo, "BTC-USD", "--name", "Btc")
    assert again.returncode == 1
    assert again.stderr.strip() == "There is a symbol BTC already: choose another --name."
    with reader(sqlite_engine) as session:
        symbol = session.exec(select(Symbol)).one()
        daily = session.exec(select(Bar).where(Bar.timeframe == Timeframe.D1)).all()
    assert (symbol.source, symbol.vendor_symbol, symbol.calendar) == ("yahoo", "BTC-USD", "utc")
    assert (symbol.point_value, symbol.lot_step, symbol.base_timeframe) == (Decimal("2.5"), Decimal("0.001"), 1440)
    assert len(daily) == 30
    assert daily[0].adj_close == pytest.approx(9.9)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["NOPE"], "Yahoo has no prices of 'NOPE': check the ticker."),
        (["AAPL", "--timeframe", "4h"], "Yahoo has no H4 bars: choose one of M1, M5, M15, H1, D1."),
        (["AAPL", "--name", "SIM-AAPL"], "'SIM-AAPL' would pass for a simulated symbol: choose a name without SIM-."),
        (["AAPL", "--lot-step", "-1"], "--lot-step -1 is out of range: use a number from 0.00000001 to 1000000000."),
    ],
)
def test_what_cannot_be_followed_is_one_sentence_and_leaves_nothing(
    sqlite_engine, tmp_path, monkeypatch, capsys, arguments, sentence
):
    with FakeYahoo() as yahoo:
        for name, value in places(sqlite_engine, tmp_path, yahoo).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["workers", "add-symbol", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
    assert (end.value.code, capsys.readouterr().err.strip()) == (1, sentence)
    with reader(sqlite_engine) as session:
        assert session.exec(select(Symbol)).all() == []


@pytest.mark.parametrize(
    ("ticker", "calendar", "tick"),
    [("EURUSD=X", "fx", 0.00001), ("ETH-USD", "utc", 0.01), ("VOD.L", "us_stocks", 0.01)],
)
def test_the_kind_of_market_shows_in_the_ticker(ticker, calendar, tick):
    habit = habit_of(ticker)
    assert (habit.calendar.value, habit.tick_size) == (calendar, tick)


def test_a_name_is_taken_once_on_both_data_bases(engine):
    day = Bars.from_rows(Timeframe.D1, [(NOW_MS - NOW_MS % 86_400_000 - 86_400_000, 1.0, 2.0, 0.5, 1.5, 3.0)])
    apple = Symbol(name="AAPL", source="yahoo", created_at=NOW)
    with writer(engine) as session:
        make_strategy(session, "SMC daily", parameters={"structure": "W1", "shift": "D1", "entry": "D1"})
    assert add_symbol(engine, apple, day, None, NOW, NOW_MS) == ["SMC daily"]
    with pytest.raises(ConflictError, match="There is a symbol AAPL already"):
        add_symbol(engine, apple, day, None, NOW, NOW_MS)
    with reader(engine) as session:
        assert session.exec(select(Symbol.base_timeframe)).one() == 1440
        assert len(session.exec(select(Bar)).all()) == 1
