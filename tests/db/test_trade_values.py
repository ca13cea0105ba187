"""Trades that make something else per point than their symbol says: in another currency, or by a file's multiplier.

A file brings 100 shares of a Japanese company at JPY 2,000 into an account in dollars, at 0.0067 dollars: a point makes
0.67. Another brings two contracts of 50 dollars a point, of a symbol that says 1.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pytest
from sqlmodel import select

from core.challenge.presets import preset
from core.errors import DeskError, LimitError
from core.journal.imports.read import read_file
from core.journal.imports.rows import Options
from core.ledger import Method
from core.timeframe import Timeframe
from db.actions.accounts import AccountDraft, create_account
from db.actions.challenges import start_challenge
from db.actions.close import close_trade
from db.actions.import_trades import Source, import_trades, preview_import
from db.actions.portfolio import ensure_default
from db.actions.portfolio_facts import enter_rate
from db.actions.positions import Part, close_part, move_stop, scale_in
from db.engine import reader, writer
from db.models import Account, Challenge, Portfolio, Symbol, Trade, TradeFill
from db.store.accounts import balance
from db.store.equity import equity_at, peak_equity
from db.store.moments import to_ms
from db.store.portfolio.ledger import read_ledger
from db.store.portfolio.portfolios import accounts_of
from db.store.standing import run_of, standing
from db.views import journal
from db.views.accounts import account_line
from db.views.portfolio.positions import summary
from tests.db.desk import rows
from tests.db.orders_desk import CALM, SELL, bars, ms, one, open_market, send
from tests.factories import add_bars, make_bars, make_symbol, make_trade
from workers.broker.paper import step_paper

D = Decimal
SAMPLES = Path(__file__).parents[1] / "core" / "journal" / "samples"
HEAD = (
    "ClientAccountID,CurrencyPrimary,AssetClass,Symbol,Buy/Sell,Quantity,TradePrice,DateTime,IBCommission,"
    "IBCommissionCurrency,FXRateToBase,Multiplier,IBExecID\n"
)
BUY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
NOW = BUY + timedelta(days=1)
MINUTE = timedelta(minutes=1)


def bring(engine, *lines, now=NOW):
    content = (HEAD + "\n".join(lines)).encode()
    report = import_trades(engine, 1, Source("f.csv", sha256(content).hexdigest(), read_file(content)), now)
    assert report.rejected == []


def yen(side, quantity, price, rate="0.0067", day=2, key="y1"):
    return f"U1,JPY,STK,7203,{side},{quantity},{price},202603{day:02};093000,0,USD,{rate},1,{key}"


def mini(side, quantity, price, time="093000", key="m1"):
    return f"U1,USD,FUT,MINI,{side},{quantity},{price},20260302;{time},0,USD,1,50,{key}"


def price(engine, close, symbol=1):
    with writer(engine) as session:
        made = make_bars([(close,) * 4], start=to_ms(BUY + 10 * MINUTE), timeframe=Timeframe.M1)
        add_bars(session, session.get_one(Symbol, symbol), made)


@pytest.fixture
def foreign(engine):
    create_account(engine, AccountDraft("A", D(100_000)), BUY - timedelta(days=9))
    bring(engine, yen("BUY", 100, 2000))
    return engine


@pytest.fixture
def contracts(sqlite_engine):
    create_account(sqlite_engine, AccountDraft("A", D(100_000)), BUY - timedelta(days=9))
    with writer(sqlite_engine) as session:
        make_symbol(session, "MINI", source="file")
    bring(sqlite_engine, mini("BUY", 2, 5000), mini("SELL", -1, 5010, "103000", "m2"))
    return sqlite_engine


def trade(engine) -> Trade:
    return rows(engine, Trade)[0]


def test_a_foreign_trade_is_closed_by_the_rate_of_its_import(foreign):
    assert (trade(foreign).point_value, trade(foreign).fx_rate, trade(foreign).per_point) == (
        1,
        D("0.0067"),
        D("0.0067"),
    )
    move_stop(foreign, 1, 1, 1950.0, NOW, NOW)
    assert trade(foreign).risk == D("33.5")
    close_part(foreign, 1, 2, Part(D(40), 2050.0, NOW), NOW)
    close_trade(foreign, 1, 2100.0, NOW, "", NOW)
    assert [fill.realised for fill in rows(foreign, TradeFill)] == [0, D("13.4"), D("40.2")]
    assert trade(foreign).r_multiple == pytest.approx(53.6 / 33.5)
    with reader(foreign) as session:
        assert balance(session, 1) == D("100053.6")


def test_open_foreign_trades_count_by_their_rate_on_every_page(foreign):
    move_stop(foreign, 1, 1, 1950.0, NOW, NOW)
    price(foreign, 1900.0)
    with reader(foreign) as session:
        line, account = account_line(session, 1, NOW), session.get_one(Account, 1)
        assert (line.floating, line.risk) == (D(-67), D("33.5"))
        assert standing(session, account, NOW).open_trades[0].pnl == D("-33.5")
        assert equity_at(session, account, NOW) == D(99_933)
        assert peak_equity(session, account, NOW) == D(100_000)
        (row,) = journal.trades(session, journal.TradeFilter()).to_dict("records")
    assert (row["per_point"], row["currency"], row["account_currency"]) == (D("0.0067"), "JPY", "USD")


def test_a_challenge_counts_a_foreign_trade_in_its_own_currency(sqlite_engine):
    """10,000 yen lost are 67 dollars, no tenth of the account."""
    create_account(sqlite_engine, AccountDraft("A", D(100_000)), BUY - timedelta(days=9))
    start_challenge(sqlite_engine, 1, preset("ftmo_2_step", D(100_000)), BUY - timedelta(days=1), BUY)
    bring(sqlite_engine, yen("BUY", 100, 2000))
    price(sqlite_engine, 1900.0)
    with reader(sqlite_engine) as session:
        found = run_of(session, session.get_one(Challenge, 1), NOW).evaluation.current
    assert (found.equity, found.failed) == (D(99_933), None)


def test_what_a_file_goes_on_with_counts_by_the_rates_that_it_states(foreign):
    """40 leave at 0.0070: 40 x 50 x 0.0070; risk and what is left stay with the rate of the opening."""
    move_stop(foreign, 1, 1, 1950.0, BUY, BUY + MINUTE)
    bring(foreign, yen("SELL", -40, 2050, "0.0070", 3, "y2"), now=NOW + timedelta(days=1))
    assert (trade(foreign).pnl, trade(foreign).risk, trade(foreign).fx_rate) == (D(14), D("33.5"), D("0.0067"))


def test_a_portfolio_values_a_foreign_trade_by_its_own_rates_once(foreign):
    """At 0.0065: 100 x 1900 yen are worth 1,235; what they cost is 200,000 yen less; 40 sold at 2,050 made 13.40."""
    price(foreign, 1900.0)
    ensure_default(foreign, NOW)
    enter_rate(foreign, "JPY", "USD", D("0.0065"), BUY, NOW)
    assert total(foreign) == D(100_000) - D(10_000) * D("0.0065")
    close_part(foreign, 1, 1, Part(D(40), 2050.0, NOW), NOW)
    assert total(foreign) == D("100013.4") - 60 * 100 * D("0.0065")


def total(engine):
    with reader(engine) as session:
        portfolio = session.exec(select(Portfolio)).one()
        ledger = read_ledger(session, accounts_of(session, portfolio.id), Method.AVERAGE)
        return summary(session, portfolio, ledger, to_ms(NOW)).valuation.equity


def test_a_files_multiplier_counts_for_whatever_is_done_by_hand(contracts):
    assert (trade(contracts).pnl, trade(contracts).point_value) == (D(500), 50)
    move_stop(contracts, 1, 1, 4990.0, NOW, NOW)
    assert trade(contracts).risk == D(1000)
    scale_in(contracts, 1, 2, Part(D(1), 5020.0, NOW), NOW)
    close_trade(contracts, 1, 5030.0, NOW, "", NOW)
    # 500, then two contracts of on average 5010 at 5030.
    assert trade(contracts).pnl == D(500) + 2 * 20 * 50


def test_a_files_multiplier_counts_in_a_portfolio(contracts):
    price(contracts, 5040.0)
    ensure_default(contracts, NOW)
    assert total(contracts) == D(100_000) + 500 + 40 * 50
    close_trade(contracts, 1, 5040.0, NOW, "", NOW)
    assert total(contracts) == D(100_000) + 500 + 40 * 50


def test_an_account_asks_for_room_by_the_trades_own_value(contracts):
    with writer(contracts) as session:
        session.get_one(Account, 1).max_risk_percent = D("0.9")
    move_stop(contracts, 1, 1, 4990.0, NOW, NOW)
    # One contract risks 500 at 5000 already; one more from 5000 makes 1,000 of 904.50.
    with pytest.raises(LimitError, match=r"allows 904\.50"):
        scale_in(contracts, 1, 2, Part(D(1), 5000.0, NOW), NOW)


def test_an_order_closes_a_trade_by_its_own_value(sqlite_engine):
    open_market(sqlite_engine)
    with writer(sqlite_engine) as session:
        held = {"quantity": D(2), "entry_price": 90.0, "point_value": D(50)}
        make_trade(session, account=session.get_one(Account, 1), symbol=session.get_one(Symbol, 1), **held)
    send(sqlite_engine, "close", one(SELL, 2), closes=1)
    bars(sqlite_engine, CALM)
    step_paper(sqlite_engine, ms(2))
    assert (trade(sqlite_engine).status, trade(sqlite_engine).pnl) == ("closed", D(1000))


def plain(*lines):
    head = "Time,Symbol,Side,Quantity,Price\n"
    return read_file((head + "\n".join(lines)).encode())


LINES = ("2026-03-02 10:00,MESH6,Buy,1,5000", "2026-03-02 11:00,MESH6,Sell,1,5010", "2026-03-02 10:00,XYZ,Buy,1,10")


def test_a_new_symbol_shows_what_a_point_is_worth_and_the_person_may_correct_it(sqlite_engine):
    create_account(sqlite_engine, AccountDraft("A", D(1000)), BUY - timedelta(days=9))
    seen = preview_import(sqlite_engine, 1, Source("t.csv", "0" * 64, plain(*LINES)), NOW)
    assert [(one.name, one.point_value, one.stated) for one in seen.symbols] == [("MESH6", 5, False), ("XYZ", 1, False)]
    assert [line.pnl for line in seen.new] == [D(50), None]
    corrected = Source("t.csv", "0" * 64, plain(*LINES), {"XYZ": D("2.5")})
    assert [one.origin for one in import_trades(sqlite_engine, 1, corrected, NOW).symbols][1] == "entered here"
    assert [row.point_value for row in rows(sqlite_engine, Symbol)] == [5, D("2.5")]
    assert [row.asset_class for row in rows(sqlite_engine, Symbol)] == ["future", ""]
    close_trade(sqlite_engine, 2, 20.0, NOW, "", NOW)
    assert rows(sqlite_engine, Trade)[1].pnl == D(25)


def test_a_value_that_cannot_be_is_refused(sqlite_engine):
    create_account(sqlite_engine, AccountDraft("A", D(1000)), BUY - timedelta(days=9))
    with pytest.raises(DeskError, match="above zero"):
        preview_import(sqlite_engine, 1, Source("t.csv", "0" * 64, plain(*LINES), {"XYZ": D(0)}), NOW)


def test_both_tables_of_a_platform_book_the_same(sqlite_engine):
    """The fills of two MNQ and the list of results, which states 40 dollars: fills have costs of 1.56 as well."""
    results = {}
    for number, name in enumerate(("tradovate_fills.csv", "tradovate_performance.csv"), start=1):
        create_account(sqlite_engine, AccountDraft(name, D(1000)), BUY - timedelta(days=9))
        file = Source(name, "0" * 64, read_file((SAMPLES / name).read_bytes(), Options("America/New_York")))
        results[name] = import_trades(sqlite_engine, number, file, NOW).new[0].pnl
    assert results == {"tradovate_fills.csv": D("38.44"), "tradovate_performance.csv": D(40)}


def test_a_foreign_future_without_a_multiplier_has_that_of_its_exchange(sqlite_engine):
    """10 points of a DAX future are 250 euros, 275 dollars at 1.10."""
    create_account(sqlite_engine, AccountDraft("A", D(1000)), BUY - timedelta(days=9))
    line = "U1,EUR,FUT,FDAXH6,{},{},{},20260302;{},0,USD,1.10,,{}"
    bring(sqlite_engine, line.format("BUY", 1, 20000, "093000", "d1"), line.format("SELL", -1, 20010, "103000", "d2"))
    assert trade(sqlite_engine).pnl == D(275)
