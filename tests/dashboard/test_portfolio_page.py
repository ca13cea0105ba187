"""The Portfolio page: the same money as on Accounts, what is missing in words, risk with its window, forms, files."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from sqlalchemy import Engine
from sqlmodel import select
from streamlit.testing.v1 import AppTest

from core.timeframe import Timeframe
from dashboard.portfolio import data as portfolio_data
from dashboard.portfolio.bar import _beside, _made
from db.actions.accounts import AccountDraft, create_account
from db.actions.close import close_trade
from db.actions.positions import ManualTrade, open_trade
from db.engine import reader, writer
from db.models import CorporateAction, FxRate, Portfolio, Symbol, Trade
from db.store.bars.series import store_bars
from db.views.accounts import account_line
from tests.dashboard.pages_under_test import charts, open_page, run, text
from tests.dashboard.world import HOSTILE, walk

D = Decimal
DAY = timedelta(days=1)


def choose(at: AppTest, view: str) -> AppTest:
    return run(at, next(one for one in at.segmented_control if one.key == "portfolio_view").set_value(view))


def kpis(at: AppTest) -> dict[str, str]:
    """The figures of the strip by their labels."""
    strip = next(body for body in text(at).split("\n") if "kpis" in body)
    return dict(re.findall(r"<dt>([^<]*)</dt><dd[^>]*>([^<]*)</dd>", strip))


@pytest.fixture
def holding(sqlite_desk: Engine) -> Engine:
    """The desk's account since 40 days, with two stocks that have bars up to yesterday, one of them without a class."""
    now = datetime.now(UTC)
    midnight = int(now.timestamp()) // 86_400 * 86_400_000
    with writer(sqlite_desk) as session:
        for name, price, seed in ((f"ACME {HOSTILE}", 40.0, 1), ("INDEX", 900.0, 2)):
            symbol = Symbol(name=name, source="file", created_at=now)
            session.add(symbol)
            session.flush()
            store_bars(session, symbol, walk(Timeframe.D1, 300, midnight, price, 0.4, seed))
    for symbol_id, quantity in ((3, D(400)), (4, D(10))):
        at = now - 35 * DAY
        open_trade(
            sqlite_desk,
            1,
            ManualTrade(symbol_id, 1, quantity, 40.0 if symbol_id == 3 else 900.0, at, 30.0),
            now,
            limits=False,
        )
    return sqlite_desk


def test_an_empty_desk_says_what_comes(empty_desk: Engine) -> None:
    assert "There is no account yet." in text(open_page("portfolio"))
    create_account(empty_desk, AccountDraft("First", D(1_000)), datetime.now(UTC))
    at = open_page("portfolio")
    assert kpis(at)["Total P&amp;L"] == "0.00"
    for view, sentence in (
        ("Overview", "No day is over yet."),
        ("Positions", "No open position."),
        ("Risk", "Too few days to say anything about risk."),
        ("History", "No transaction yet."),
        ("Inputs", "No rate is stored."),
    ):
        assert sentence in text(choose(at, view))


def test_the_value_is_the_equity_of_its_accounts(desk: dict[str, int], empty_desk: Engine) -> None:
    at = open_page("portfolio")
    with reader(empty_desk) as session:
        line = account_line(session, 1, datetime.now(UTC))
    assert line is not None
    assert kpis(at)["Value (USD)"] == f"{line.equity:,.2f}"
    at = choose(at, "Positions")
    assert "SIM-EURUSD" in text(at)
    assert f'href="journal?trade={desk["open_trade"]}"' in text(at)
    assert "R at risk" in text(at)


def test_curves_risk_and_history_of_what_is_held(holding: Engine) -> None:
    at = open_page("portfolio")
    (drawn,) = charts(at)[0]
    value, fall = (
        drawn["series"][1],
        next(one for one in drawn["series"] if one["options"].get("priceScaleId") == "fall"),
    )
    assert [one["time"] for one in value["data"]] == [one["time"] for one in fall["data"]]
    assert len(value["data"]) > 30
    # Filled from 0 down to the line.
    assert (fall["type"], fall["options"]["baseValue"]["price"]) == ("Baseline", 0)
    assert "&lt;img src=x" in text(at)
    assert "<img src=x" not in text(at)
    assert "unclassified" in text(run(at, at.segmented_control(key="portfolio_allocation").set_value("asset class")))
    at = choose(at, "Risk")
    assert "Too few daily bars: SIM-EURUSD." in text(at)
    now = datetime.now(UTC)
    with reader(holding) as session:
        euro = session.exec(select(Trade).where(Trade.status == "open", Trade.symbol_id == 1)).one()
    close_trade(holding, euro.id or 0, euro.entry_price, now, "", now)
    shown = text(run(at))
    assert "From 252 daily returns" in shown
    assert "Pearson" in shown
    assert "no benchmark is chosen" in shown
    at = run(at, at.segmented_control(key="risk_basis").set_value("As it was traded"))
    assert re.search(r"From 3\d daily returns", text(at))
    at = choose(at, "History")
    kinds = at.dataframe[0].value["kind"].tolist()
    assert (kinds.count("bought"), kinds.count("sold")) == (5, 3)


def test_the_books_are_replayed_again_only_when_a_record_changes(holding: Engine, monkeypatch) -> None:
    replays = []
    whole = portfolio_data.read_ledger
    monkeypatch.setattr(portfolio_data, "read_ledger", lambda *given: replays.append(1) or whole(*given))
    at = open_page("portfolio")
    choose(at, "Risk")
    with writer(holding) as session:
        session.get_one(Symbol, 1).description = "Another"
    run(at)
    assert len(replays) == 1
    now = datetime.now(UTC)
    open_trade(holding, 1, ManualTrade(4, 1, D(1), 900.0, now, 30.0), now, limits=False)
    run(at)
    assert len(replays) == 2


def test_a_portfolio_is_created_changed_and_made_the_default(sqlite_desk: Engine) -> None:
    at = open_page("portfolio")
    run(at, at.button(key="portfolio_new").click())
    at.text_input(key="dialog_name").set_value("Swing")
    at.selectbox(key="dialog_benchmark").set_value(2)
    at.selectbox(key="dialog_method").set_value("fifo")
    run(at, at.button(key="dialog_save").click())
    with reader(sqlite_desk) as session:
        made = session.exec(select(Portfolio).where(Portfolio.name == "Swing")).one()
    assert (made.method, made.benchmark_id, made.is_default) == ("fifo", 2, False)
    assert at.selectbox(key="portfolio_widget").value == made.id
    run(at, at.button(key="portfolio_edit").click())
    run(at, at.button(key="dialog_default").click())
    with reader(sqlite_desk) as session:
        assert session.exec(select(Portfolio.name).where(Portfolio.is_default)).all() == ["Swing"]


def test_a_person_enters_rates_splits_and_classes(holding: Engine) -> None:
    create_account(holding, AccountDraft("Euro", D(1_000), "EUR"), datetime.now(UTC) - DAY)
    at = open_page("portfolio")
    assert kpis(at)["Value (USD)"] == "unknown"
    assert "There is no rate of EUR in USD" in text(at)
    at = choose(at, "Inputs")
    run(at, at.button(key="rate_new").click())
    at.selectbox(key="dialog_from").set_value("EUR")
    at.text_input(key="dialog_rate").set_value("1,,x")
    run(at, at.button(key="dialog_save").click())
    assert "is no number for the rate" in at.error[0].value.replace("\\", "")
    at.text_input(key="dialog_rate").set_value("1.1")
    run(at, at.button(key="dialog_save").click())
    assert kpis(at)["Value (USD)"] != "unknown"
    run(at, at.button(key="action_new").click())
    at.selectbox(key="dialog_symbol").set_value(3)
    run(at, at.button(key="dialog_save").click())
    with reader(holding) as session:
        (action,) = session.exec(select(CorporateAction)).all()
        assert (action.new, action.old) == (2, 1)
        assert session.exec(select(FxRate.rate)).one() == D("1.1")
    run(at, at.button(key=f"withdraw_{action.id}").click())
    assert "withdrawn" in text(at)
    assert "Portfolio 1: " in text(open_page("lineage", portfolio="1"))
    traced = text(open_page("lineage", action=str(action.id)))
    assert f"Corporate action {action.id}: " in traced
    assert "Split 2 for 1" in traced
    at.selectbox(key="class_symbol").set_value(3)
    at.selectbox(key="class_choice").set_value("etf")
    run(at, at.button(key="class_save").click())
    with reader(holding) as session:
        assert session.get_one(Symbol, 3).asset_class == "etf"


def test_the_head_tells_what_was_realised_and_which_side_of_the_benchmark_it_is_on() -> None:
    """Of a P&L of 100, 30 are open and 50 realised; 5.23 % beside 9 % is 3.77 behind."""
    summary = SimpleNamespace(pnl=D(100), valuation=SimpleNamespace(unrealised=D(30), realised=D(50)))
    assert _made(summary) == "open +30.00, realised +50.00, exchange rates and charges +20.00"
    beside = SimpleNamespace(benchmark=0.09, portfolio=0.0523, excess=-0.0377)
    result = SimpleNamespace(curve=SimpleNamespace(converted=False), beside=beside, span=None)
    assert _beside(result, Symbol(name="SPX", source="file", currency="USD")) == "SPX in USD +9.00 %, behind by 3.77"
