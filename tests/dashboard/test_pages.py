"""Every page over real rows on both data bases, and with nothing in them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from core.stats.journal import journal_stats
from dashboard.navigation import PAGES
from db.models import Signal, SignalOutcome, Symbol, Trade
from tests.dashboard.pages_under_test import charts, open_page, run, text
from tests.dashboard.world import CONFIDENCE, HOSTILE, add_signal
from tests.factories import make_account


@pytest.mark.parametrize("page", [entry.name for entry in PAGES])
@pytest.mark.usefixtures("empty_desk")
def test_an_empty_page_says_what_will_fill_it(page: str) -> None:
    assert 'class="empty"' in text(open_page(page))


@pytest.mark.parametrize(("page", "sentence"), [("home", "No trade is closed yet."), ("journal", "No open trades.")])
def test_an_account_without_trades(page: str, sentence: str, empty_desk: Engine) -> None:
    with Session(empty_desk) as session:
        make_account(session)
        session.commit()
    seen = text(open_page(page))
    assert sentence in seen
    assert "100,000.00 USD" in seen


@pytest.mark.usefixtures("desk")
def test_home_shows_the_journals_figures(empty_desk: Engine) -> None:
    with Session(empty_desk) as session:
        closed = session.exec(select(Trade).where(Trade.status == "closed")).all()
    stats = journal_stats([trade.pnl or 0 for trade in closed], [trade.r_multiple for trade in closed])
    seen = text(open_page("home"))
    for figure in (
        f"{100_000 + stats.net:,.2f} USD",
        f"{stats.average_r:+.2f} R",
        f"{stats.profit_factor:.2f}",
        "50 %",
    ):
        assert f">{figure}</dd>" in seen
    assert len(charts(open_page("home"))[0][0]["series"][0]["data"]) == 1 + len(closed)


@pytest.mark.usefixtures("desk")
def test_home_and_journal_agree() -> None:
    home, journal = (text(open_page(page)) for page in ("home", "journal"))
    strips = [seen[seen.index('<dl class="kpis">') : seen.index("</dl>")] for seen in (home, journal)]
    assert strips[0] == strips[1]


def test_a_signals_page_shows_the_signal_in_the_address(desk: dict[str, int]) -> None:
    at = open_page("signals", signal=str(desk["new"]))
    seen = text(at)
    assert f"Signal {desk['new']}<" in seen
    assert "SIMULATED" in seen
    assert f"Confidence {CONFIDENCE:.2f} = weight x strength of the votes for it (3.41) ÷ all weights (6.00)" in seen
    assert "Not calibrated: 0 of the 50 ended signals" in seen
    kinds = [series["type"] for series in charts(at)[0][0]["series"]]
    assert kinds[-2:] == ["Histogram", "Candlestick"]
    assert kinds.count("Baseline") == 4  # order block, fair value gap, risk and reward


def test_a_sample_symbol_is_badged(desk: dict[str, int]) -> None:
    assert '<h2>AAPL<span class="badge sample">SAMPLE</span></h2>' in text(
        open_page("signals", signal=str(desk["sample"]))
    )


@pytest.mark.parametrize("asked", ["99999", "0", "-1", "1 OR 1=1", "٣", "9" * 40, ""])
def test_an_address_that_names_no_signal(asked: str, sqlite_desk: Engine) -> None:
    seen = text(open_page("signals", signal=asked))
    assert ("There is no signal 99999." in seen) == (asked == "99999")
    assert "There is no signal 99999." in seen or "AAPL" in seen


def test_text_from_outside_is_never_markup(desk: dict[str, int]) -> None:
    pages = (
        open_page("signals", signal=str(desk["rejected"])),
        open_page("lineage", signal=str(desk["rejected"])),
    )
    for at in pages:
        seen = text(at)
        assert HOSTILE not in seen
        assert "&lt;img src=x onerror=alert(1)&gt;" in seen


def test_a_newer_signal_does_not_push_the_shown_one_away(sqlite_desk: Engine) -> None:
    at = open_page("signals")
    assert "Signal 7<" in text(at)
    add_signal(sqlite_desk, datetime.now(UTC), 9)
    run(at)
    assert "Signal 7<" in text(at)
    assert len(at.dataframe[0].value) == 8


def test_filters_narrow_the_table(sqlite_desk: Engine) -> None:
    at = open_page("signals")
    assert len(at.dataframe[0].value) == 7
    at.multiselect(key="filter_statuses").select("accepted").run()
    assert set(at.dataframe[0].value["status"]) == {"accepted"}
    at.selectbox(key="filter_direction").select("Short").run()
    assert not at.dataframe
    assert "No signal matches these filters." in text(at)


def test_accepting_books_the_trade_at_the_stated_fill(desk: dict[str, int], empty_desk: Engine) -> None:
    at = open_page("signals", signal=str(desk["new"]))
    run(at, at.button(key="accept").click())
    assert "Chartroom sends no order" in text(at)
    stated = round(at.number_input(key="dialog_price").value + 0.0002, 5)
    at.number_input(key="dialog_price").set_value(stated)
    at.number_input(key="dialog_quantity").set_value(12_000.0)
    at.text_area(key="dialog_note").set_value(HOSTILE)
    run(at)
    assert "15.60 USD" in text(at)  # 12,000 x 0.0013 from the stated fill to the stop
    run(at, at.button(key="dialog_accept").click())
    with Session(empty_desk) as session:
        trade = session.exec(select(Trade).where(Trade.signal_id == desk["new"])).one()
        assert session.get_one(Signal, desk["new"]).status == "accepted"
    assert (trade.entry_price, trade.quantity, trade.note) == (stated, 12_000, HOSTILE)
    assert "dialog_accept" not in {button.key for button in at.button}
    assert HOSTILE not in text(open_page("journal"))


def test_a_fill_that_cannot_be_is_refused_in_the_dialog(sqlite_desk: Engine) -> None:
    at = open_page("signals", signal="6")
    run(at, at.button(key="accept").click())
    at.number_input(key="dialog_price").set_value(2.0)
    run(at, at.button(key="dialog_accept").click())
    assert "is not above the price" in at.error[0].value
    assert at.button(key="dialog_accept").label == "Accept and book the trade"
    with Session(sqlite_desk) as session:
        assert session.get_one(Signal, 6).status == "new"


@pytest.mark.parametrize(
    ("field", "value"), [("dialog_price", -5.0), ("dialog_quantity", 0.0), ("dialog_quantity", -3.0)]
)
def test_a_figure_below_zero_is_refused_and_never_replaced(sqlite_desk: Engine, field: str, value: float) -> None:
    at = open_page("signals", signal="6")
    run(at, at.button(key="accept").click())
    at.number_input(key=field).set_value(value)
    run(at, at.button(key="dialog_accept").click())
    assert len(at.error) == 1
    run(at, at.number_input(key=field).set_value(value - 1))
    assert not at.error, "what was said about the figure before is gone"
    with Session(sqlite_desk) as session:
        assert session.get_one(Signal, 6).status == "new"


def test_an_exit_price_of_nothing_is_refused(sqlite_desk: Engine) -> None:
    at = open_page("journal")
    run(at, at.button(key="close_3").click())
    at.number_input(key="dialog_price").set_value(0.0)
    run(at, at.button(key="dialog_close").click())
    assert len(at.error) == 1
    with Session(sqlite_desk) as session:
        assert session.get_one(Trade, 3).status == "open"


def test_an_entry_that_has_not_traded_is_said_before_the_click(sqlite_desk: Engine) -> None:
    with Session(sqlite_desk) as session:
        session.merge(SignalOutcome(signal_id=6, state="waiting", timeframe=5, through=0))
        session.commit()
    at = open_page("signals", signal="6")
    run(at, at.button(key="accept").click())
    assert "has not traded yet" in at.warning[0].value


def test_another_currency_than_the_accounts_cannot_be_accepted(sqlite_desk: Engine) -> None:
    with Session(sqlite_desk) as session:
        symbol = session.get_one(Symbol, session.get_one(Signal, 6).symbol_id)
        symbol.currency = "JPY"
        session.commit()
    at = open_page("signals", signal="6")
    run(at, at.button(key="accept").click())
    assert "priced in JPY" in at.error[0].value
    assert "dialog_accept" not in {button.key for button in at.button}


def test_rejecting_needs_a_reason_and_keeps_it(sqlite_desk: Engine) -> None:
    at = open_page("signals", signal="6")
    run(at, at.button(key="reject").click())
    run(at, at.radio(key="dialog_reason").set_value("Another reason"))
    run(at, at.button(key="dialog_reject").click())
    assert "needs a reason" in at.error[0].value
    run(at, at.text_area(key="dialog_words").set_value("I hold enough euros"))
    run(at, at.button(key="dialog_reject").click())
    with Session(sqlite_desk) as session:
        signal = session.get_one(Signal, 6)
    assert (signal.status, signal.reason) == ("rejected", "I hold enough euros")
    assert "I hold enough euros" in text(at)


def test_closing_a_trade_changes_home(desk: dict[str, int], empty_desk: Engine) -> None:
    before = text(open_page("home"))
    at = open_page("journal")
    run(at, at.button(key=f"close_{desk['open_trade']}").click())
    run(at, at.button(key="dialog_close").click())
    with Session(empty_desk) as session:
        trade = session.get_one(Trade, desk["open_trade"])
    assert trade.status == "closed"
    assert "No open trades." in text(at)
    after = text(open_page("home"))
    assert before != after
    assert "3 closed" in after


def test_an_earlier_time_of_exit_before_the_opening_is_refused(sqlite_desk: Engine) -> None:
    at = open_page("journal")
    run(at, at.button(key="close_3").click())
    run(at, at.toggle(key="dialog_earlier").set_value(True))
    run(at, at.date_input(key="dialog_day").set_value(datetime(2020, 1, 1).date()))
    run(at, at.button(key="dialog_close").click())
    assert "enter a later time of exit" in at.error[0].value


def test_jobs_without_redis_is_one_calm_sentence(sqlite_desk: Engine) -> None:
    assert "The job queue is not set up here" in text(open_page("jobs"))


def test_jobs_with_an_unreachable_redis(sqlite_desk: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    seen = text(open_page("jobs"))
    assert "The job queue does not answer" in seen
    assert "Simulated data" in seen
