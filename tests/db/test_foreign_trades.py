"""A plain table brings trades in yen into an account in dollars, and names no rate: 1 JPY is 0.0067 USD."""

from datetime import timedelta
from decimal import Decimal
from hashlib import sha256

import pytest

from core.errors import DeskError, LimitError
from core.guards import GuardRules
from core.journal.imports.read import read_file
from core.ledger import Method
from core.orders import Leg, OrderType, Terms
from core.timeframe import Timeframe
from db.actions.close import close_trade
from db.actions.guards import save_guards
from db.actions.import_trades import Source, import_trades
from db.actions.portfolio import ensure_default
from db.actions.portfolio_facts import enter_rate
from db.engine import reader, writer
from db.models import Account, OrderRefusal, Portfolio, Symbol, Trade
from db.store.accounts import balance
from db.store.equity import equity_at
from db.store.portfolio.ledger import read_ledger
from db.store.portfolio.portfolios import accounts_of
from db.store.standing import standing
from db.views.portfolio.positions import summary
from tests.db.desk import rows
from tests.db.orders_desk import BUY, SELL, at, one, open_market, send
from tests.factories import NOW, NOW_MS, add_bars, make_bars, make_symbol, make_trade

D = Decimal
DAY = timedelta(days=1)
OPENED = "2026-11-20 11:00:00,JPX,buy,100,15000,300,JPY,1"
CLOSED = "2026-11-20 11:05:00,JPX,sell,100,15020,0,JPY,2"
LOSS = ("2026-11-20 11:10:00,MKT,buy,100,110,0,USD,3", "2026-11-20 11:20:00,MKT,sell,100,100,0,USD,4")


def bring(engine, *lines):
    text = "Time,Symbol,Side,Quantity,Price,Fee,Currency,Id\n" + "\n".join(lines)
    return import_trades(engine, 1, Source("t.csv", sha256(text.encode()).hexdigest(), read_file(text.encode())), NOW)


@pytest.fixture
def desk(sqlite_engine):
    open_market(sqlite_engine, account={"initial_balance": D(10_000), "created_at": NOW - 9 * DAY})
    return sqlite_engine


def test_without_a_rate_its_lines_are_rejected_and_the_others_come(desk):
    report = bring(desk, OPENED, CLOSED, *LOSS)
    assert [(line.symbol, line.pnl) for line in report.new] == [("MKT", D(-1_000))]
    told = (
        "it is in JPY, the account in USD, and no rate of JPY in USD of 2026-11-20 or before is stored: "
        "enter one on the Portfolio page, under Inputs, then import the file again"
    )
    assert [(one.line, one.reason) for one in report.rejected] == [(2, told), (3, told)]
    assert [symbol.name for symbol in rows(desk, Symbol)] == ["MKT"]
    enter_rate(desk, "JPY", "USD", D("0.0067"), NOW - 2 * DAY, NOW)
    assert [line.symbol for line in bring(desk, OPENED, CLOSED, *LOSS).new] == ["JPX"]
    other = bring(desk, "2026-11-20 11:30:00,MKT,buy,100,110,0,EUR,9").rejected[0].reason
    assert other.startswith("it is in EUR, but MKT is traded in USD here")


def test_the_rate_of_the_day_counts_on_every_page(desk):
    """By hand: 100 x 20 JPY less a fee of 300 JPY are 13.40 - 2.01 USD, beside a loss of 1,000 USD."""
    enter_rate(desk, "JPY", "USD", D("0.0067"), NOW - 2 * DAY, NOW)
    save_guards(desk, 1, 0, GuardRules(daily_loss=D(500)), NOW)
    assert bring(desk, OPENED, *LOSS).rejected == []
    with writer(desk) as session:
        close = make_bars([(15_020.0,) * 4], start=NOW_MS - 60_000, timeframe=Timeframe.M1)
        add_bars(session, session.get_one(Symbol, 2), close)
        floating = equity_at(session, session.get_one(Account, 1), at(0))
    bring(desk, OPENED, CLOSED, *LOSS)
    ensure_default(desk, NOW)
    with reader(desk) as session:
        portfolio = session.get_one(Portfolio, 1)
        ledger = read_ledger(session, accounts_of(session, 1), Method.FIFO)
        worth = summary(session, portfolio, ledger, NOW_MS).valuation.equity
        assert {floating, balance(session, 1), worth} == {D("9011.39")}
    with pytest.raises(LimitError, match=r"Today's loss of 988\.61 has reached the limit 500\.00"):
        send(desk, "k", one(BUY, 1))


def test_a_trade_of_an_older_desk_without_a_rate_is_unknown(desk):
    """What 1,000 JPY at the stop are in dollars nobody knows: guards, limits and a booking by hand refuse."""
    save_guards(desk, 1, 0, GuardRules(daily_loss=D(500), max_drawdown=D(5)), NOW)
    with writer(desk) as session:
        account = session.get_one(Account, 1)
        account.max_risk_percent = D(5)
        symbol = make_symbol(session, "JPX", currency="JPY")
        make_trade(session, account=account, symbol=symbol, quantity=D(100), entry_price=15_000.0, stop=14_990.0)
    why = "because JPX (JPY) came from a file without a rate in USD"
    with pytest.raises(LimitError) as caught:
        send(desk, "k", {Leg.ENTRY: Terms(BUY, D(1)), Leg.STOP: Terms(SELL, D(1), OrderType.STOP, stop=99.0)})
    assert f"Today's result is not known, {why}" in caught.value.message
    assert rows(desk, OrderRefusal)[0].rule == "daily_loss"
    with reader(desk) as session:
        state = standing(session, session.get_one(Account, 1), NOW)
    assert why in state.unknown
    assert state.risk is None
    with pytest.raises(DeskError, match=r"What this trade makes is not known"):
        close_trade(desk, 1, 15_010.0, NOW, "", NOW)
    assert rows(desk, Trade)[0].status == "open"
