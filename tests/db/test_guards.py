"""Guards of an account: what they are held against, how they refuse, and the kill switch."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

from core.errors import ConflictError, LimitError, OrderError
from core.guards import GuardRules
from core.orders import OrderType, Terms, TimeInForce, bracket
from core.timeframe import Timeframe
from db.actions.guards import kill, lift, save_guards
from db.actions.orders import OrderRequest, check_order
from db.actions.portfolio_facts import ActionDraft, book_action
from db.engine import reader, writer
from db.models import Account, AccountGuard, CashMovement, OrderRefusal, OrderTicket, Symbol
from db.store.equity import equity_at, peak_equity
from db.store.guards import guard_facts
from db.views.accounts import account_line
from db.views.desk import last_prices
from db.views.order_rules import opening_orders
from tests.db.desk import rows
from tests.db.orders_desk import BUY, CALM, SELL, at, bars, ms, one, open_market, order, send, statuses
from tests.factories import NOW, add, add_bars, make_bars, make_symbol, make_trade
from workers.broker.paper import step_paper

D = Decimal
LIMIT = OrderType.LIMIT


def trade(engine, **fields):
    """A closed trade of account 1 in symbol 1, or an open one."""
    with writer(engine) as session:
        account, symbol = session.get_one(Account, 1), session.get_one(Symbol, 1)
        make_trade(session, account=account, symbol=symbol, **fields)


def closed(engine, pnl: str, minute: float):
    trade(
        engine, status="closed", pnl=D(pnl), quantity=D(1), opened_at=at(minute - 1), closed_at=at(minute),
        exit_price=100.0,
    )  # fmt: skip


def refused(engine, when=NOW) -> OrderRefusal:
    with pytest.raises(LimitError) as caught:
        send(engine, f"form {when}", one(BUY, 1, LIMIT, limit=99.0), when)
    last = rows(engine, OrderRefusal)[-1]
    assert caught.value.subject == last.rule
    assert last.sentence in caught.value.message
    return last


def test_equity_follows_the_books_and_the_closes(engine):
    """By hand: 100,000; 10 long from 100; closes of 110, 106 and 90; 4 sold at 90 at 12:03, when 106 was the last."""
    open_market(engine)
    bars(engine, CALM, (110.0, 110.0, 110.0, 110.0), (106.0, 106.0, 106.0, 106.0), (90.0, 90.0, 90.0, 90.0))
    send(engine, "buy", one(BUY, 10))
    step_paper(engine, ms(1))
    send(engine, "sell", one(SELL, 4), at(2.5))
    step_paper(engine, ms(4))
    with writer(engine) as session:
        movement = {"kind": "deposit", "reason": "More", "booked_by": "me", "booked_at": NOW}
        add(session, CashMovement(account_id=1, amount=D(500), at=at(3.5), **movement))
    with reader(engine) as session:
        account = session.get_one(Account, 1)
        curve = [equity_at(session, account, at(minute)) for minute in (-3, 1, 2, 3, 3.6, 4)]
        assert curve == [100_000, 100_000, 100_100, 99_996, 100_496, 100_400]
        # As if the 500 had been there from the start.
        assert peak_equity(session, account, at(4)) == 100_600
        nowhere = make_symbol(session, "NOWHERE")
        make_trade(session, account=account, symbol=nowhere)
        assert equity_at(session, account, at(4)) is None
        assert peak_equity(session, account, at(4)) is None


def test_a_split_is_no_loss(engine):
    """By hand: 100 at 100 become 400 at 25 by the close of 12:01; 8 more bought at 25, then closes of 25 and 26."""
    open_market(engine)
    bars(engine, CALM, (25.0, 25.0, 25.0, 25.0), (26.0, 26.0, 26.0, 26.0))
    trade(engine, quantity=D(100), entry_price=100.0, opened_at=at(-2))
    trade(engine, quantity=D(8), entry_price=25.0, opened_at=at(1.5))
    book_action(engine, ActionDraft(1, "split", at(1), 4, 1), at(3))
    with reader(engine) as session:
        account = session.get_one(Account, 1)
        curve = [equity_at(session, account, at(minute)) for minute in (0, 0.5, 1, 1.5, 2, 3)]
        # At 12:01 the last close, 100, is of before the split.
        assert curve == [100_000, 100_000, 100_000, 99_400 + 600, 100_000, 100_408]
        assert [peak_equity(session, account, at(minute)) for minute in (2, 3)] == [100_000, 100_408]
        line = account_line(session, 1, at(3))
        assert (line.floating, line.equity) == (408, 100_408)
        assert last_prices(session, (1,))[1].for_trade(at(-2)) == 104.0


def test_a_day_begins_where_the_account_lives_and_money_paid_in_is_no_result(sqlite_engine):
    open_market(sqlite_engine, account={"time_zone": "America/New_York"})
    with writer(sqlite_engine) as session:
        symbol = session.get_one(Symbol, 1)
        night = datetime(2026, 11, 20, 4, 59, tzinfo=UTC)
        quiet = make_bars([(100.0, 100.0, 100.0, 100.0)], start=int(night.timestamp()) * 1000, timeframe=Timeframe.M1)
        add_bars(session, symbol, quiet)
        movement = {"kind": "withdrawal", "reason": "Rent", "booked_by": "me", "booked_at": NOW}
        add(session, CashMovement(account_id=1, amount=D(-1_000), at=at(-60), **movement))
    trade(sqlite_engine, quantity=D(10), entry_price=104.0, opened_at=NOW - timedelta(days=1))
    closed(sqlite_engine, "-30", -10)
    with reader(sqlite_engine) as session:
        facts = guard_facts(session, session.get_one(Account, 1), GuardRules(daily_loss=D(1)), NOW)
    assert facts.day == int(datetime(2026, 11, 20, 5, tzinfo=UTC).timestamp()) * 1000
    assert (facts.day_equity, facts.equity) == (98_960, 98_930)
    assert [(one.time, one.pnl) for one in facts.closed] == [(ms(-10), D(-30))]


def test_a_fee_is_a_loss_of_the_day(sqlite_engine):
    open_market(sqlite_engine, account={"initial_balance": D(10_000), "created_at": NOW - timedelta(days=3)})
    with writer(sqlite_engine) as session:
        movement = {"kind": "fee", "reason": "Platform", "booked_by": "me", "booked_at": NOW}
        add(session, CashMovement(account_id=1, amount=D(-600), at=at(-10), **movement))
    rules = GuardRules(daily_loss=D(100), max_drawdown=D(5))
    with reader(sqlite_engine) as session:
        facts = guard_facts(session, session.get_one(Account, 1), rules, NOW)
    assert (facts.day_equity, facts.equity, facts.peak_equity) == (10_000, 9_400, 10_000)


@pytest.mark.parametrize(
    ("rules", "name", "figure", "limit", "sentence"),
    [
        (GuardRules(daily_loss=D(60)), "daily_loss", D(60), D(60), "Today's loss of 60.00 has reached the limit 60.00"),
        (GuardRules(max_drawdown=D("0.05")), "max_drawdown", D("0.06"), D("0.05"), "0.06 % below its peak"),
        (GuardRules(losses_in_a_row=2), "losses_in_a_row", D(2), D(2), "2 losing trades in a row today"),
        (GuardRules(cool_down=30), "cool_down", D(20), D(30), "20 of 30 minutes of the cool-down"),
    ],
)
def test_each_guard_refuses_by_name_and_figure_and_the_refusal_is_kept(
    sqlite_engine, rules, name, figure, limit, sentence
):
    open_market(sqlite_engine)
    closed(sqlite_engine, "-20", -30)
    closed(sqlite_engine, "-40", -10)
    save_guards(sqlite_engine, 1, 0, rules, NOW)
    kept = refused(sqlite_engine)
    assert (kept.rule, kept.figure, kept.limit) == (name, figure, limit)
    assert sentence in kept.sentence
    assert rows(sqlite_engine, OrderTicket) == []


def test_a_guard_lets_go_what_is_within_it_and_says_how_far(sqlite_engine):
    open_market(sqlite_engine)
    closed(sqlite_engine, "-20", -30)
    save_guards(sqlite_engine, 1, 0, GuardRules(D(60), D(1), 2, 15), NOW)
    with reader(sqlite_engine) as session:
        found = check_order(session, OrderRequest("ask", 1, 1, one(BUY, 1)), NOW)
    assert [(one.rule, one.ok, one.room) for one in found] == [
        ("daily_loss", True, D(40)), ("max_drawdown", True, None), ("losses_in_a_row", True, None),
        ("cool_down", True, None),
    ]  # fmt: skip
    assert send(sqlite_engine, "go", one(BUY, 1)) == 1


def test_no_guard_stops_what_closes_a_position(sqlite_engine):
    open_market(sqlite_engine)
    trade(sqlite_engine, quantity=D(10))
    kill(sqlite_engine, 1, NOW)
    assert send(sqlite_engine, "part", one(SELL, 4, LIMIT, limit=101.0), closes=1) == 1
    assert send(sqlite_engine, "rest", one(SELL, 6, LIMIT, limit=101.0)) == 2
    with pytest.raises(LimitError, match="kill switch"):
        send(sqlite_engine, "short", one(SELL, 1, LIMIT, limit=101.0))


def test_the_kill_switch_ends_what_could_open_and_leaves_what_protects(engine):
    open_market(engine)
    send(engine, "open", bracket(Terms(BUY, D(10)), 95.0, 110.0, ""))
    bars(engine, CALM)
    step_paper(engine, ms(1))
    send(engine, "waiting", bracket(Terms(BUY, D(10), LIMIT, limit=97.0), 95.0, 110.0, ""), at(1))
    send(engine, "ibkr", one(BUY, 10, LIMIT, limit=97.0), at(1), broker="ibkr")
    assert kill(engine, None, at(2)) == 2
    assert kill(engine, None, at(2)) == 0
    left = {name: status for name, status in statuses(engine).items() if status not in ("filled", "cancelled")}
    assert left == {"cr:1:target": "submitted", "cr:1:stop": "submitted", "cr:3:entry": "intent"}
    assert order(engine, "cr:3:entry").cancelling
    assert refused(engine, at(2)).rule == "kill_switch"
    lift(engine, None, at(3))
    assert send(engine, "again", one(BUY, 1), at(3)) == 4
    (guard,) = rows_of_guards(engine)
    assert (guard.kill_switch, guard.killed_at, guard.version) == (False, None, 2)


def test_the_switch_ends_as_many_orders_as_it_was_said_to(sqlite_engine):
    """What sells less than is held opens nothing, although it names no trade."""
    open_market(sqlite_engine)
    trade(sqlite_engine, quantity=D(10))
    send(sqlite_engine, "closes", one(SELL, 10, LIMIT, limit=120.0))
    send(sqlite_engine, "turns", one(SELL, 10, LIMIT, limit=121.0))
    with reader(sqlite_engine) as session:
        said = [opening_orders(session, account) for account in (1, None)]
    assert said == [1, 1]
    assert kill(sqlite_engine, None, NOW) == 1


def test_limits_keep_the_switch_and_know_a_second_editor(sqlite_engine):
    open_market(sqlite_engine)
    kill(sqlite_engine, 1, NOW)
    assert save_guards(sqlite_engine, 1, 1, GuardRules(cool_down=5), NOW) == 2
    with pytest.raises(ConflictError, match="in the meantime"):
        save_guards(sqlite_engine, 1, 1, GuardRules(), NOW)
    (guard,) = rows_of_guards(sqlite_engine)
    assert (guard.kill_switch, guard.cool_down) == (True, 5)


def test_an_order_at_a_broker_keeps_the_wall_clock_and_is_not_sent_late(sqlite_engine):
    open_market(sqlite_engine, calendar="us_stocks")
    send(sqlite_engine, "ibkr", one(BUY, 10), broker="ibkr")
    send(sqlite_engine, "limit", one(BUY, 10, LIMIT, limit=97.0), broker="ibkr")
    assert [order(sqlite_engine, f"cr:{number}:entry").send_before for number in (1, 2)] == [ms(5), None]
    with writer(sqlite_engine) as session:
        session.get_one(Symbol, 1).source = "file"
    with pytest.raises(OrderError, match="too old to judge"):
        send(sqlite_engine, "old", one(BUY, 10), at(60), broker="ibkr")
    send(sqlite_engine, "day", one(BUY, 10, LIMIT, limit=97.0, tif=TimeInForce.DAY), at(60), broker="ibkr")
    assert order(sqlite_engine, "cr:3:entry").until == ms(9 * 60)


def rows_of_guards(engine) -> list[AccountGuard]:
    with reader(engine) as session:
        return list(session.exec(select(AccountGuard)))
