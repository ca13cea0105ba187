"""Portfolios over stored rows: one default, money that agrees with the accounts' own, what a person tells the desk."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from core.errors import ConflictError, DeskError, EditConflictError
from core.ledger import Method, Rates, value
from core.portfolio import historical_tail
from core.risk import exact, profit
from core.timeframe import Timeframe
from db.actions.accounts import AccountDraft, Cash, book_cash, create_account, edit_account
from db.actions.portfolio import (
    PortfolioDraft,
    archive_portfolio,
    create_portfolio,
    edit_portfolio,
    ensure_default,
    make_default,
)
from db.actions.portfolio_facts import ActionDraft, book_action, classify, enter_rate, withdraw_action
from db.actions.portfolio_rates import store_rates
from db.actions.positions import ManualTrade, Part, close_part, open_trade, scale_in
from db.engine import reader, writer
from db.models import FxRate, LineageStep, Portfolio, Symbol, Trade, TradeFill
from db.store import revision
from db.store.accounts import balance
from db.store.portfolio.flows import flows_of
from db.store.portfolio.ledger import Ledger, read_ledger
from db.store.portfolio.portfolios import accounts_of, fingerprint, portfolios
from db.store.standing import open_trades
from db.views.desk import last_prices
from db.views.portfolio.curve import curve
from db.views.portfolio.history import tables
from db.views.portfolio.performance import performance
from db.views.portfolio.positions import Summary, allocation, summary
from db.views.portfolio.risk import present_risk
from tests.db.desk import rows
from tests.factories import NOW, NOW_MS, add_bars, make_account, make_bars, make_symbol

D = Decimal
DAY = timedelta(days=1)
DAY_MS = 86_400_000


def default_of(engine: Engine) -> Portfolio:
    (found,) = [one for one in rows(engine, Portfolio) if one.is_default]
    return found


def names_in(engine: Engine, portfolio_id: int) -> list[str]:
    with reader(engine) as session:
        return [one.name for one in accounts_of(session, portfolio_id)]


def ledger_of(session: Session, portfolio: Portfolio) -> Ledger:
    return read_ledger(session, accounts_of(session, portfolio.id), Method(portfolio.method))


def summary_of(engine: Engine, now_ms: int = NOW_MS) -> Summary:
    with reader(engine) as session:
        portfolio = default_of(engine)
        return summary(session, portfolio, ledger_of(session, portfolio), now_ms)


def daily(session: Session, symbol: Symbol, closes: list[float], end: int = NOW_MS) -> None:
    """One bar a day with these closes; the last one closes at the last midnight before `end`."""
    start = end // DAY_MS * DAY_MS - len(closes) * DAY_MS
    add_bars(session, symbol, make_bars([(one, one, one, one) for one in closes], start=start, timeframe=Timeframe.D1))


@pytest.fixture
def desk(engine: Engine) -> Engine:
    """An account since 30 days ago, and a stock and a future with closes of 50 and 20."""
    with writer(engine) as session:
        make_account(session, created_at=NOW - 30 * DAY)
        for name, price, fields in (("ACME", 50.0, {}), ("BOND", 20.0, {"point_value": D("12.5")})):
            daily(session, make_symbol(session, name, source="file", **fields), [price] * 30)
    ensure_default(engine, NOW)
    return engine


def buy(engine: Engine, quantity: int, price: float, at: datetime, **more: object) -> int:
    trade = ManualTrade(
        **{"symbol_id": 1, "direction": 1, "quantity": D(quantity), "price": price, "opened_at": at} | more
    )
    return open_trade(engine, 1, trade, NOW, limits=False)


def take_off(engine: Engine, trade_id: int, quantity: int, price: float, at: datetime) -> None:
    with reader(engine) as session:
        version = session.get_one(Trade, trade_id).version
    close_part(engine, trade_id, version, Part(D(quantity), price, at), NOW)


def test_a_desk_of_before_gets_a_default_with_all_its_accounts_and_new_ones_join(engine: Engine):
    with writer(engine) as session:
        make_account(session, "Old", currency="EUR")
    assert (ensure_default(engine, NOW), ensure_default(engine, NOW)) == (True, False)
    create_account(engine, AccountDraft("New", D(1_000)), NOW)
    found = default_of(engine)
    assert (found.name, found.currency, names_in(engine, found.id)) == ("All accounts", "EUR", ["Old", "New"])
    other = create_portfolio(engine, PortfolioDraft("Prop", account_ids=(2,)), NOW)
    assert (names_in(engine, found.id), names_in(engine, other)) == (["Old", "New"], ["New"])
    # What is in no portfolio any more comes back to the default one.
    edit_portfolio(engine, found.id, found.version, PortfolioDraft("All accounts", "EUR", account_ids=(2,)), NOW)
    assert names_in(engine, found.id) == ["Old", "New"]


def test_there_is_one_default_which_cannot_be_put_away(desk: Engine):
    first = default_of(desk)
    other = create_portfolio(desk, PortfolioDraft("Swing", "EUR", 1, "fifo", (1,)), NOW)
    with pytest.raises(DeskError, match="is the default"):
        archive_portfolio(desk, first.id, first.version, True, NOW)
    make_default(desk, other, NOW)
    archive_portfolio(desk, first.id, first.version, True, NOW)
    with pytest.raises(DeskError, match="is archived"):
        make_default(desk, first.id, NOW)
    assert default_of(desk).id == other
    with reader(desk) as session:
        assert [one.name for one in portfolios(session)] == ["Swing"]
    with pytest.raises(ConflictError, match="called 'Swing' already"):
        create_portfolio(desk, PortfolioDraft("Swing", account_ids=(1,)), NOW)
    with pytest.raises(DeskError, match="at least one account"):
        create_portfolio(desk, PortfolioDraft("Empty"), NOW)
    draft = PortfolioDraft("Swing", "USD", None, "lifo", (1,))
    assert edit_portfolio(desk, other, 1, draft, NOW) == 2
    with pytest.raises(EditConflictError) as caught:
        edit_portfolio(desk, other, 1, replace(draft, method="average"), NOW)
    assert caught.value.fields == {"method": ("lifo", "average")}
    steps = [one for one in rows(desk, LineageStep) if (one.entity, one.entity_id) == ("portfolio", other)]
    assert [(one.kind, one.parameters["method"]) for one in steps] == [("settings", "fifo"), ("settings", "lifo")]


@pytest.mark.parametrize("seed", range(2))
def test_a_random_journal_is_worth_what_its_accounts_say(desk: Engine, seed: int):
    """Value = cash + market value = every account's own balance + open P&L, by any method: to what float averages and
    the rounding of each fill to 1e-8 leave.
    """
    create_account(desk, AccountDraft("Second", D(25_000)), NOW - 20 * DAY)
    chance = random.Random(seed)
    _random_journal(desk, chance)
    _state_results(desk, chance)
    with reader(desk) as session:
        known = {1: D(50), 2: D(20)}
        accounts = accounts_of(session, default_of(desk).id)
        own = [balance(session, one.id) + _floating(session, one.id, known) for one in accounts]
        for method in Method:
            ledger = read_ledger(session, accounts, method)
            prices = {name: known[int(name.split(":")[1])] for name in ledger.book.positions}
            worth = value(ledger.book, prices, Rates("USD", {}), NOW_MS)
            held = sum((one.market_value for one in worth.holdings), D(0))
            assert worth.equity == worth.cash + held
            for one, expected in zip(ledger.accounts.values(), own, strict=True):
                found = value(one.book, prices, Rates("USD", {}), NOW_MS).equity
                assert abs(found - expected) < D("0.00001")
    held = {(one.account.id, one.symbol.id): one.position.quantity for one in summary_of(desk).lines}
    assert held == _held(desk)


def _random_journal(engine: Engine, chance: random.Random) -> None:
    """Trades of both sides in two accounts: scaled in, taken off in parts, some closed; cash in and out, fees."""
    for number in range(14):
        at = NOW - timedelta(hours=400 - number * 25)
        point = chance.choice((1, 2))
        price = round(chance.uniform(10, 60), chance.choice((2, 5, 11)))
        fee = D(chance.randint(0, 300)).scaleb(-2)
        manual = ManualTrade(point, chance.choice((-1, 1)), D(chance.randint(1, 40)), price, at, fee=fee)
        trade = open_trade(engine, chance.choice((1, 2)), manual, NOW, limits=False)
        left, version = manual.quantity, 1
        for step in range(chance.randint(0, 4)):
            add = chance.random() < 0.4
            size = D(chance.randint(1, 20)) if add else D(chance.randint(1, int(left)))
            moved = round(price * chance.uniform(0.9, 1.1), 4)
            part = Part(size, moved, at + timedelta(hours=step + 1), fee, D(chance.randint(-50, 90)).scaleb(-2))
            if add:
                version = scale_in(engine, trade, version, part, NOW, limits=False)
            else:
                version = close_part(engine, trade, version, part, NOW)
            left += size if add else -size
            if not left:
                break
    for kind, sum_ in (("deposit", "1500.25"), ("withdrawal", "300"), ("fee", "12.5"), ("adjustment", "-4.75")):
        book_cash(engine, chance.choice((1, 2)), Cash(kind, D(sum_), NOW - 2 * DAY, "why", "me"), NOW)


def _state_results(engine: Engine, chance: random.Random) -> None:
    """As if a broker had stated what some exits made: rounded to cents, and once a little off."""
    with writer(engine) as session:
        for fill in session.exec(select(TradeFill).where(TradeFill.kind == "exit")).all()[::2]:
            gross = fill.realised + fill.fee + fill.swap
            stated = round(gross, 2) + D(chance.choice((0, 0, 7))).scaleb(-2)
            trade = session.get_one(Trade, fill.trade_id)
            trade.pnl = (trade.pnl or D(0)) + stated - gross
            fill.stated, fill.realised = stated, stated - fill.fee - fill.swap


def _floating(session: Session, account_id: int, prices: dict[int, Decimal]) -> Decimal:
    return sum(
        (
            profit(one.direction, one.entry_price, float(prices[one.symbol_id]), one.open_quantity, symbol.point_value)
            for one, symbol in open_trades(session, account_id)
        ),
        D(0),
    )


def _held(engine: Engine) -> dict[tuple[int, int], Decimal]:
    found: dict[tuple[int, int], Decimal] = {}
    for one in rows(engine, Trade):
        key = one.account_id, one.symbol_id
        found[key] = found.get(key, D(0)) + one.direction * one.open_quantity
    return {key: quantity for key, quantity in found.items() if quantity}


def test_a_split_changes_units_and_the_journal_closes_in_its_own(desk: Engine):
    """100 at 40 become 400 at 10; 50 of the journal's units sold at 44 are 200 at 11. Withdrawn, all is as before."""
    trade = buy(desk, 100, 40.0, NOW - 9 * DAY, stop=36.0)
    split = ActionDraft(1, "split", NOW - 6 * DAY, 4, 1)
    action = book_action(desk, split, NOW)
    with pytest.raises(ConflictError, match="at that moment is booked"):
        book_action(desk, split, NOW)
    take_off(desk, trade, 50, 44.0, NOW - 3 * DAY)
    (line,) = summary_of(desk).lines
    assert (line.position.quantity, line.position.cost, line.position.realised) == (D(200), D(2_000), D(200))
    (stop,) = line.trades
    assert (stop.quantity, stop.entry, stop.stop, stop.at_stop) == (D(200), 10.0, 9.0, D(-200))
    with reader(desk) as session:
        flows = flows_of(ledger_of(session, default_of(desk)))
    assert flows.held.change.tolist() == [100, 300, -200]
    with reader(desk) as session:
        before = fingerprint(session, [1])
    withdraw_action(desk, action, NOW)
    with reader(desk) as session:
        assert fingerprint(session, [1]) != before
    (line,) = summary_of(desk).lines
    assert (line.position.quantity, line.position.realised) == (D(50), D(200))
    with pytest.raises(ConflictError, match="withdrawn already"):
        withdraw_action(desk, action, NOW)
    steps = [one for one in rows(desk, LineageStep) if one.entity == "corporate_action"]
    assert [one.name for one in steps] == ["Split 4 for 1 of ACME", "Split 4 for 1 of ACME withdrawn"]


def test_dividends_costs_and_payments_are_in_the_history(desk: Engine):
    buy(desk, 100, 40.0, NOW - 9 * DAY, fee=D("1.5"))
    book_action(desk, ActionDraft(1, "dividend", NOW - 5 * DAY, per_unit=D("0.25")), NOW)
    book_cash(desk, 1, Cash("fee", D(10), NOW - 4 * DAY, "Market data", "me"), NOW)
    book_cash(desk, 1, Cash("deposit", D(500), NOW - 4 * DAY, "Top up", "me"), NOW)
    with reader(desk) as session:
        portfolio = default_of(desk)
        ledger = ledger_of(session, portfolio)
        now = summary(session, portfolio, ledger, NOW_MS)
        found = tables(session, ledger, now, None)
    moved = found["transactions"]
    assert moved["kind"].tolist() == ["charge", "dividend", "bought"]
    assert moved["amount"].tolist() == [D(-10), D(25), D(-4_000)]
    assert found["funding"]["amount"].tolist() == [D(500), D(100_000)]
    # 100,500 paid in; 10 a unit gained, 25 dividend, 1.50 and 10 costs.
    assert (now.valuation.equity, now.funded, now.pnl) == (D("101513.5"), D(100_500), D("1013.5"))
    assert (now.gross, now.net, now.lines[0].account_share) == (D(5_000), D(5_000), pytest.approx(5_000 / 101_513.5))
    assert found["positions"]["realised"].tolist() == [D("23.5")]


def test_other_currencies_need_a_rate_and_say_so(desk: Engine):
    """1,000 EUR, at 1.20 when they came and 1.25 now: 1,250 USD, of which 50 are gain."""
    create_account(desk, AccountDraft("Euro", D(1_000), "EUR"), NOW - 3 * DAY)
    now = summary_of(desk)
    assert (now.valuation.equity, now.pnl) == (None, None)
    assert "no rate of EUR in USD: enter one" in now.missing[0]
    assert "1,000.00 EUR were paid in" in now.missing[1]
    with pytest.raises(DeskError, match="is always worth one"):
        enter_rate(desk, "USD", "USD", D(1), NOW, NOW)
    enter_rate(desk, "EUR", "USD", D("1.25"), NOW, NOW)
    assert (summary_of(desk).valuation.equity, summary_of(desk).pnl) == (D(101_250), None)
    enter_rate(desk, "EUR", "USD", D("1.30"), NOW - 4 * DAY, NOW)
    enter_rate(desk, "EUR", "USD", D("1.20"), NOW - 4 * DAY, NOW)
    now = summary_of(desk)
    assert (now.valuation.equity, now.pnl, now.missing) == (D(101_250), D(50), ())
    assert allocation(now, "currency") == {"USD": (D(100_000), D(0)), "EUR": (D(1_250), D(0))}


def test_followed_pairs_make_rates_and_invented_ones_do_not(engine: Engine):
    with writer(engine) as session:
        for name, source in (("EURUSD", "yahoo"), ("SIM-GBPUSD", "simulated"), ("GBPJPY", "file"), ("AUDUSD", "yahoo")):
            symbol = make_symbol(session, name, source=source, asset_class="index" if name == "AUDUSD" else "")
            daily(session, symbol, [1.1, 1.2, 1.3])
    midnight = NOW_MS // DAY_MS * DAY_MS
    with writer(engine) as session:
        by_hand = FxRate(currency="EUR", base="USD", at=midnight, rate=D(9), source="hand", booked_at=NOW)
        session.add(by_hand)
    assert (store_rates(engine, NOW), store_rates(engine, NOW)) == (2, 0)
    with reader(engine) as session:
        found = {one.at: (one.rate, one.source) for one in session.exec(select(FxRate))}
        number = revision.current(session)
    assert found[midnight] == (D(9), "hand")
    assert found[midnight - DAY_MS] == (D("1.2"), "EURUSD")
    assert (len(found), number) == (3, 1)


def test_a_symbol_is_what_the_person_says(desk: Engine):
    buy(desk, 10, 40.0, NOW - 2 * DAY)
    assert list(allocation(summary_of(desk), "asset class")) == ["unclassified"]
    with reader(desk) as session:
        before = fingerprint(session, [1])
    classify(desk, 1, "stock")
    with reader(desk) as session:
        classified = fingerprint(session, [1])
    edit_account(desk, 1, 1, AccountDraft("Renamed", D(100_000)))
    with reader(desk) as session:
        assert len({before, classified, fingerprint(session, [1])}) == 3
    assert list(allocation(summary_of(desk), "asset class")) == ["stock"]
    with pytest.raises(DeskError, match="no asset class"):
        classify(desk, 1, "house")


def test_a_daily_curve_takes_payments_out_of_the_return(sqlite_engine: Engine):
    """1,000 in; 10 bought at 50 on day 2, which closes at 55 (+5 %); on day 3 2,000 are paid in and it closes at 66.

    1,050, then 3,160: 110 were made on 3,050. 1.05 * 3160 / 3050 = 1.08787. Now the price is 60.5: 3,105.
    """
    engine = sqlite_engine
    midnight = datetime(2026, 11, 20, tzinfo=UTC)
    with writer(engine) as session:
        make_account(session, created_at=midnight - 4 * DAY, initial_balance=D(1_000))
        stock = make_symbol(session, "ACME", source="file")
        daily(session, stock, [50.0, 50.0, 55.0, 66.0])
        index = make_symbol(session, "INDEX", source="file")
        daily(session, index, [100.0, 110.0, 110.0, 121.0])
    ensure_default(engine, NOW)
    found = default_of(engine)
    edit_portfolio(engine, found.id, 1, PortfolioDraft("All", benchmark_id=2, account_ids=(1,)), NOW)
    buy(engine, 10, 50.0, midnight - 2 * DAY + timedelta(hours=9))
    book_cash(engine, 1, Cash("deposit", D(2_000), midnight - timedelta(hours=9), "More", "me"), NOW)
    with reader(engine) as session:
        portfolio = default_of(engine)
        ledger = ledger_of(session, portfolio)
        past = curve(session, portfolio, ledger.symbols, flows_of(ledger), NOW_MS)
        bars = make_bars([(60.5, 60.5, 60.5, 60.5)], start=NOW_MS - 60_000, timeframe=Timeframe.M1)
    assert past.equity.tolist() == [1_000, 1_000, 1_000, 1_050, 3_160]
    assert past.flows.tolist() == [1_000, 0, 0, 0, 2_000]
    assert past.index[-1] == pytest.approx(1.0878688525)
    assert past.benchmark.tolist()[1:] == [100, 110, 110, 121]
    with writer(engine) as session:
        add_bars(session, session.get_one(Symbol, 1), bars)
    with reader(engine) as session:
        now = performance(summary(session, portfolio, ledger, NOW_MS), past, None, NOW_MS)
    assert (now.day, now.since) == (D(-55), int(midnight.timestamp()) * 1000)
    assert now.total == pytest.approx(0.0689344262)
    assert now.fall.deepest == pytest.approx(3105 / 3160 - 1)


def test_a_benchmark_of_another_currency_is_compared_in_the_portfolios(sqlite_engine: Engine):
    """By hand: an index rises from 100 to 110 dollars while a dollar rises from 0.90 to 0.945 euros: 15.5 %."""
    engine = sqlite_engine
    with writer(engine) as session:
        make_account(session, created_at=NOW - 9 * DAY, initial_balance=D(10_000), currency="EUR")
        daily(session, make_symbol(session, "ACME", source="file", currency="EUR"), [50.0] * 3)
        daily(session, make_symbol(session, "INDEX", source="file"), [100.0, 100.0, 110.0])
    ensure_default(engine, NOW)
    chosen = PortfolioDraft("All", "EUR", benchmark_id=2, account_ids=(1,))
    edit_portfolio(engine, default_of(engine).id, default_of(engine).version, chosen, NOW)
    found = []
    for day, rate in ((None, None), (9, "0.90"), (1, "0.945")):
        if day is not None:
            enter_rate(engine, "USD", "EUR", D(rate), NOW - day * DAY, NOW)
        with reader(engine) as session:
            portfolio = default_of(engine)
            ledger = ledger_of(session, portfolio)
            past = curve(session, portfolio, ledger.symbols, flows_of(ledger), NOW_MS)
            price = last_prices(session, (2,))[2]
            made = performance(summary(session, portfolio, ledger, NOW_MS), past, price, NOW_MS)
        known = made.curve.benchmark[np.isfinite(made.curve.benchmark)]
        found.append((past.converted, round(float(known[-1] / known[0] - 1), 6)))
    assert found == [(False, 0.1), (True, 0.1), (True, 0.155)]


def test_days_without_a_price_are_left_out_and_named(sqlite_engine: Engine):
    with writer(sqlite_engine) as session:
        make_account(session, created_at=NOW - 6 * DAY)
        make_symbol(session, "DARK", source="file")
        daily(session, make_symbol(session, "ACME", source="file"), [50.0] * 6)
    ensure_default(sqlite_engine, NOW)
    buy(sqlite_engine, 1, 40.0, NOW - 5 * DAY, symbol_id=2)
    dark = buy(sqlite_engine, 1, 40.0, NOW - 4 * DAY)
    with reader(sqlite_engine) as session:
        portfolio = default_of(sqlite_engine)
        ledger = ledger_of(session, portfolio)
        past = curve(session, portfolio, ledger.symbols, flows_of(ledger), NOW_MS)
        now = summary(session, portfolio, ledger, NOW_MS)
    assert (past.unknown, past.left_out, past.equity[-1]) == (("DARK",), 4, 100_010)
    assert now.valuation.equity is None
    assert "DARK has no stored bar" in now.missing[0]
    take_off(sqlite_engine, dark, 1, 42.0, NOW - 3 * DAY)
    with reader(sqlite_engine) as session:
        ledger = ledger_of(session, portfolio)
        past = curve(session, portfolio, ledger.symbols, flows_of(ledger), NOW_MS)
    assert (past.left_out, past.equity[-1]) == (1, 100_012)


def test_present_holdings_would_have_lost_what_their_prices_lost(sqlite_engine: Engine):
    """Half of the money long in one stock: its tail, halved. Benchmarked by itself, beta is that half."""
    closes = 100 * np.cumprod(1 + np.random.default_rng(3).normal(0, 0.02, 120))
    with writer(sqlite_engine) as session:
        make_account(session, created_at=NOW - 2 * DAY, initial_balance=exact(round(closes[-1] * 200, 6)))
        daily(session, make_symbol(session, "ACME", source="file"), closes.tolist())
    ensure_default(sqlite_engine, NOW)
    found = default_of(sqlite_engine)
    edit_portfolio(sqlite_engine, found.id, 1, PortfolioDraft("All", benchmark_id=1, account_ids=(1,)), NOW)
    buy(sqlite_engine, 100, round(float(closes[-1]), 6), NOW - DAY)
    now = summary_of(sqlite_engine)
    with reader(sqlite_engine) as session:
        risk = present_risk(session, now, 63, 0.95)
        few = present_risk(session, now, 10, 0.95)
    tail = historical_tail(0.5 * (closes[1:] / closes[:-1] - 1)[-63:])
    assert (risk.count, risk.periods, few.historical) == (63, 365, None)
    assert (risk.historical.var, risk.beta) == (pytest.approx(tail.var, rel=1e-6), pytest.approx(0.5, rel=1e-6))


def test_a_day_ends_with_the_last_close_of_the_finest_bars(engine: Engine):
    """10 shares; the stock stands at 100, 110, 120, 130 from Wednesday to Monday, told by quarters of an hour from
    Thursday on and by a daily bar before. On Saturday nothing is made any more; Monday makes 100.
    """
    monday = datetime(2026, 11, 16, tzinfo=UTC)
    with writer(engine) as session:
        make_account(session, created_at=monday - 6 * DAY, initial_balance=D(10_000))
        stock = make_symbol(session, "ACME", source="file", calendar="us_stocks")
        opened = timedelta(hours=14, minutes=30)
        old = [int((monday - back * DAY + opened).timestamp()) * 1000 for back in (6, 5)]
        for start, price in zip(old, (95.0, 100.0), strict=True):
            add_bars(session, stock, make_bars([(price,) * 4], start=start, timeframe=Timeframe.D1))
        for back, price in ((4, 110.0), (3, 120.0), (0, 130.0)):
            start = int((monday - back * DAY + opened).timestamp()) * 1000
            add_bars(session, stock, make_bars([(price,) * 4] * 26, start=start, timeframe=Timeframe.M15))
        stock.base_timeframe = 15
    ensure_default(engine, NOW)
    buy(engine, 10, 95.0, monday - 6 * DAY + timedelta(hours=15))
    with reader(engine) as session:
        portfolio = default_of(engine)
        ledger = ledger_of(session, portfolio)
        found = {}
        for at in (monday + 22 * timedelta(hours=1), monday + DAY + timedelta(hours=12)):
            now = int(at.timestamp()) * 1000
            past = curve(session, portfolio, ledger.symbols, flows_of(ledger), now)
            made = performance(summary(session, portfolio, ledger, now), past, None, now)
            found[at.day] = (past.equity.tolist(), made.day, past.periods)
        ends = [datetime.fromtimestamp(day / 1000, UTC).day for day in past.days.tolist()]
    assert found[16] == ([10_000, 10_000, 10_050, 10_150, 10_250, 10_250], D(100), 252)
    assert found[17] == ([10_000, 10_000, 10_050, 10_150, 10_250, 10_350], D(0), 252)
    assert ends == [10, 11, 12, 13, 14, 17]


def test_a_brokers_result_in_another_currency_is_in_the_history_and_on_the_position(engine: Engine):
    """A EUR account buys 3 at 100.1 USD (fee 1.10 EUR) and sells 2.5 at 110.7 (fee 1.20 EUR): 26.50 USD, which the
    broker states as 23.20 EUR. Cash: -300.30 + 276.75 - 26.50 USD, 10,000 + 23.20 - 2.30 EUR. Then the rest, too.
    """
    create_account(engine, AccountDraft("Euro", D(10_000), "EUR"), NOW - 9 * DAY)
    with writer(engine) as session:
        daily(session, make_symbol(session, "ACME", source="file"), [100.0] * 20)
        trade = Trade(
            account_id=1, symbol_id=1, direction=1, quantity=D(3), open_quantity=D("0.5"), point_value=D(1),
            entry_price=100.1, opened_at=NOW - 8 * DAY, status="open",
        )  # fmt: skip
        session.add(trade)
        session.flush()
        for kind, quantity, price, ago, fee, stated in (
            ("entry", "3", 100.1, 8, "1.10", None),
            ("exit", "2.5", 110.7, 6, "1.20", D("23.2")),
        ):
            session.add(
                TradeFill(
                    trade_id=trade.id,
                    account_id=1,
                    booked_at=NOW,
                    kind=kind,
                    quantity=D(quantity),
                    price=price,
                    at=NOW - ago * DAY,
                    fee=D(fee),
                    stated=stated,
                )
            )
    with reader(engine) as session:
        portfolio = default_of(engine)
        ledger = ledger_of(session, portfolio)
        now = summary(session, portfolio, ledger, NOW_MS)
        moved = tables(session, ledger, now, None)["transactions"]
    (line,) = now.lines
    assert (line.position.net, line.position.foreign) == (D("26.5"), {"EUR": D("2.3")})
    added: dict[str, Decimal] = {"EUR": D(10_000)}
    for row in moved.itertuples():
        cost = row.cost if isinstance(row.cost, Decimal) else D(0)
        added[row.currency] = added.get(row.currency, D(0)) + row.amount - cost
    assert added == ledger.book.cash == {"USD": D("-50.05"), "EUR": D("10020.9")}
    with writer(engine) as session:
        session.add(
            TradeFill(
                trade_id=1,
                account_id=1,
                booked_at=NOW,
                kind="exit",
                quantity=D("0.5"),
                price=111.3,
                at=NOW - 4 * DAY,
                stated=D("5.2"),
            )
        )
        closed = session.get_one(Trade, 1)
        closed.status, closed.open_quantity = "closed", D(0)
    with reader(engine) as session:
        ledger = ledger_of(session, portfolio)
        past = curve(session, portfolio, ledger.symbols, flows_of(ledger), NOW_MS)
        assert summary(session, portfolio, ledger, NOW_MS).missing == ()
    # Days with dollars have no rate; flat again, euros are all there is.
    assert (past.equity[-1], ledger.book.cash["USD"]) == (pytest.approx(10_026.1), D(0))


def test_a_benchmark_counts_only_while_it_has_closes_and_an_old_price_is_named(sqlite_engine: Engine):
    """100 shares bought at 52 close at 57, 58, 59: 10,500 become 10,700 while a benchmark of these days makes 10 %.
    One that ended three weeks ago makes nothing that is known.
    """
    engine = sqlite_engine
    with writer(engine) as session:
        make_account(session, created_at=NOW - 9 * DAY, initial_balance=D(10_000))
        daily(session, make_symbol(session, "ACME", source="file"), [50.0 + day for day in range(10)])
        daily(session, make_symbol(session, "LATE", source="file"), [100.0, 105.0, 110.0])
        daily(session, make_symbol(session, "OLD", source="file"), [70.0] * 9, end=NOW_MS - 21 * DAY_MS)
    ensure_default(engine, NOW)
    buy(engine, 100, 52.0, NOW - 8 * DAY + timedelta(hours=1))
    found = {}
    for benchmark in (2, 3):
        version = default_of(engine).version
        chosen = PortfolioDraft("All", benchmark_id=benchmark, account_ids=(1,))
        edit_portfolio(engine, default_of(engine).id, version, chosen, NOW)
        with reader(engine) as session:
            portfolio = default_of(engine)
            ledger = ledger_of(session, portfolio)
            past = curve(session, portfolio, ledger.symbols, flows_of(ledger), NOW_MS)
            price = last_prices(session, (benchmark,))[benchmark]
            found[benchmark] = performance(summary(session, portfolio, ledger, NOW_MS), past, price, NOW_MS)
            later = summary(session, portfolio, ledger, NOW_MS + 8 * DAY_MS)
    late = found[2].beside
    assert found[2].span == (NOW_MS // DAY_MS * DAY_MS - 2 * DAY_MS, NOW_MS)
    assert (late.benchmark, late.portfolio) == (pytest.approx(0.1), pytest.approx(10_700 / 10_500 - 1))
    assert (found[3].beside, found[3].span) == (None, None)
    assert later.stale == (f"The last price of ACME is of {NOW:%Y-%m-%d}: its value is that of then.",)
