"""Changes of orders, their ends, what a person books beside them: found by a review, each once wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from core.errors import ConflictError, LimitError, OrderError
from core.guards import GuardRules
from core.orders import EventKind, OrderType, Terms, TimeInForce, bracket
from core.timeframe import Timeframe
from db.actions.clear import Scope, clear_history, preview_clearing
from db.actions.guards import kill, save_guards
from db.actions.orders import OrderRequest, check_order, modify_order, only_closes, place_order, resolve_order
from db.actions.positions import Part, close_part, move_stop, move_target, move_to_break_even
from db.engine import reader, writer
from db.models import OrderExecution, OrderRefusal, OrderTransition, Setting, Symbol, Trade
from db.store.orders.costs import KEY
from db.store.orders.terms import terms_of
from db.views.orders import order_detail, order_figures
from tests.db.desk import open_desk, rows
from tests.db.orders_desk import (
    BUY,
    CALM,
    FREE,
    SELL,
    at,
    at_the_broker,
    bars,
    filled,
    fills,
    happen,
    journal,
    ms,
    one,
    open_market,
    order,
    send,
    statuses,
)
from tests.factories import NOW, NOW_MS, add, add_bars, make_account, make_bars, make_symbol
from workers.broker.paper import step_paper

D = Decimal
LIMIT, STOP = OrderType.LIMIT, OrderType.STOP
ENTRY, STOP_LEG, TARGET = "cr:1:entry", "cr:1:stop", "cr:1:target"
DAY_MS = Timeframe.D1.ms
MIDNIGHT = NOW_MS // DAY_MS * DAY_MS


def alter(engine, reference, when=NOW, **terms):
    row = order(engine, reference)
    modify_order(engine, row.id, row.version, replace(terms_of(row), **terms), when)


def long_at_100(engine, broker="paper", **market):
    """Ten bought at 100, with stop 95 and target 110."""
    if broker == "ibkr":
        at_the_broker(engine, minute=0, **market)
        return
    open_market(engine, **market)
    send(engine, "buy", bracket(Terms(BUY, D(10), LIMIT, limit=100.0), 95.0, 110.0, ""))
    bars(engine, CALM)
    step_paper(engine, ms(1))


def daily_market(engine, calendar="utc"):
    with writer(engine) as session:
        make_account(session)
        row = make_symbol(session, "MKT", source="yahoo", calendar=calendar)
        made = make_bars([CALM] * 5, start=MIDNIGHT - 5 * DAY_MS, timeframe=Timeframe.D1)
        add_bars(session, row, made)
        add(session, Setting(key=KEY, value={"MKT": FREE}, updated_at=NOW))


def days(engine, *rows_of_days, after=0):
    with writer(engine) as session:
        made = make_bars(list(rows_of_days), start=MIDNIGHT + after * DAY_MS, timeframe=Timeframe.D1)
        add_bars(session, session.get_one(Symbol, 1), made)


def test_a_changed_order_never_trades_on_prices_from_before_the_change(sqlite_engine):
    daily_market(sqlite_engine)
    send(sqlite_engine, "far", one(BUY, 10, LIMIT, limit=10.0), NOW - timedelta(days=1))
    alter(sqlite_engine, ENTRY, limit=80.0)
    days(sqlite_engine, (100.0, 121.0, 80.0, 120.0))
    step_paper(sqlite_engine, MIDNIGHT + DAY_MS)
    assert journal(sqlite_engine) == []
    days(sqlite_engine, (90.0, 95.0, 79.0, 90.0), after=1)
    step_paper(sqlite_engine, MIDNIGHT + 2 * DAY_MS)
    assert journal(sqlite_engine)[0][:4] == (1, 10, 10, 80.0)


def test_a_raised_stop_counts_from_the_next_bars_open(sqlite_engine):
    long_at_100(sqlite_engine)
    alter(sqlite_engine, STOP_LEG, at(1.5), stop=99.0)
    bars(sqlite_engine, (98.5, 104.0, 98.0, 104.0), after=1)
    step_paper(sqlite_engine, ms(2))
    assert journal(sqlite_engine)[0][2] == 10
    bars(sqlite_engine, (98.5, 99.0, 98.0, 98.0), after=2)
    step_paper(sqlite_engine, ms(3))
    assert journal(sqlite_engine)[0][2:5] == (0, 100.0, 98.5)


def test_what_risks_more_passes_every_rule_and_what_risks_less_is_free(sqlite_engine):
    open_market(sqlite_engine, account={"max_risk_percent": D(1)})
    send(sqlite_engine, "buy", bracket(Terms(BUY, D(20), LIMIT, limit=99.0), 95.0, 1300.0, ""))
    for reference, terms in ((STOP_LEG, {"stop": 5.0}), (ENTRY, {"limit": 1000.0}), (ENTRY, {"quantity": D(900)})):
        with pytest.raises(LimitError, match="refuses this change"):
            alter(sqlite_engine, reference, **terms)
    assert [row.rule for row in rows(sqlite_engine, OrderRefusal)] == ["max_risk"] * 3
    with pytest.raises(OrderError, match="has to be below"):
        alter(sqlite_engine, ENTRY, limit=94.0)
    assert order(sqlite_engine, ENTRY).limit_price == 99.0
    save_guards(sqlite_engine, 1, 0, GuardRules(daily_loss=D(1)), NOW)
    alter(sqlite_engine, STOP_LEG, stop=96.0)
    alter(sqlite_engine, ENTRY, quantity=D(10))
    assert order(sqlite_engine, STOP_LEG).quantity == 10


def test_the_stop_of_a_position_is_widened_by_the_rules_only(sqlite_engine):
    long_at_100(sqlite_engine, account={"max_open": 1, "max_risk_percent": D("0.5")})
    alter(sqlite_engine, STOP_LEG, at(1), stop=90.0)
    with pytest.raises(LimitError):
        alter(sqlite_engine, STOP_LEG, at(1), stop=1.0)
    kill(sqlite_engine, 1, at(1))
    alter(sqlite_engine, STOP_LEG, at(1), stop=92.0)
    with pytest.raises(LimitError):
        alter(sqlite_engine, STOP_LEG, at(1), stop=91.0)
    assert rows(sqlite_engine, Trade)[0].stop == 92.0


@pytest.mark.parametrize("calendar", ["utc", "us_stocks"])
def test_a_day_order_on_daily_bars_ends_with_the_first_whole_one(sqlite_engine, calendar):
    daily_market(sqlite_engine, calendar)
    send(sqlite_engine, "day", one(BUY, 10, tif=TimeInForce.DAY))
    send(sqlite_engine, "far", one(BUY, 10, LIMIT, limit=10.0, tif=TimeInForce.DAY))
    days(sqlite_engine, CALM, (101.0, 102.0, 99.0, 101.0), *[CALM] * 3)
    step_paper(sqlite_engine, MIDNIGHT + 5 * DAY_MS)
    assert journal(sqlite_engine)[0][3] == 101.0
    assert statuses(sqlite_engine) == {"cr:1:entry": "filled", "cr:2:entry": "expired"}


def test_an_order_changed_to_a_day_ends_with_it(sqlite_engine):
    open_market(sqlite_engine, calendar="us_stocks")
    send(sqlite_engine, "buy", one(BUY, 10, LIMIT, limit=90.0))
    alter(sqlite_engine, ENTRY, tif=TimeInForce.DAY)
    assert order(sqlite_engine, ENTRY).until == ms(9 * 60)
    alter(sqlite_engine, ENTRY, tif=TimeInForce.GTC)
    assert order(sqlite_engine, ENTRY).until is None


def test_an_order_ends_by_the_clock_once_a_later_bar_is_there(sqlite_engine):
    open_market(sqlite_engine)
    until = one(BUY, 10, LIMIT, limit=90.0, tif=TimeInForce.GTD, until=ms(5))
    send(sqlite_engine, "until", until)
    step_paper(sqlite_engine, ms(64))
    assert statuses(sqlite_engine) == {ENTRY: "submitted"}
    step_paper(sqlite_engine, ms(65))
    assert statuses(sqlite_engine) == {ENTRY: "expired"}
    assert rows(sqlite_engine, OrderTransition)[-1].time == ms(5)


def test_a_cancel_outlives_a_change_that_was_asked_before(sqlite_engine):
    open_market(sqlite_engine)
    send(sqlite_engine, "buy", one(BUY, 10, LIMIT, limit=100.0), broker="ibkr")
    happen(sqlite_engine, ENTRY, EventKind.SUBMITTED)
    alter(sqlite_engine, ENTRY, at(1), limit=99.0)
    asked = replace(terms_of(order(sqlite_engine, ENTRY)), limit=99.0)
    kill(sqlite_engine, 1, at(2))
    assert order(sqlite_engine, ENTRY).wanted is None
    happen(sqlite_engine, ENTRY, EventKind.REQUEST_REFUSED, 3, detail="It was not taken in time.", terms=asked)
    assert order(sqlite_engine, ENTRY).cancelling
    happen(sqlite_engine, ENTRY, EventKind.REQUEST_REFUSED, 4, detail="It cannot be cancelled.")
    assert not order(sqlite_engine, ENTRY).cancelling


def test_a_rejected_stop_protects_nothing(sqlite_engine):
    long_at_100(sqlite_engine, "ibkr")
    happen(sqlite_engine, STOP_LEG, EventKind.REJECTED, 2, detail="No.")
    assert (rows(sqlite_engine, Trade)[0].stop, rows(sqlite_engine, Trade)[0].first_stop) == (None, 95.0)


def test_executions_are_counted_once_and_called_corrected_when_they_were(sqlite_engine):
    open_market(sqlite_engine)
    send(sqlite_engine, "buy", one(BUY, 10, LIMIT, limit=100.0), broker="ibkr")
    happen(sqlite_engine, ENTRY, EventKind.SUBMITTED)
    filled(sqlite_engine, ENTRY, "0000e0d5.6524d1f4", "4", "100", revision=1)
    filled(sqlite_engine, ENTRY, "0000e0d5.6524d1f5", "5", "100", revision=1)
    filled(sqlite_engine, ENTRY, "0000e0d5.6524d1f5", "6", "100", revision=2)
    with reader(sqlite_engine) as session:
        assert order_figures(session, 1, at(1)).executions == 2
        detail = order_detail(session, 1)
        assert detail is not None
        assert detail.corrections == {"0000e0d5.6524d1f4": 0, "0000e0d5.6524d1f5": 1}


def test_no_rule_is_asked_about_what_only_closes(sqlite_engine):
    long_at_100(sqlite_engine)
    save_guards(sqlite_engine, 1, 0, GuardRules(daily_loss=D(100)), NOW)
    with reader(sqlite_engine) as session:
        for quantity, closes in ((10, True), (11, False)):
            asked = OrderRequest("k", 1, 1, one(SELL, quantity))
            assert only_closes(session, asked, at(1)) is closes
            assert (not check_order(session, asked, at(1))) is closes


def test_one_form_is_one_order_with_these_terms(sqlite_engine):
    open_market(sqlite_engine, calendar="us_stocks")
    asked = bracket(Terms(BUY, D(10), LIMIT, limit=99.0, tif=TimeInForce.DAY), 95.0, 110.0, "form")
    send(sqlite_engine, "form", asked)
    for other in (one(SELL, 500, LIMIT, limit=101.0), bracket(Terms(BUY, D(10), LIMIT, limit=98.0), 95.0, 110.0, "")):
        with pytest.raises(ConflictError, match="another order already, order 1"):
            send(sqlite_engine, "form", other)
    assert send(sqlite_engine, "form", asked) == 1
    alter(sqlite_engine, ENTRY, limit=98.0)
    assert send(sqlite_engine, "form", asked) == 1


def test_a_stop_that_a_stored_bar_has_hit_comes_before_a_close_by_hand(sqlite_engine):
    long_at_100(sqlite_engine)
    bars(sqlite_engine, (94.0, 100.0, 90.0, 100.0), after=1)
    with pytest.raises(ConflictError, match="closed"):
        close_part(sqlite_engine, 1, rows(sqlite_engine, Trade)[0].version, Part(D(10), 100.0, at(2)), at(2))
    assert journal(sqlite_engine)[0][2:5] == (0, 100.0, 94.0)


def test_a_level_that_an_order_stands_for_is_moved_with_the_order(sqlite_engine):
    long_at_100(sqlite_engine)
    version = rows(sqlite_engine, Trade)[0].version
    for move in (
        lambda: move_stop(sqlite_engine, 1, version, 99.0, at(1), at(1)),
        lambda: move_target(sqlite_engine, 1, version, 120.0, at(1), at(1)),
        lambda: move_to_break_even(sqlite_engine, 1, version, at(1), at(1)),
    ):
        with pytest.raises(ConflictError, match=r"Order 1 \(cr:1:(stop|target)\)"):
            move()
    alter(sqlite_engine, STOP_LEG, at(1), stop=99.0)
    assert rows(sqlite_engine, Trade)[0].stop == 99.0


@pytest.mark.parametrize(
    ("shown", "booked"),
    [
        ([("e1", "4", "101", 3)], [("e1", 4, 101.0)]),
        ([("e1", "3", "101", 0.5), ("e2", "1", "99", 0.6)], [("e1", 3, 101.0), ("e2", 1, 99.0)]),
        ([("e1", "6", "101", 0.5)], [("e1", 6, 101.0)]),
        ([("e1", "4", "101", 0.5), ("e2", "6", "102", 3)], [("e1", 4, 101.0), ("e2", 6, 102.0)]),
        ([("e2", "6", "102", 3)], [("cr:1:entry#hand1", 4, 100.0), ("e2", 6, 102.0)]),
    ],
)
def test_the_brokers_execution_replaces_what_a_person_reported(sqlite_engine, shown, booked):
    open_market(sqlite_engine)
    send(sqlite_engine, "buy", one(BUY, 10, LIMIT, limit=102.0), broker="ibkr")
    happen(sqlite_engine, ENTRY, EventKind.SUBMITTED)
    happen(sqlite_engine, ENTRY, EventKind.LOST)
    resolve_order(sqlite_engine, 1, "filled", "By the statement.", at(1), quantity=D(4), price=D(100))
    for name, quantity, price, minute in shown * 2:
        filled(sqlite_engine, ENTRY, name, quantity, price, minute)
    whole = sum(quantity for _, quantity, _ in booked)
    assert sorted((external, quantity, price) for _, _, quantity, price, _, external in fills(sqlite_engine)) == booked
    assert order(sqlite_engine, ENTRY).filled == journal(sqlite_engine)[0][2] == whole
    assert len({row.execution for row in rows(sqlite_engine, OrderExecution)}) == len(booked)


def test_where_the_market_stands_still_a_change_trades_when_it_is_made(sqlite_engine):
    open_market(sqlite_engine, source="csv")
    send(sqlite_engine, "buy", bracket(Terms(BUY, D(10)), 95.0, 110.0, ""))
    alter(sqlite_engine, STOP_LEG, at(7), stop=101.0)
    assert statuses(sqlite_engine) == {ENTRY: "filled", TARGET: "cancelled", STOP_LEG: "filled"}
    assert [row.time for row in rows(sqlite_engine, OrderExecution)] == [NOW_MS, ms(7)]


def test_signals_that_an_order_was_given_for_stay_with_it(sqlite_engine):
    signal_id = open_desk(sqlite_engine)
    with writer(sqlite_engine) as session:
        symbol = session.get_one(Symbol, 1)
        add_bars(session, symbol, make_bars([CALM] * 5, start=NOW_MS - 5 * 60_000, timeframe=Timeframe.M1))
    scope = Scope("signals", symbol_id=1)
    assert preview_clearing(sqlite_engine, scope).count == 1
    legs = bracket(Terms(BUY, D(10), LIMIT, limit=90.0), 85.0, 110.0, "")
    place_order(sqlite_engine, OrderRequest("signal", 1, 1, legs, signal_id=signal_id), NOW)
    assert preview_clearing(sqlite_engine, scope).count == 0
    with pytest.raises(Exception, match="nothing to clear"):
        clear_history(sqlite_engine, scope, "", NOW)
