"""The IBKR login page: real money asks twice, silence is no connection, and every difference waits for a person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from redis import Redis
from rq import Queue, SimpleWorker
from sqlalchemy import Engine
from sqlmodel import select
from streamlit.testing.v1 import AppTest

from core.broker.login import Login
from core.errors import ConflictError, DeskError
from core.jobs import BROKER
from db.actions.broker import Contract, choose_contract, save_login, switch
from db.actions.broker_differences import Decision, resolve_difference
from db.engine import reader, writer
from db.models import BrokerContract, BrokerDifference, BrokerLink, BrokerOrder, Symbol, Trade
from db.store.broker.login import read_login
from db.store.moments import to_ms
from db.store.revision import bump
from tests.dashboard.pages_under_test import open_page, run, text
from tests.fakes.gateway_thread import gateway_thread

D = Decimal
AAPL = Contract("AAPL", 265598, primary="NASDAQ", description="APPLE INC")


def click(at: AppTest, key: str) -> AppTest:
    return run(at, at.button(key=key).click())


def typed(at: AppTest, **fields: str) -> AppTest:
    for name, value in fields.items():
        at.text_input(key=f"dialog_{name}").set_value(value)
    return run(at)


def errors(at: AppTest) -> str:
    return " ".join(one.value for one in at.error).replace("\\", "")


def login(engine: Engine) -> Login:
    with reader(engine) as session:
        return read_login(session)


def add_rows(engine: Engine, *rows: BrokerLink | BrokerDifference) -> None:
    with writer(engine) as session:
        session.add_all(rows)
        bump(session)


def difference(kind: str, subject: str, ours: str, theirs: str) -> BrokerDifference:
    now = datetime.now(UTC)
    return BrokerDifference(
        broker="ibkr", kind=kind, subject=subject, ours=ours, theirs=theirs, sentence=f"<i>{subject}</i> differs.",
        found_at=now, seen_at=now,
    )  # fmt: skip


def test_real_money_asks_for_its_port_its_switch_and_its_word(sqlite_desk: Engine) -> None:
    at = open_page("broker")
    assert "Not set up" in text(at)
    assert "No password is stored" in text(at)
    click(at, "broker_change")
    typed(at, port="7496")
    click(at, "dialog_save")
    assert "trades real money" in errors(at)
    typed(at, port="7497", account="U1234567")
    click(at, "dialog_save")
    assert "is a live account" in errors(at)
    typed(at, account="", port="7496")
    run(at, at.toggle(key="dialog_live").set_value(True))
    typed(at, typed="live")
    click(at, "dialog_save")
    assert "type LIVE" in errors(at)
    typed(at, typed="LIVE", port="4002")
    click(at, "dialog_save")
    assert "paper port, but live is on" in errors(at)
    typed(at, port="4001")
    click(at, "dialog_save")
    assert login(sqlite_desk) == Login(port=4001, live=True)
    assert "badge live" not in text(open_page("home")), "nothing is switched on yet"
    click(at, "broker_on")
    click(at, "dialog_switch")
    assert "type LIVE" in errors(at)
    typed(at, typed="LIVE")
    click(at, "dialog_switch")
    assert login(sqlite_desk).enabled
    for name in ("home", "jobs"):
        assert 'class="badge live"' in text(open_page(name))
    click(at, "broker_off")
    assert "badge live" not in text(open_page("home"))


def test_a_connection_whose_owner_is_silent_is_stale(sqlite_desk: Engine) -> None:
    save_login(sqlite_desk, Login(enabled=True), "", datetime.now(UTC))
    assert "IBKR paper <b>stale</b>" in text(open_page("home"))
    now = to_ms(datetime.now(UTC))
    row = BrokerLink(broker="ibkr", link="connected", since=now - 3_600_000, seen=now, account="DU1234567")
    add_rows(sqlite_desk, row)
    assert "IBKR paper <b>connected</b>" in text(open_page("broker"))
    with writer(sqlite_desk) as session:
        session.get_one(BrokerLink, "ibkr").seen = now - 20_000
    shown = text(open_page("broker"))
    assert f"stale since {datetime.fromtimestamp((now - 20_000) / 1000, UTC):%Y-%m-%d %H:%M}" in shown
    assert "The broker process is silent" in shown


def test_a_trade_placed_elsewhere_is_booked_when_a_person_says_so(sqlite_desk: Engine) -> None:
    now = datetime.now(UTC)
    save_login(sqlite_desk, Login(), "", now)
    at_ten = f"buy 10 APC.STK.USD at 101.25, {now - timedelta(hours=1):%Y-%m-%d %H:%M:%S} UTC"
    add_rows(
        sqlite_desk,
        difference("foreign_execution", "0000aaaa.1", "", at_ten),
        difference("position", "APC.STK.USD", "10", "4"),
        difference("foreign_order", "order 9", "", "SELL 5 LMT 130"),
    )
    at = open_page("broker")
    assert "&lt;i&gt;order 9&lt;/i&gt; differs." in text(at)
    click(at, "broker_decide_1")
    click(at, "dialog_decide")
    assert "Say in a few words why" in errors(at)
    typed(at, note="bought on the phone")
    click(at, "dialog_decide")
    assert "choose its contract first" in errors(at)
    choose_contract(sqlite_desk, 2, Contract("APC", 7), now)
    click(at, "dialog_decide")
    click(at, "broker_decide_2")
    typed(at, price="99", note="stopped out there")
    click(at, "dialog_decide")
    click(at, "broker_decide_3")
    typed(at, note="my own order")
    click(at, "dialog_decide")
    with reader(sqlite_desk) as session:
        (trade,) = session.exec(select(Trade).where(Trade.symbol_id == 2)).all()
        orders = session.exec(select(BrokerOrder)).all()
    assert (trade.direction, trade.quantity, trade.open_quantity, trade.entry_price) == (1, D(10), D(4), 101.25)
    assert [(one.side, one.filled, one.status) for one in orders] == [(1, D(10), "filled"), (-1, D(6), "filled")]
    assert "Decided (3)" in text(at)
    assert "bought on the phone" in text(at)
    with pytest.raises(ConflictError):
        resolve_difference(sqlite_desk, 1, Decision("known", "again"), now)


def test_a_contract_belongs_to_one_symbol_in_its_currency(sqlite_desk: Engine) -> None:
    now = datetime.now(UTC)
    with pytest.raises(DeskError, match="simulated"):
        choose_contract(sqlite_desk, 1, AAPL, now)
    with pytest.raises(DeskError, match="priced in USD"):
        choose_contract(sqlite_desk, 2, Contract("AAPL", 1, currency="EUR"), now)
    choose_contract(sqlite_desk, 2, AAPL, now)
    choose_contract(sqlite_desk, 2, Contract("APC", 7), now)
    with reader(sqlite_desk) as session:
        assert [(one.key, one.number) for one in session.exec(select(BrokerContract))] == [("APC.STK.USD", 7)]
        assert session.get_one(Symbol, 2).name == "AAPL"


def test_the_login_is_tried_and_a_contract_found(
    sqlite_desk: Engine, redis_connection: Redis, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", redis_url)
    queue = Queue(BROKER, connection=redis_connection)

    def work() -> None:
        SimpleWorker([queue], connection=redis_connection).work(burst=True, logging_level="CRITICAL")

    with gateway_thread() as gateway:
        save_login(sqlite_desk, Login(port=gateway.port), "", datetime.now(UTC))
        at = open_page("broker")
        click(at, "broker_test")
        assert "has not answered yet" in text(at)
        work()
        run(at)
        assert "DU1234567 is a paper account: no real money." in text(at)
        assert "178" in text(at)
        run(at, at.text_input(key="broker_text_2").set_value("micro"))
        click(at, "broker_find")
        work()
        run(at)
        assert "MICROSOFT CORP" in text(at)
        click(at, "broker_use_0")
    with reader(sqlite_desk) as session:
        assert session.get_one(BrokerContract, "MSFT.STK.USD").symbol_id == 2
    click(at, "broker_test")
    work()
    run(at)
    assert "nobody listens there" in text(at)
    switch(sqlite_desk, True, "", datetime.now(UTC))
    assert login(sqlite_desk).port == gateway.port
