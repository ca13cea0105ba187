"""A trade is closed where it is held, and what was to close it follows what is open of it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from core.challenge.room import AtStop
from core.errors import ChartroomError, ConflictError, DeskError, OrderError
from core.orders import EventKind, OrderType, Terms, bracket
from db.actions.accounts import archive_account
from db.actions.clear import Scope, clear_history, preview_clearing
from db.actions.close import close_trade
from db.actions.guards import kill
from db.actions.orders import cancel_order, modify_order
from db.actions.positions import ManualTrade, Part, close_part, open_trade
from db.engine import reader
from db.models import Account, OrderTicket, Trade
from db.store.orders.pending import with_pending
from db.store.orders.terms import terms_of
from tests.db.desk import rows
from tests.db.orders_desk import (
    BUY,
    CALM,
    SELL,
    at,
    at_the_broker,
    bars,
    filled,
    happen,
    journal,
    ms,
    one,
    open_market,
    order,
    send,
    statuses,
)
from tests.factories import NOW
from workers.broker.paper import step_paper

D = Decimal
LIMIT, STOP = OrderType.LIMIT, OrderType.STOP
LEGS = ENTRY, TARGET, PROTECT = "cr:1:entry", "cr:1:target", "cr:1:stop"


def wanted(engine) -> list[Decimal | None]:
    """The size that was asked for of target and stop."""
    found = [order(engine, name).wanted for name in (TARGET, PROTECT)]
    return [None if one is None else D(one["quantity"]) for one in found]


def cancelling(engine) -> list[bool]:
    return [order(engine, name).cancelling for name in (TARGET, PROTECT)]


def test_a_part_closed_by_order_makes_the_exits_smaller(engine):
    at_the_broker(engine)
    send(engine, "out", one(SELL, 4), at(2), broker="ibkr", closes=1)
    filled(engine, "cr:2:entry", "x1", "3", "101", 2)
    assert wanted(engine) == [7, 7]
    smaller = replace(terms_of(order(engine, PROTECT)), quantity=D(7))
    happen(engine, PROTECT, EventKind.MODIFIED, 3, terms=smaller)
    filled(engine, "cr:2:entry", "x2", "1", "101", 3)
    assert wanted(engine) == [6, 6]
    # The gateway reduces the rest of a group by itself.
    filled(engine, TARGET, "t1", "2", "110", 4)
    assert (wanted(engine), cancelling(engine)) == ([6, 4], [False, False])


def test_an_entry_that_ends_in_part_makes_the_exits_smaller(sqlite_engine):
    at_the_broker(sqlite_engine, "4")
    assert wanted(sqlite_engine) == [None, None]
    happen(sqlite_engine, ENTRY, EventKind.CANCELLED, 2)
    assert wanted(sqlite_engine) == [4, 4]


@pytest.mark.parametrize("how", ["close", "part", "clear"])
def test_what_a_person_does_to_the_trade_reaches_its_exits_at_the_broker(engine, how):
    at_the_broker(engine)
    if how == "close":
        close_trade(engine, 1, 101.0, at(2), "", at(2))
    elif how == "clear":
        scope = Scope("trades", account_id=1)
        clear_history(engine, scope, preview_clearing(engine, scope).confirmation, at(2))
    else:
        version = close_part(engine, 1, rows(engine, Trade)[0].version, Part(D(4), 101.0, at(2)), at(2))
        assert (wanted(engine), cancelling(engine)) == ([6, 6], [False, False])
        close_part(engine, 1, version, Part(D(6), 101.0, at(3)), at(3))
    assert cancelling(engine) == [True, True]


def test_a_trade_is_closed_where_it_is_held(engine):
    at_the_broker(engine)
    with pytest.raises(ConflictError, match="is held at Interactive Brokers: send the order there"):
        send(engine, "paper", one(SELL, 10), at(2), closes=1)
    # Without a trade to close it opens one of its own.
    send(engine, "paper", one(SELL, 10), at(2))
    bars(engine, CALM, after=2)
    step_paper(engine, ms(3))
    assert [row[:3] for row in journal(engine)] == [(1, 10, 10), (-1, 10, 10)]
    assert (cancelling(engine), wanted(engine)) == ([False, False], [None, None])
    with pytest.raises(ConflictError, match="is held on paper"):
        send(engine, "ibkr", one(BUY, 10), at(4), broker="ibkr", closes=2)


def test_a_trade_made_by_hand_is_closed_on_paper_and_not_by_a_broker(sqlite_engine):
    open_market(sqlite_engine)
    open_trade(sqlite_engine, 1, ManualTrade(1, 1, D(10), 100.0, NOW), NOW)
    with pytest.raises(ConflictError, match="was booked by hand"):
        send(sqlite_engine, "ibkr", one(SELL, 10, LIMIT, limit=99.0), broker="ibkr", closes=1)
    send(sqlite_engine, "paper", one(SELL, 10))
    assert rows(sqlite_engine, OrderTicket)[0].reduces
    bars(sqlite_engine, CALM)
    step_paper(sqlite_engine, ms(1))
    assert [row[:3] for row in journal(sqlite_engine)] == [(1, 10, 0)]


@pytest.mark.parametrize("broker", ["paper", "ibkr"])
def test_the_size_of_an_exit_is_not_free(sqlite_engine, broker):
    open_market(sqlite_engine)
    send(sqlite_engine, "buy", bracket(Terms(BUY, D(10), LIMIT, limit=99.0), 95.0, 110.0, ""), broker=broker)
    for name in (TARGET, PROTECT):
        for quantity in (5, 1000):
            row = order(sqlite_engine, name)
            with pytest.raises(OrderError, match="change the size of the entry"):
                modify_order(sqlite_engine, row.id, row.version, replace(terms_of(row), quantity=D(quantity)), at(1))


def test_the_kill_switch_leaves_what_only_reduces_and_binds_it(sqlite_engine):
    open_market(sqlite_engine)
    send(sqlite_engine, "before", one(SELL, 4, LIMIT, limit=120.0))
    send(sqlite_engine, "buy", one(BUY, 10))
    bars(sqlite_engine, CALM)
    step_paper(sqlite_engine, ms(1))
    send(sqlite_engine, "protect", one(SELL, 6, STOP, stop=95.0), at(1))
    send(sqlite_engine, "more", one(SELL, 1, LIMIT, limit=130.0), at(1))
    assert [one.reduces for one in rows(sqlite_engine, OrderTicket)] == [False, False, True, False]
    assert kill(sqlite_engine, 1, at(2)) == 1
    assert statuses(sqlite_engine) == {
        "cr:1:entry": "submitted", "cr:2:entry": "filled", "cr:3:entry": "submitted", "cr:4:entry": "cancelled",
    }  # fmt: skip
    assert [one.reduces for one in rows(sqlite_engine, OrderTicket)] == [True, False, True, False]


def test_a_holding_counts_once_against_what_is_pending(sqlite_engine):
    open_market(sqlite_engine)
    send(sqlite_engine, "buy", one(BUY, 10))
    bars(sqlite_engine, CALM)
    step_paper(sqlite_engine, ms(1))
    for price in (105.0, 106.0):
        send(sqlite_engine, f"sell {price}", one(SELL, 10, LIMIT, limit=price), at(1))
    with reader(sqlite_engine) as session:
        found = with_pending(session, 1, [(session.get_one(Trade, 1), AtStop("trade", D(0)))])
    assert found == [AtStop("trade", D(0)), AtStop("order 3 (MKT)", None)]


def test_an_account_with_orders_stays_out_of_the_archive(sqlite_engine):
    open_market(sqlite_engine)
    send(sqlite_engine, "buy", one(BUY, 10, LIMIT, limit=90.0))
    version = rows(sqlite_engine, Account)[0].version
    with pytest.raises(DeskError, match="orders that are not over"):
        archive_account(sqlite_engine, 1, version, True, at(1))
    cancel_order(sqlite_engine, 1, at(1))
    archive_account(sqlite_engine, 1, version, True, at(1))
    with pytest.raises(ChartroomError):
        send(sqlite_engine, "again", one(BUY, 10, LIMIT, limit=90.0), at(2))
