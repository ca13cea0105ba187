"""The Orders page and every other place where an order is sent: through the real actions, seen on the real pages."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select
from streamlit.testing.v1 import AppTest

from core.guards import GuardRules
from core.timeframe import Timeframe
from db.actions.guards import save_guards
from db.engine import reader, writer
from db.models import AccountGuard, BrokerOrder, OrderRefusal, OrderTicket, Setting, Signal, Symbol, Trade
from db.store.bars.series import store_bars
from tests.dashboard.orders_world import REJECTED, add_orders, entry_of, name_at_broker
from tests.dashboard.pages_under_test import open_page, run, text
from tests.factories import make_bars
from workers.broker.paper import step_paper

D = Decimal


@pytest.fixture
def ids(desk: dict[str, int], empty_desk: Engine) -> dict[str, int]:
    """The world with orders, on both kinds of data base."""
    return desk | add_orders(empty_desk, datetime.now(UTC))


@pytest.fixture
def orders(sqlite_desk: Engine) -> dict[str, int]:
    return add_orders(sqlite_desk, datetime.now(UTC))


def rows(engine: Engine, model):
    with reader(engine) as session:
        return session.exec(select(model).order_by(model.id)).all()


def typed(at: AppTest, **fields: str) -> AppTest:
    for name, value in fields.items():
        at.text_input(key=f"dialog_{name}").set_value(value)
    return run(at)


def listed(at: AppTest) -> list[tuple[int, str, str, int]]:
    """Order, leg, status and filled percent of each row."""
    table = at.dataframe[0].value
    states = [one[0] for one in table["status"]]
    return list(zip(table["id"], table["leg"], states, table["share"].astype(int), strict=True))


def figure(at: AppTest, name: str) -> str:
    seen = text(at).partition(f">{name}</dt>")[2]
    return seen.partition("</dd>")[0].rpartition(">")[2]


def test_the_list_has_every_leg_with_its_status_and_what_is_filled(ids: dict[str, int]) -> None:
    at = open_page("orders", order=str(ids["rejected"]))
    working, partly, rejected, unknown = (ids[name] for name in ("working", "partly", "rejected", "unknown"))
    assert listed(at) == [
        (unknown, "Entry", "Unknown", 0),
        (partly, "Entry", "Part filled", 40),
        (working, "Entry", "Working", 0),
        (working, "Target", "Working", 0),
        (working, "Stop loss", "Working", 0),
        (rejected, "Entry", "Rejected", 0),
    ]
    assert [figure(at, name) for name in ("Orders", "Working", "Filled today", "Rejected")] == ["6", "5", "0", "1"]
    seen = text(at)
    assert "The exchange is closed &lt;b&gt;today&lt;/b&gt; **really**" in seen
    assert REJECTED not in seen
    assert "An order is unknown." in seen


def test_filters_narrow_the_list(orders: dict[str, int], sqlite_desk: Engine) -> None:
    at = open_page("orders")
    run(at, at.multiselect(key="order_statuses").select("partially_filled"))
    assert [row[0] for row in listed(at)] == [orders["partly"]]
    run(at, at.multiselect(key="order_statuses").unselect("partially_filled"))
    run(at, at.text_input(key="order_text").set_value(f"#{orders['working']}"))
    assert [row[1] for row in listed(at)] == ["Entry", "Target", "Stop loss"]
    run(at, at.text_input(key="order_text").set_value("exchange is CLOSED"))
    assert [row[0] for row in listed(at)] == [orders["rejected"]]
    run(at, at.text_input(key="order_text").set_value(""))
    run(at, at.multiselect(key="order_strategies").select(1))
    assert "No order matches these filters." in text(at)
    run(at, at.multiselect(key="order_strategies").select(0))
    assert len(listed(at)) == 6


def test_an_order_by_hand_is_a_bracket_sized_by_its_risk(sqlite_desk: Engine) -> None:
    at = open_page("orders")
    run(at, at.button(key="order_new").click())
    run(at, at.selectbox(key="dialog_symbol").set_value(1))
    run(at, at.selectbox(key="dialog_type").set_value("limit"))
    assert at.button(key="dialog_place").disabled, "a limit order needs its limit"
    typed(at, limit="1.02", stop="1.01", target="1.04")
    seen = text(at)
    assert "500.00 USD" in seen, "half a percent of 100,000 and what was won"
    assert "+2.00 R" in seen
    assert at.button(key="dialog_place").label.replace("\\", "") == (
        "Buy 50,000 SIM-EURUSD at limit 1.02000, with stop loss and target"
    )
    run(at, at.button(key="dialog_place").click())
    ticket = rows(sqlite_desk, OrderTicket)[-1]
    legs = [row for row in rows(sqlite_desk, BrokerOrder) if row.ticket_id == ticket.id]
    assert [(row.leg, row.type, row.side, row.quantity, row.limit_price, row.stop_price) for row in legs] == [
        ("entry", "limit", 1, 50_000, 1.02, None),
        ("target", "limit", -1, 50_000, 1.04, None),
        ("stop", "stop", -1, 50_000, None, 1.01),
    ]
    assert f"order {ticket.id}, entry" in text(at), "the new order is the one that is shown"
    assert "dialog_place" not in {button.key for button in at.button}


def test_every_type_asks_for_its_own_prices(sqlite_desk: Engine) -> None:
    at = open_page("orders")
    run(at, at.button(key="order_new").click())
    fields = {
        "market": set(), "limit": {"limit"}, "stop": {"trigger"}, "stop_limit": {"trigger", "limit"},
        "trailing_stop": {"trail"},
    }  # fmt: skip
    for kind, names in fields.items():
        run(at, at.selectbox(key="dialog_type").set_value(kind))
        shown = {box.key.removeprefix("dialog_") for box in at.text_input if box.key.startswith("dialog_")}
        assert shown == names | {"stop", "target", "quantity"}
    run(at, at.selectbox(key="dialog_symbol").set_value(1))
    run(at, at.selectbox(key="dialog_by").set_value("Percent"))
    typed(at, trail="1.5", quantity="3,000")
    run(at, at.selectbox(key="dialog_tif").set_value("GTD"))
    run(at, at.button(key="dialog_place").click())
    (order,) = rows(sqlite_desk, BrokerOrder)
    assert (order.type, order.trail, order.trail_percent, order.tif) == ("trailing_stop", None, 1.5, "GTD")
    assert order.until is not None


def test_an_order_is_modified_and_cancelled(orders: dict[str, int], sqlite_desk: Engine) -> None:
    at = open_page("orders", order=str(orders["working"]))
    run(at, at.button(key="order_modify").click())
    typed(at, limit="1.0199999")
    run(at, at.button(key="dialog_modify").click())
    assert "is not on a tick" in at.error[0].value.replace("\\", "")
    typed(at, limit="1.021", quantity="9,000")
    run(at, at.button(key="dialog_modify").click())
    legs = [row for row in rows(sqlite_desk, BrokerOrder) if row.ticket_id == orders["working"]]
    assert [(row.quantity, row.limit_price) for row in legs] == [(9_000, 1.021), (9_000, 1.05), (9_000, None)]
    assert "Terms changed" in text(at)
    run(at, at.button(key="order_cancel").click())
    assert "Its stop and target end with it." in text(at)
    run(at, at.button(key="dialog_cancel").click())
    legs = [row for row in rows(sqlite_desk, BrokerOrder) if row.ticket_id == orders["working"]]
    assert {row.status for row in legs} == {"cancelled"}
    assert "order_cancel" not in {button.key for button in at.button}


def test_a_person_says_what_became_of_an_unknown_order(orders: dict[str, int], sqlite_desk: Engine) -> None:
    at = open_page("orders", order=str(orders["unknown"]))
    run(at, at.button(key="order_resolve").click())
    run(at, at.button(key="dialog_resolve").click())
    assert "how you know it" in at.error[0].value
    run(at, at.text_area(key="dialog_note").set_value("Not in the broker's list"))
    at.radio(key="dialog_outcome").set_value("rejected")
    run(at, at.button(key="dialog_resolve").click())
    with Session(sqlite_desk) as session:
        assert entry_of(session, orders["unknown"]).status == "rejected"
    assert "Not in the broker&#x27;s list" in text(at)
    assert "An order is unknown." not in text(at)


def test_a_guard_refuses_names_itself_and_is_stored(sqlite_desk: Engine) -> None:
    at = open_page("orders")
    run(at, at.segmented_control(key="orders_view").set_value("Guards"))
    run(at, at.button(key="guards_edit").click())
    typed(at, cool_down="ninety")
    run(at, at.button(key="dialog_save").click())
    assert "is no number" in at.error[0].value
    typed(at, cool_down="2.5")
    run(at, at.button(key="dialog_save").click())
    assert "is no whole number" in at.error[0].value
    typed(at, cool_down="90", daily_loss="5,000")
    run(at, at.button(key="dialog_save").click())
    with Session(sqlite_desk) as session:
        guard = session.get_one(AccountGuard, 1)
        assert (guard.cool_down, guard.daily_loss, guard.max_drawdown) == (90, 5_000, None)
    assert "of 90 minutes of the cool-down after the last loss are left." in text(at)
    assert figure(at, "New orders") == "Stopped"
    run(at, at.button(key="order_new").click())
    run(at, at.selectbox(key="dialog_symbol").set_value(1))
    typed(at, quantity="1,000")
    assert "of the cool-down" in at.warning[0].value.replace("\\", ""), "said before the click"
    run(at, at.button(key="dialog_place").click())
    assert "Practice refuses this order." in at.error[0].value.replace("\\", "")
    assert rows(sqlite_desk, OrderTicket) == []
    (refusal,) = rows(sqlite_desk, OrderRefusal)
    assert refusal.rule == "cool_down"
    seen = text(run(at, at.segmented_control(key="orders_view").set_value("Refused")))
    assert "<b>Cool down</b>" in seen
    assert "1,000 at market" in seen


def test_guards_that_somebody_else_changed_are_shown_before_they_are_replaced(sqlite_desk: Engine) -> None:
    at = open_page("orders")
    run(at, at.segmented_control(key="orders_view").set_value("Guards"))
    run(at, at.button(key="guards_edit").click())
    save_guards(sqlite_desk, 1, 0, GuardRules(losses_in_a_row=3), datetime.now(UTC))
    typed(at, losses_in_a_row="5")
    run(at, at.button(key="dialog_save").click())
    assert "losses in a row 3" in at.error[0].value
    run(at, at.button(key="dialog_save").click())
    with Session(sqlite_desk) as session:
        assert session.get_one(AccountGuard, 1).losses_in_a_row == 5


def test_the_kill_switch_cancels_what_works_and_is_lifted(orders: dict[str, int], sqlite_desk: Engine) -> None:
    at = open_page("orders")
    run(at, at.button(key="kill_open").click())
    assert "3 working orders that could open or add to a position will be cancelled." in text(at)
    run(at, at.button(key="dialog_kill").click())
    with Session(sqlite_desk) as session:
        assert entry_of(session, orders["working"]).status == "cancelled"
        assert entry_of(session, orders["partly"]).cancelling, "its broker is asked"
    assert "The kill switch is on" in text(at)
    assert figure(at, "New orders") == "Stopped"
    run(at, at.button(key="lift").click())
    run(at, at.button(key="dialog_lift").click())
    assert figure(at, "New orders") == "Allowed"


def test_real_money_is_red_and_asks_once_more(sqlite_desk: Engine) -> None:
    with writer(sqlite_desk) as session:
        value = {"enabled": True, "live": True, "account": "U1234567"}
        session.add(Setting(key="ibkr", value=value, updated_at=datetime.now(UTC)))
    name_at_broker(sqlite_desk)
    at = open_page("orders")
    run(at, at.button(key="order_new").click())
    run(at, at.selectbox(key="dialog_symbol").set_value(1))
    typed(at, quantity="1,000")
    assert not at.button(key="dialog_place").disabled, "paper is the default"
    run(at, at.radio(key="dialog_broker").set_value("ibkr"))
    assert '<span class="pill live">LIVE</span>' in text(at)
    assert "The connection is stale" in text(at), "no owner of the connection has spoken yet"
    assert at.button(key="dialog_place").disabled
    run(at, at.checkbox(key="dialog_sure").check())
    run(at, at.button(key="dialog_place").click())
    assert [ticket.broker for ticket in rows(sqlite_desk, OrderTicket)] == ["ibkr"]
    assert '<span class="pill live">IBKR LIVE</span>' in text(at)
    run(at, at.button(key="order_cancel").click())
    run(at, at.button(key="dialog_cancel").click())
    assert "The cancel is asked for" in said(at)


def test_a_day_order_says_when_it_ends_where_only_daily_bars_are_stored(sqlite_desk: Engine) -> None:
    with writer(sqlite_desk) as session:
        session.get_one(Symbol, 1).base_timeframe = Timeframe.D1
    at = open_page("orders")
    run(at, at.button(key="order_new").click())
    run(at, at.selectbox(key="dialog_symbol").set_value(1))
    assert "first whole bar" not in text(at)
    run(at, at.selectbox(key="dialog_tif").set_value("DAY"))
    assert "On paper it ends with the first whole bar after it" in text(at)


def test_a_signals_order_becomes_its_trade_and_a_closing_order_ends_it(
    desk: dict[str, int], empty_desk: Engine
) -> None:
    signal_id = desk["new"]
    at = open_page("signals", signal=str(signal_id))
    run(at, at.button(key="accept_send").click())
    run(at, at.text_input(key="dialog_units").set_value("5,000"))
    run(at, at.button(key="dialog_send").click())
    with Session(empty_desk) as session:
        signal = session.get_one(Signal, signal_id)
        ticket = session.exec(select(OrderTicket).where(OrderTicket.signal_id == signal_id)).one()
        entry = entry_of(session, ticket.id or 0)
    assert (signal.status, entry.limit_price, entry.tif, entry.until) == (
        "accepted", signal.entry, "GTD", signal.expires_at,
    )  # fmt: skip
    assert f"Order {ticket.id}: Buy 5,000 at limit" in text(at)
    assert "no trade yet" in text(at)
    for page in ("home", "journal", "charts"):
        open_page(page)
    open_page("charts", signal=str(signal_id))

    trade = fill(empty_desk, signal)
    assert (trade.quantity, trade.stop, trade.target) == (5_000, signal.stop, signal.targets[0]["price"])
    assert "no trade yet" not in text(run(at))
    at = open_page("journal", trade=str(trade.id))
    assert "Orders (3)" in text(at)
    run(at, at.button(key=f"close_order_{trade.id}").click())
    run(at, at.button(key="dialog_send").click())
    closing = rows(empty_desk, OrderTicket)[-1]
    assert (closing.closes, closing.broker) == (trade.id, "paper")


def test_a_stop_at_the_broker_is_moved_there(sqlite_desk: Engine) -> None:
    at = open_page("signals", signal=str(6))
    run(at, at.button(key="accept_send").click())
    run(at, at.text_input(key="dialog_units").set_value("5,000"))
    run(at, at.button(key="dialog_send").click())
    with Session(sqlite_desk) as session:
        signal = session.get_one(Signal, 6)
    trade = fill(sqlite_desk, signal)
    at = open_page("journal", trade=str(trade.id))
    run(at, at.button(key=f"stop_{trade.id}").click())
    nearer = round(signal.stop + 0.0005, 5)
    typed(at, stop=str(nearer))
    run(at, at.button(key="dialog_modify").click())
    with Session(sqlite_desk) as session:
        assert session.get_one(Trade, trade.id).stop == nearer


def said(at: AppTest) -> str:
    """What the page says of the last click, for a moment."""
    return " ".join(one.value for one in (*at.toast, *at.success))


def fill(engine: Engine, signal: Signal) -> Trade:
    """Let the next bar trade through the signal's entry, and nothing else; returns the trade."""
    now_ms = int(datetime.now(UTC).timestamp() * 1000)
    start = now_ms // Timeframe.M1.ms * Timeframe.M1.ms + Timeframe.M1.ms
    price = signal.entry - 0.0002
    with writer(engine) as session:
        symbol = session.get_one(Symbol, signal.symbol_id)
        store_bars(session, symbol, make_bars([(price,) * 4], start=start, timeframe=Timeframe.M1))
    step_paper(engine, start + Timeframe.M1.ms, signal.symbol_id)
    with Session(engine) as session:
        return session.exec(select(Trade).where(Trade.signal_id == signal.id)).one()
