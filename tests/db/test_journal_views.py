"""What pages read of the journal: one set of figures, however it is asked for."""

from datetime import timedelta
from decimal import Decimal

import pandas as pd
import pytest

from core.challenge.presets import preset
from core.stats.trades import trade_stats
from core.timeframe import Timeframe
from db.actions.accounts import Cash, archive_account, book_cash
from db.actions.challenges import start_challenge
from db.actions.clear import Scope, clear_history, preview_clearing
from db.actions.close import close_trade
from db.actions.decide import accept_signal
from db.actions.edit_trades import edit_trade
from db.actions.excursions import follow_excursions
from db.actions.positions import ManualTrade, Part, close_part, open_trade
from db.engine import reader, writer
from db.models import Symbol
from db.store.accounts import balance
from db.views import accounts, exports, figures, journal
from tests.db.desk import open_desk, trade_of
from tests.factories import NOW, NOW_MS, add_bars, make_account, make_bars, make_symbol

D = Decimal


def after(minutes):
    return NOW + timedelta(minutes=minutes)


@pytest.fixture
def desk(engine):
    """A signal's trade that won, a manual one without a stop that lost in two parts, one that is open, and cash."""
    trade_id = accept_signal(engine, open_desk(engine), None, NOW)
    close_trade(engine, trade_id, 104.0, after(5), "", after(30), D(3))
    lost = open_trade(engine, 1, ManualTrade(1, -1, D(10), 100.0, after(1)), after(30))
    close_part(engine, lost, 1, Part(D(4), 101.0, after(2)), after(30))
    close_part(engine, lost, 2, Part(D(6), 102.0, after(6), D(1)), after(30))
    running = open_trade(engine, 1, ManualTrade(1, 1, D(10), 100.0, after(3), 99.0), after(30))
    close_part(engine, running, 1, Part(D(5), 102.0, after(4)), after(30))
    edit_trade(engine, lost, 3, {"tags": ["late", "news"], "setup": "Fade"}, NOW)
    book_cash(engine, 1, Cash("withdrawal", D(500), after(4), "Rent", "Ada"), after(30))
    return engine


def test_the_fast_read_says_what_the_exact_one_says(desk):
    with reader(desk) as session:
        fast = figures.figures(session, journal.TradeFilter(1), tags=True)
        exact = journal.trades(session, journal.TradeFilter(1))
    assert fast["id"].tolist() == [3, 2, 1]
    for name in ("id", "status", "symbol", "strategy", "setup", "direction", "symbol_id"):
        assert [None if pd.isna(one) else one for one in fast[name]] == [
            None if pd.isna(one) else one for one in exact[name]
        ], name
    assert fast["pnl"].tolist() == exact["pnl"].tolist() == [D(10), D(-17), D(997)]
    for name in ("opened_at", "closed_at"):
        assert fast[name].equals(pd.to_datetime(exact[name], utc=True).astype(fast[name].dtype)), name
    assert (fast["band"].tolist(), fast["tags"].tolist()) == ([None, None, "MEDIUM"], [[], ["late", "news"], []])
    assert fast["r_multiple"].isna().tolist() == [True, True, False]
    stats = trade_stats(fast, D(100_000))
    assert (stats.closed, stats.wins, stats.net, stats.with_r) == (2, 1, D(980), 1)
    with reader(desk) as session:
        narrowed = figures.figures(session, journal.TradeFilter(1, strategies=(1,)))
        assert narrowed["id"].tolist() == [1]
        assert figures.figures(session, journal.TradeFilter(2)).empty


def test_extremes_come_from_bars_within_the_trade_whenever_they_arrive(engine):
    with writer(engine) as session:
        make_account(session)
        make_symbol(session)
    trade_id = open_trade(engine, 1, ManualTrade(1, -1, D(1), 100.0, NOW, 102.0), after(10))
    close_trade(engine, trade_id, 99.0, after(3), "", after(10))
    assert trade_of(engine, trade_id).worst_price is None
    bars = [
        (100.0, 150.0, 50.0, 100.0),
        (100.0, 101.5, 99.5, 100.0),
        (100.0, 100.5, 98.0, 99.0),
        (99.0, 99.0, 10.0, 11.0),
    ]
    with writer(engine) as session:
        made = make_bars(bars, start=NOW_MS - 60_000, timeframe=Timeframe.M1)
        add_bars(session, session.get_one(Symbol, 1), made)
    assert follow_excursions(engine, 1, after(10)) == 1
    assert follow_excursions(engine, 1, after(10)) == 0
    # The bar before the opening does not count, the one that ends at the close does not exist: two bars are within.
    trade = trade_of(engine, trade_id)
    assert (trade.worst_price, trade.best_price) == (101.5, 10.0)
    again = open_trade(engine, 1, ManualTrade(1, 1, D(1), 100.0, NOW, 98.0), after(10))
    close_trade(engine, again, 99.0, after(2), "", after(10))
    assert (trade_of(engine, again).worst_price, trade_of(engine, again).best_price) == (98.0, 101.5)


def test_what_was_cleared_is_in_no_read(desk):
    start_challenge(desk, 1, preset("ftmo_1_step", D(100_000)), NOW, NOW)
    for scope in (Scope("trades", account_id=1), Scope("challenge", challenge_id=1)):
        clear_history(desk, scope, preview_clearing(desk, scope).confirmation, after(40))
    with reader(desk) as session:
        assert figures.figures(session, journal.TradeFilter()).empty
        assert journal.trades(session, journal.TradeFilter()).empty
        assert balance(session, 1) == D(99_500)
        assert accounts.account_lines(session, NOW)[0].balance == D(99_500)
        assert (accounts.challenges(session, 1), accounts.challenge_state(session, 1, NOW)) == ([], None)
        assert journal.setups(session) == []
        tables = exports.everything(session)
    assert {name: len(frame) for name, frame in tables.items() if len(frame)} == {
        "accounts": 1,
        "cash": 1,
        "signals": 1,
    }


def test_an_export_holds_everything_of_one_account(desk):
    with writer(desk) as session:
        make_account(session, "Other")
    open_trade(desk, 2, ManualTrade(1, 1, D(1), 100.0, NOW), NOW)
    archive_account(desk, 1, 1, False, NOW)
    with reader(desk) as session:
        whole, mine = exports.everything(session), exports.everything(session, 1)
    assert (len(whole["trades"]), len(mine["trades"]), len(mine["fills"]), len(whole["fills"])) == (4, 3, 7, 8)
    assert mine["trades"].loc[0, ["account", "symbol", "pnl"]].tolist() == ["Practice", "SIM-EURUSD", D(997)]
    assert mine["tags"]["tag"].tolist() == ["late", "news"]
    assert not {"deleted_at", "clearing_id"} & set(mine["trades"].columns)
