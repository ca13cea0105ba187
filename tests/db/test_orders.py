"""Orders from the click to the journal, on both data bases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from core.errors import ConflictError, DeskError, IllegalTransitionError, LimitError, OrderError
from core.orders import EventKind, OrderType, Terms, TimeInForce, bracket
from db.actions.orders import OrderRequest, cancel_order, check_order, modify_order, place_order, resolve_order
from db.actions.positions import Part, close_part
from db.engine import reader, writer
from db.models import (
    BrokerOrder,
    LineageStep,
    OrderExecution,
    OrderRefusal,
    OrderTicket,
    OrderTransition,
    Signal,
    Symbol,
    Trade,
    TradeChange,
)
from db.store.lineage.steps import chain
from db.store.orders.charges import take_charge
from tests.db.desk import open_desk, rows
from tests.db.orders_desk import (
    BUY,
    CALM,
    SELL,
    at,
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
from tests.factories import NOW, make_account, make_symbol
from workers.broker.paper import step_paper

D = Decimal
LIMIT, STOP = OrderType.LIMIT, OrderType.STOP
ENTRY = "cr:1:entry"


def test_one_form_sends_one_order_however_many_send_it_at_once(engine):
    open_market(engine)
    legs = bracket(Terms(BUY, D(10), LIMIT, limit=99.0), 98.0, 103.0, "")
    with ThreadPoolExecutor(4) as threads:
        tickets = list(threads.map(lambda _: send(engine, "form", legs), range(4)))
    assert tickets == [1, 1, 1, 1]
    assert statuses(engine) == dict.fromkeys([ENTRY, "cr:1:target", "cr:1:stop"], "submitted")
    assert {one.oca for one in rows(engine, BrokerOrder)} == {"", "cr:1"}
    with pytest.raises(ConflictError, match="another order already"):
        place_order(engine, OrderRequest("form", 1, 2, legs), NOW)


def test_a_signal_becomes_a_bracket_and_its_fills_a_trade_with_r(engine):
    signal_id = open_desk(engine)
    with writer(engine) as session:
        session.get_one(Symbol, 1).name = "MKT"
    legs = bracket(Terms(BUY, D(250), LIMIT, limit=100.0), 98.0, 106.0, "")
    assert send(engine, "signal", legs, broker="paper", signal_id=signal_id) == 1
    assert (rows(engine, Signal)[0].status, rows(engine, Trade)) == ("accepted", [])
    with pytest.raises(ConflictError, match="already accepted"):
        send(engine, "again", legs, signal_id=signal_id)
    bars(engine, (100.5, 101.0, 99.5, 100.5), (101.0, 106.5, 101.0, 106.0))
    assert step_paper(engine, ms(5)) == 2
    (trade,) = rows(engine, Trade)
    assert (trade.signal_id, trade.first_stop, trade.target, trade.status) == (signal_id, 98.0, 106.0, "closed")
    costs = trade.fees
    assert (trade.pnl, trade.risk, costs > 0) == (D(1500) - costs, D(500), True)
    assert trade.r_multiple == pytest.approx(float(trade.pnl) / 500)
    assert statuses(engine)["cr:1:stop"] == "cancelled"
    with reader(engine) as session:
        kinds = [step.kind for step in chain(session, "trade", trade.id).steps]
    assert kinds == ["bars", "signal", "decision", "order", "execution", "trade", "execution", "close"]


def test_what_is_filled_in_parts_is_one_trade(engine):
    open_market(engine)
    send(engine, "ibkr", bracket(Terms(BUY, D(10), LIMIT, limit=100.0), 95.0, 110.0, ""), broker="ibkr")
    assert set(statuses(engine).values()) == {"intent"}
    happen(engine, ENTRY, EventKind.SUBMITTED)
    filled(engine, ENTRY, "e1", "4", "100", 1)
    filled(engine, ENTRY, "e1", "4", "100", 1)
    filled(engine, ENTRY, "e2", "6", "99", 2)
    filled(engine, "cr:1:target", "t1", "3", "110", 4)
    # It arrives late: the trade's fills follow each other all the same.
    filled(engine, "cr:1:stop", "s1", "7", "95", 3)
    (trade,) = rows(engine, Trade)
    assert journal(engine) == [(1, 10, 0, 99.4, 99.5, D(1))]
    assert trade.risk == D(44)
    late = rows(engine, OrderExecution)[-1]
    assert (late.time, trade.closed_at) == (ms(3), at(4))
    assert [one.trade_fill_id for one in rows(engine, OrderExecution)] == [1, 2, 3, 4]


def test_what_cannot_happen_is_refused_and_nothing_is_kept(sqlite_engine):
    open_market(sqlite_engine)
    send(sqlite_engine, "ibkr", one(BUY, 10, LIMIT, limit=100.0), broker="ibkr")
    filled(sqlite_engine, ENTRY, "e1", "10", "100")
    before = [len(rows(sqlite_engine, table)) for table in (OrderTransition, OrderExecution, LineageStep)]
    with pytest.raises(IllegalTransitionError, match="would be filled"):
        filled(sqlite_engine, ENTRY, "e2", "1", "100")
    with pytest.raises(IllegalTransitionError, match="it is filled"):
        happen(sqlite_engine, ENTRY, EventKind.LOST)
    assert before == [len(rows(sqlite_engine, table)) for table in (OrderTransition, OrderExecution, LineageStep)]
    (change,) = rows(sqlite_engine, OrderTransition)
    assert (change.before, change.after, change.kind, change.source, change.time) == (
        "intent", "filled", "fill", "ibkr", ms(0),
    )  # fmt: skip


def test_a_commission_and_a_correction_that_come_later_reach_the_journal(engine):
    open_market(engine)
    send(engine, "ibkr", one(BUY, 10, LIMIT, limit=100.0), broker="ibkr")
    with writer(engine) as session:
        assert take_charge(session, "e1", 0, "USD", D("1.25"), NOW)
    filled(engine, ENTRY, "e1", "10", "100", 1)
    send(engine, "out", one(SELL, 10, LIMIT, limit=104.0), at(2), broker="ibkr", closes=1)
    filled(engine, "cr:2:entry", "x1", "10", "104", 3)
    assert journal(engine)[0][-1] == D("38.75")
    with writer(engine) as session:
        assert take_charge(session, "x1", 1, "USD", D("1.05"), at(4))
        assert not take_charge(session, "x1", 1, "USD", D("1.05"), at(5))
        # The gateway goes on telling what the execution cost before it was corrected.
        assert not take_charge(session, "x1", 0, "USD", D("1.00"), at(5))
        assert take_charge(session, "nobodys", 0, "EUR", D(1), at(5))
    filled(engine, "cr:2:entry", "x1", "10", "104.50", 6, revision=1)
    assert journal(engine) == [(1, 10, 0, 100.0, 104.5, D("42.70"))]
    changes = [(one.field, one.before, one.after) for one in rows(engine, TradeChange) if one.field != "open_quantity"]
    assert changes == [("fees", "1.25", "2.3"), ("fill", "10 at 104", "10 at 104.5")]
    assert order(engine, "cr:2:entry").average_price == 104.5


def test_an_order_by_hand_closes_what_goes_the_other_way_first(engine):
    open_market(engine, {"per_order": 1.0})
    for number in (1, 2):
        send(engine, f"buy {number}", one(BUY, 10))
    bars(engine, CALM)
    assert step_paper(engine, ms(1)) == 2
    send(engine, "sell", one(SELL, 25), at(1))
    bars(engine, (102.0, 102.5, 101.5, 102.0), after=1)
    assert step_paper(engine, ms(2)) == 1
    assert [(row[0], row[2], row[-1]) for row in journal(engine)] == [
        (1, 0, D("18.60")), (1, 0, D("18.60")), (-1, 5, D("-0.20")),
    ]  # fmt: skip
    assert [row[-2:] for row in fills(engine)[2:]] == [
        (D("0.4"), "cr:3:entry#1"), (D("0.4"), "cr:3:entry#1/2"), (D("0.2"), "cr:3:entry#1/3"),
    ]  # fmt: skip


def test_a_trade_that_one_order_closes_leaves_nothing_for_its_exits(sqlite_engine):
    open_market(sqlite_engine)
    send(sqlite_engine, "buy", bracket(Terms(BUY, D(10)), 95.0, 110.0, ""))
    bars(sqlite_engine, CALM)
    step_paper(sqlite_engine, ms(1))
    send(sqlite_engine, "out", one(SELL, 10), at(1), closes=1)
    with pytest.raises(OrderError, match="being closed already"):
        send(sqlite_engine, "twice", one(SELL, 1), at(1), closes=1)
    bars(sqlite_engine, CALM, (94.0, 94.0, 90.0, 94.0), after=1)
    assert step_paper(sqlite_engine, ms(3)) == 1
    assert statuses(sqlite_engine) == {
        ENTRY: "filled", "cr:1:target": "cancelled", "cr:1:stop": "cancelled", "cr:2:entry": "filled",
    }  # fmt: skip
    assert journal(sqlite_engine) == [(1, 10, 0, 100.0, 100.0, D(0))]


def test_a_trade_closed_by_hand_takes_its_exits_along(sqlite_engine):
    open_market(sqlite_engine)
    send(sqlite_engine, "buy", bracket(Terms(BUY, D(10)), 95.0, 110.0, ""))
    bars(sqlite_engine, CALM)
    step_paper(sqlite_engine, ms(1))
    version = close_part(sqlite_engine, 1, rows(sqlite_engine, Trade)[0].version, Part(D(4), 101.0, at(1)), at(1))
    step_paper(sqlite_engine, ms(2))
    assert (order(sqlite_engine, "cr:1:stop").quantity, order(sqlite_engine, "cr:1:target").quantity) == (6, 6)
    close_part(sqlite_engine, 1, version, Part(D(6), 101.0, at(2)), at(2))
    bars(sqlite_engine, (94.0, 94.0, 90.0, 94.0), after=2)
    assert step_paper(sqlite_engine, ms(3)) == 0
    assert statuses(sqlite_engine)["cr:1:stop"] == "cancelled"
    assert [row[2] for row in journal(sqlite_engine)] == [0]


def test_a_fill_that_the_bars_had_before_the_cancel_wins(engine):
    open_market(engine)
    for key in ("late", "early"):
        send(engine, key, one(BUY, 10, LIMIT, limit=99.0))
    cancel_order(engine, 2, NOW)
    cancel_order(engine, 2, NOW)
    bars(engine, (99.5, 99.5, 98.5, 99.0))
    with pytest.raises(ConflictError, match="filled already"):
        cancel_order(engine, 1, at(1))
    assert statuses(engine) == {ENTRY: "filled", "cr:2:entry": "cancelled"}
    assert len(journal(engine)) == 1
    kinds = [(one.kind, one.source) for one in rows(engine, OrderTransition) if one.order_id == 2]
    assert kinds == [("submitted", "paper"), ("cancel_requested", "person"), ("cancelled", "paper")]


def test_a_cancel_at_a_broker_is_a_request_that_a_fill_may_overtake(sqlite_engine):
    open_market(sqlite_engine)
    send(sqlite_engine, "ibkr", one(BUY, 10, LIMIT, limit=99.0), broker="ibkr")
    happen(sqlite_engine, ENTRY, EventKind.SUBMITTED)
    cancel_order(sqlite_engine, 1, NOW)
    assert (order(sqlite_engine, ENTRY).status, order(sqlite_engine, ENTRY).cancelling) == ("submitted", True)
    filled(sqlite_engine, ENTRY, "e1", "4", "99")
    happen(sqlite_engine, ENTRY, EventKind.CANCELLED)
    filled(sqlite_engine, ENTRY, "e2", "1", "99")
    assert (order(sqlite_engine, ENTRY).status, order(sqlite_engine, ENTRY).filled) == ("cancelled", 5)
    assert journal(sqlite_engine)[0][1] == 5


def test_a_change_of_a_bracket_moves_its_exits_and_its_trade(sqlite_engine):
    open_market(sqlite_engine)
    send(sqlite_engine, "buy", bracket(Terms(BUY, D(10), LIMIT, limit=100.0), 95.0, 110.0, ""))
    entry = order(sqlite_engine, ENTRY)
    modify_order(sqlite_engine, 1, entry.version, Terms(BUY, D(12), LIMIT, limit=100.5), NOW)
    assert [one.quantity for one in rows(sqlite_engine, BrokerOrder)] == [12, 12, 12]
    with pytest.raises(ConflictError, match="in the meantime"):
        modify_order(sqlite_engine, 1, entry.version, Terms(BUY, D(13), LIMIT, limit=100.5), NOW)
    with pytest.raises(OrderError, match="keeps side and type"):
        modify_order(sqlite_engine, 1, order(sqlite_engine, ENTRY).version, Terms(BUY, D(12), STOP, stop=100.5), NOW)
    bars(sqlite_engine, CALM)
    step_paper(sqlite_engine, ms(1))
    stop = order(sqlite_engine, "cr:1:stop")
    tighter = Terms(SELL, D(12), STOP, stop=98.0, tif=TimeInForce.GTC)
    modify_order(sqlite_engine, stop.id, stop.version, tighter, at(1))
    (trade,) = rows(sqlite_engine, Trade)
    assert (trade.stop, trade.first_stop, trade.risk) == (98.0, 95.0, D(60))
    assert order(sqlite_engine, "cr:1:stop").oca == "cr:1"


def test_a_change_at_a_broker_stays_a_wish_until_it_answers(sqlite_engine):
    open_market(sqlite_engine)
    send(sqlite_engine, "ibkr", one(BUY, 10, LIMIT, limit=99.0), broker="ibkr")
    wish = Terms(BUY, D(10), LIMIT, limit=99.5)
    modify_order(sqlite_engine, 1, order(sqlite_engine, ENTRY).version, wish, NOW)
    assert (order(sqlite_engine, ENTRY).limit_price, order(sqlite_engine, ENTRY).wanted["limit"]) == (99.0, 99.5)
    happen(sqlite_engine, ENTRY, EventKind.SUBMITTED)
    happen(sqlite_engine, ENTRY, EventKind.MODIFIED, terms=wish)
    assert (order(sqlite_engine, ENTRY).limit_price, order(sqlite_engine, ENTRY).wanted) == (99.5, None)


@pytest.mark.parametrize(
    ("outcome", "status", "trades"),
    [("filled", "filled", 1), ("cancelled", "cancelled", 0), ("working", "submitted", 0)],
)
def test_a_person_decides_about_an_unknown_order(sqlite_engine, outcome, status, trades):
    open_market(sqlite_engine)
    send(sqlite_engine, "ibkr", one(BUY, 10, LIMIT, limit=99.0), broker="ibkr")
    with pytest.raises(ConflictError, match="nothing to decide"):
        resolve_order(sqlite_engine, 1, outcome, "Seen", NOW, quantity=D(10), price=D(99))
    happen(sqlite_engine, ENTRY, EventKind.LOST, detail="Nobody knows it.")
    assert order(sqlite_engine, ENTRY).error == "Nobody knows it."
    resolve_order(sqlite_engine, 1, outcome, "Seen in TWS", NOW, quantity=D(10), price=D(99))
    assert (order(sqlite_engine, ENTRY).status, order(sqlite_engine, ENTRY).error) == (status, "")
    assert len(journal(sqlite_engine)) == trades


@pytest.mark.parametrize(
    ("legs", "words"),
    [
        (one(BUY, 10, LIMIT, limit=99.001), "not on a tick"),
        (bracket(Terms(BUY, D(10)), 101.0, None, ""), "has to be below"),
        (one(BUY, 10, tif=TimeInForce.GTD), "needs its date"),
        (one(BUY, 4_000_000_000), "out of all proportion"),
    ],
)
def test_what_no_broker_could_work_is_not_sent(sqlite_engine, legs, words):
    open_market(sqlite_engine)
    with pytest.raises(OrderError, match=words):
        send(sqlite_engine, "bad", legs)
    assert rows(sqlite_engine, OrderTicket) == rows(sqlite_engine, OrderRefusal) == []


def test_another_currency_and_a_symbol_without_a_contract_are_refused(sqlite_engine):
    open_market(sqlite_engine, account={"currency": "EUR"})
    with pytest.raises(DeskError, match="is traded in USD, but the account holds EUR"):
        send(sqlite_engine, "bad", one(BUY, 10))
    with writer(sqlite_engine) as session:
        make_account(session, "Dollars")
        make_symbol(session, "OTHER")
    with pytest.raises(DeskError, match="choose its contract"):
        place_order(sqlite_engine, OrderRequest("other", 2, 2, one(BUY, 10, LIMIT, limit=1.0), broker="ibkr"), NOW)


def test_working_orders_use_up_the_room_of_the_account(engine):
    open_market(engine, account={"max_open": 2, "max_risk_percent": D("0.1")})
    legs = bracket(Terms(BUY, D(30), LIMIT, limit=99.0), 97.0, None, "")
    send(engine, "first", legs)
    with pytest.raises(LimitError, match=r"Risk in use: 120\.00 with this trade, the account allows 100\.00"):
        send(engine, "second", legs)
    (refusal,) = rows(engine, OrderRefusal)
    assert (refusal.rule, refusal.request["legs"]["entry"]["limit"]) == ("max_risk", 99.0)
    assert rows(engine, LineageStep)[-1].kind == "refusal"
    with pytest.raises(LimitError, match="refuses this change"):
        modify_order(engine, 1, order(engine, ENTRY).version, Terms(BUY, D(60), LIMIT, limit=99.0), NOW)
    assert [one.rule for one in rows(engine, OrderRefusal)] == ["max_risk", "max_risk"]
    cancel_order(engine, 1, NOW)
    assert send(engine, "third", legs) == 2
    with reader(engine) as session:
        found = check_order(session, OrderRequest("ask", 1, 1, legs), NOW)
    assert [(one.rule, one.ok) for one in found] == [("max_trades", True), ("max_risk", False)]
