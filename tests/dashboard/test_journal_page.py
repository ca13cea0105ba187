"""The Journal page: one trade, filters that every figure obeys, statistics, calendar, what was passed on, clearing."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl import load_workbook
from PIL import Image
from sqlalchemy import Engine
from sqlmodel import Session, select
from streamlit.testing.v1 import AppTest

from core.journal.exports import Kind
from core.stats.journal import journal_stats
from dashboard.components.equity import MOST, equity_payload
from dashboard.dialogs import Dialog
from dashboard.journal.export import matching
from dashboard.journal.list import SEEN
from db.actions.close import close_trade
from db.actions.edit_trades import edit_trade
from db.actions.playbooks import Rule, save_playbook, write_day_note
from db.actions.positions import ManualTrade, Part, close_part, open_trade
from db.actions.trade_images import add_image
from db.models import ChartExport, DayNote, SignalOutcome, Trade
from db.views.journal import TradeFilter
from db.views.trades import trade_detail
from tests.dashboard.pages_under_test import open_page, run, text

NOW = datetime.now(UTC)
D = Decimal


@pytest.fixture
def journal(sqlite_desk: Engine) -> Engine:
    """The world of the pages with three more closed trades in AAPL: +50, -20, and +10 without a stop."""
    day = datetime(2026, 3, 4, 10, tzinfo=UTC)
    for number, (price, stop, setup) in enumerate(
        ((105.0, 98.0, "Breakout"), (98.0, 96.0, "Breakout"), (101.0, None, ""))
    ):
        opened = day + timedelta(days=number)
        manual = ManualTrade(2, 1, D(10), 100.0, opened, stop=stop, setup=setup)
        trade = open_trade(sqlite_desk, 1, manual, NOW, limits=False)
        close_trade(sqlite_desk, trade, price, opened + timedelta(hours=1), "", NOW)
    return sqlite_desk


def show(view: str, at: AppTest | None = None) -> AppTest:
    """The page in one of its views."""
    at = at or open_page("journal")
    return run(at, at.segmented_control(key="journal_view").set_value(view))


def table(at: AppTest) -> pd.DataFrame:
    return at.dataframe[0].value


def stored(engine: Engine, **fields: Any) -> list[Trade]:
    with Session(engine) as session:
        return list(session.exec(select(Trade).filter_by(status="closed", **fields)))


def test_an_unknown_trade_is_one_clear_sentence(journal: Engine) -> None:
    at = open_page("journal", trade="99999")
    assert text(at).count("There is no trade 99999.") == 1
    assert not at.dataframe
    run(at, at.button(key="trade_back").click())
    assert len(table(at)) == 5


def test_an_edit_of_many_shows_what_another_tab_changed(journal: Engine) -> None:
    first, second = (row.id or 0 for row in stored(journal, setup="Breakout"))
    at = open_page("journal")
    at.session_state[SEEN] = {first: 2, second: 2}
    at.session_state["open_dialog"] = Dialog("bulk", 0)
    run(at)
    edit_trade(journal, first, 2, {"setup": "Careful words"}, NOW)
    at.selectbox(key="dialog_rating").set_value(4)
    run(at, at.button(key="dialog_bulk").click())
    assert {row.id for row in stored(journal, rating=4)} == {second}
    assert f"because changed in the meantime\\: {first}\\." in text(at)
    assert "Careful words" in text(at)
    run(at, at.button(key="dialog_bulk").click())
    assert {row.id for row in stored(journal, rating=4)} == {first, second}


def test_a_filter_rules_every_figure(journal: Engine) -> None:
    at = open_page("journal")
    run(at, at.multiselect(key="journal_symbols").select(2))
    assert set(table(at)["symbol"]) == {"AAPL (sample)"}
    assert "Open trades (0)" in text(at)
    for figure in ("67 %", "3.00", "+40.00 USD", "2 won, 1 lost, 0 even"):
        assert f">{figure}<" in text(at), figure
    show("Statistics", at)
    assert ">+40.00<" in text(at)
    run(at, at.multiselect(key="journal_results").select("loss"))
    assert ">-20.00<" in text(at)
    show("Calendar", at)
    assert ">-20.00<" in text(at)


def test_a_trade_without_a_stop_has_no_r(journal: Engine) -> None:
    at = show("Trades")
    bare = table(at).set_index("id").loc[6]
    assert bare["pnl"] == 10
    assert pd.isna(bare["r"])
    show("Statistics", at)
    run(at, at.segmented_control(key="journal_unit").set_value("R"))
    assert "1 of 5 trades had no stop and so no R: they are left out." in text(at)
    known = [trade.r_multiple for trade in stored(journal) if trade.r_multiple is not None]
    assert f">{sum(known):+.2f} R<" in text(at)
    seen = text(open_page("journal", trade="6"))
    assert "it had no stop" in seen


def test_statistics_are_those_of_the_stored_trades_in_every_unit(journal: Engine) -> None:
    stats = journal_stats([trade.pnl or 0 for trade in stored(journal)])
    at = show("Statistics")
    assert f">{stats.net:+,.2f}<" in text(at)
    run(at, at.segmented_control(key="journal_unit").set_value("Percent"))
    assert f">{stats.net / 1000:+,.2f} %<" in text(at)
    for group, names in (("setup", ("Breakout", "-")), ("side", ("Long",)), ("weekday", ("Wednesday", "Friday"))):
        run(at, at.segmented_control(key="journal_group").set_value(group))
        assert all(f">{name}</td>" in text(at) for name in names), group


def test_what_open_trades_realised_is_named_where_the_net_result_leaves_it_out(journal: Engine) -> None:
    manual = ManualTrade(2, 1, D(100), 100.0, NOW - timedelta(days=3), stop=98.0)
    trade = open_trade(journal, 1, manual, NOW, limits=False)
    assert "realised by open trades" not in text(show("Statistics"))
    close_part(journal, trade, 1, Part(D(50), 120.0, NOW - timedelta(days=2), D(5)), NOW)
    told = "+995.00 USD realised by open trades counts when they close"
    assert text(show("Statistics")).count(told) == 2, "in the strip and in the list"
    assert told in text(open_page("home"))


def test_a_saved_filter_comes_back_in_another_session(journal: Engine) -> None:
    at = open_page("journal")
    run(at, at.multiselect(key="journal_setups").select("Breakout"))
    at.text_input(key="journal_filter_name").set_value("My *best*")
    run(at, at.button(key="filter_save").click())
    other = open_page("journal")
    assert len(table(other)) == 5
    run(other, other.button(key="filter_use_0").click())
    assert len(table(other)) == 2
    run(other, other.button(key="filter_clear").click())
    assert len(table(other)) == 5


def test_the_second_of_two_tabs_is_told_and_chooses(journal: Engine) -> None:
    book = save_playbook(journal, None, 0, "Plan", "", [Rule("Trend agrees")], NOW)
    at = open_page("journal", trade="4")
    at.text_area(key="edit_4_note").set_value("mine")
    at.segmented_control(key="edit_4_rating").set_value(5)
    with Session(journal) as session:
        version = session.get_one(Trade, 4).version
    edit_trade(journal, 4, version, {"note": "theirs", "playbook_id": book, "rules": {1: False}}, NOW)
    run(at)
    assert "Changed in the meantime: " in text(at)
    run(at, at.button(key="save").click())
    assert ">theirs</td>" in text(at)
    assert ">mine</td>" in text(at)
    assert ">Trend agrees: broken</td>" in text(at)
    with Session(journal) as session:
        assert session.get_one(Trade, 4).note == "theirs"
    run(at, at.segmented_control(key="edit_4_choice_note").set_value("Theirs"))
    run(at, at.button(key="resolve").click())
    with Session(journal) as session:
        found = trade_detail(session, 4)
    assert found is not None
    assert (found.said["note"], found.said["rating"], found.said["rules"]) == ("theirs", 5, {"1": False})
    assert at.text_area(key="edit_4_note").value == "theirs"


def test_a_fill_of_another_tab_is_no_conflict_for_what_is_said(journal: Engine) -> None:
    at = open_page("journal", trade="3")
    close_trade(journal, 3, 1.2, datetime.now(UTC), "", datetime.now(UTC))
    at.text_area(key="edit_3_note").set_value("Held to the end")
    run(at, at.button(key="save").click())
    with Session(journal) as session:
        trade = session.get_one(Trade, 3)
    assert (trade.note, trade.status) == ("Held to the end", "closed")


def test_the_calendar_leads_to_the_trades_and_the_note_of_a_day(journal: Engine) -> None:
    at = show("Calendar")
    at.session_state["calendar_month"] = datetime(2026, 3, 1).date()
    run(at)
    assert at.button(key="choose_2026-03-04").label == "4\n**+50.00**\n1 trade"
    run(at, at.button(key="choose_2026-03-04").click())
    assert table(at)["id"].tolist() == [4]
    name = "daynote_1_2026-03-04"
    at.text_area(key=name).set_value("**Calm** day")
    run(at, at.button(key="note_save").click())
    day = datetime(2026, 3, 4).date()
    write_day_note(journal, 1, day, 1, "Theirs", NOW)
    at.text_area(key=name).set_value("Mine")
    run(at)
    assert "Theirs" in text(at)
    run(at, at.button(key="note_mine").click())
    with Session(journal) as session:
        note = session.get_one(DayNote, (1, day))
    assert (note.text, note.version) == ("Mine", 3)
    run(at, at.segmented_control(key="calendar_span").set_value("Year"))
    assert at.button(key="choose_month_3").label == "March\n**+40.00**\n3 trades"


def test_what_was_passed_on_is_counted_by_reason(journal: Engine) -> None:
    with Session(journal) as session:
        for signal, state, r in ((1, "target", 2.5), (2, "target", 3.0), (3, "stop", -1.0)):
            session.merge(SignalOutcome(signal_id=signal, state=state, result_r=r, timeframe=5, through=0))
        session.commit()
    seen = text(show("Passed on"))
    assert ">2.50 R</dd>" in seen  # R missed: the rejected one would have made it
    assert "<td>News is near: &lt;img" in seen
    accepted = seen[seen.index(">Accepted</td>") :][:400]
    assert ">3</td>" in accepted  # the third was accepted and is not followed
    assert ">2</td>" in accepted


def test_clearing_needs_the_typed_words_and_is_undone(journal: Engine) -> None:
    at = open_page("journal")
    run(at, at.button(key="clear").click())
    run(at, at.selectbox(key="dialog_what").set_value("pair"))
    run(at, at.selectbox(key="dialog_pair_id").set_value(2))
    run(at, at.button(key="dialog_clear").click())
    assert "Type" in at.error[0].value
    assert len(stored(journal, deleted_at=None)) == 5
    run(at, at.text_input(key="dialog_typed").set_value("clear trades of Practice in AAPL 3"))
    run(at, at.button(key="dialog_clear").click())
    assert len(table(at)) == 2
    assert "Cleared: trades of Practice in AAPL (3)." in text(at)
    run(at, at.button(key="undo_1").click())
    assert len(table(at)) == 5


def test_exports_hold_the_trades_that_match(journal: Engine) -> None:
    with Session(journal) as session:
        version = session.get_one(Trade, 4).version
    edit_trade(journal, 4, version, {"tags": ["news", "=a"], "note": "=1+1"}, NOW)
    wanted = TradeFilter(1, symbols=(2,))
    rows = pd.read_csv(io.BytesIO(matching(wanted, Kind.CSV))).set_index("id")
    assert rows.loc[4, "tags"] == "'=a, news"
    sheet = load_workbook(io.BytesIO(matching(wanted, Kind.EXCEL)))["trades"]
    heads = [cell.value for cell in sheet[1]]
    assert [row[heads.index("pnl")].value for row in sheet.iter_rows(min_row=2)] == [10, -20, 50]
    found = json.loads(matching(wanted, Kind.JSON))["trades"]
    assert [(row["id"], row["pnl"], row["note"]) for row in found] == [(6, "10", ""), (5, "-20", ""), (4, "50", "=1+1")]


def test_a_trade_shows_its_own_charts_and_its_screenshots(
    journal: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHARTROOM_HOME", str(tmp_path))
    picture = io.BytesIO()
    Image.new("RGB", (40, 20), (9, 99, 9)).save(picture, "PNG")
    (tmp_path / "charts").mkdir()
    (tmp_path / "charts" / "entry.png").write_bytes(picture.getvalue())
    add_image(journal, tmp_path / "uploads", 4, picture.getvalue(), "Before the *news*", NOW)
    with Session(journal) as session:
        row = {"subject": "trade", "subject_id": 4, "format": "png", "theme": "dark", "width": 40, "height": 20}
        row |= {"scale": 1, "request": {}, "created_at": NOW, "status": "done", "path": "entry.png"}
        session.add(ChartExport(**row, title="Trade 4 entry, AAPL D1", once="trade-4-entry"))
        session.commit()
    at = open_page("journal", trade="4")
    assert len(at.get("image")) == 2
    assert "Trade 4 entry, AAPL D1" in text(at).replace("\\", "")
    run(at, at.button(key="picture_remove_1").click())
    assert len(at.get("image")) == 1


def test_a_long_curve_keeps_its_ends_and_its_steps() -> None:
    count = 50_000
    times = pd.Timestamp("2020-01-01", tz="UTC") + pd.to_timedelta(range(count), unit="h")
    curve = pd.DataFrame({"time": times, "balance": [float(number) for number in range(count)]})
    points = equity_payload(curve, 200)[0]["series"][0]["data"]
    assert MOST // 2 < len(points) <= MOST + 2
    assert (points[0]["value"], points[-1]["value"]) == (0.0, count - 1)
    assert all(one["time"] == int(times[int(one["value"])].timestamp()) for one in points)
