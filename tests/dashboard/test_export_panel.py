"""The export panel on its pages: what is asked for is stored, listed, downloaded, tried again and deleted."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select
from streamlit.testing.v1 import AppTest

from db.actions.chart_export import FinishedFile, fail_export, finish_export
from db.actions.chart_scene import load_export
from db.models import ChartExport, Signal, Symbol, Trade
from tests.dashboard.pages_under_test import open_page, run, text
from tests.factories import NOW


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHARTROOM_HOME", str(tmp_path))
    (tmp_path / "charts").mkdir()
    return tmp_path


def opened(page: str, key: str, **query: str) -> AppTest:
    """The page with its export panel open."""
    at = open_page(page, **query)
    at.session_state[f"{key}_panel"] = True
    return run(at)


def exports(engine: Engine) -> list[ChartExport]:
    with Session(engine) as session:
        return list(session.exec(select(ChartExport).order_by(ChartExport.id)))


def first(engine: Engine, model: type[Signal] | type[Trade] | type[Symbol]) -> int:
    with Session(engine) as session:
        return session.exec(select(model.id).order_by(model.id)).first() or 0


def test_a_signal_is_exported_as_chosen_and_waits_when_no_queue_answers(sqlite_desk: Engine, home: Path) -> None:
    signal_id = first(sqlite_desk, Signal)
    key = f"export_signal_{signal_id}"
    at = opened("signals", key, signal=str(signal_id))
    assert "Nothing exported yet" in text(at)
    at.selectbox(f"{key}_format").set_value("svg")
    at.selectbox(f"{key}_theme").set_value("light")
    at.selectbox(f"{key}_size").set_value("800 x 600")
    run(at, at.number_input(f"{key}_scale").set_value(2.0))
    run(at, at.button(f"{key}_ask").click())
    (row,) = exports(sqlite_desk)
    assert (row.subject, row.subject_id, row.status, row.format, row.theme) == (
        "signal",
        signal_id,
        "queued",
        "svg",
        "light",
    )
    assert (row.width, row.height, row.request["signals"]) == (1600, 1200, [signal_id])
    assert "SVG, light, 1600 x 1200" in text(at)
    assert not at.exception


def test_what_is_done_can_be_downloaded_traced_and_deleted(sqlite_desk: Engine, home: Path) -> None:
    signal_id = first(sqlite_desk, Signal)
    key = f"export_signal_{signal_id}"
    at = opened("signals", key, signal=str(signal_id))
    run(at, at.button(f"{key}_ask").click())
    (row,) = exports(sqlite_desk)
    given = load_export(sqlite_desk, row.id)
    assert given is not None
    (home / "charts" / given.file).write_bytes(b"png")
    finish_export(sqlite_desk, row.id, FinishedFile(given.file, "ab" * 32, 3), given.scene.bars, NOW, NOW)
    run(at)
    assert [button.proto.label for button in at.get("download_button")] == ["Download"]
    assert "Lineage" in text(at)
    (home / "charts" / given.file).unlink()
    run(at)
    assert "The file is gone: export it again." in text(at)
    run(at, at.button(f"export_{row.id}_delete").click())
    assert exports(sqlite_desk) == []


def test_what_failed_says_why_and_is_tried_again(sqlite_desk: Engine, home: Path) -> None:
    symbol_id = first(sqlite_desk, Symbol)
    key = f"export_patterns_{symbol_id}"
    at = opened("patterns", key, symbol=str(symbol_id), timeframe="M15")
    run(at, at.button(f"{key}_ask").click())
    (row,) = exports(sqlite_desk)
    assert row.request["patterns"]
    fail_export(sqlite_desk, row.id, "No <b>browser</b> was found.", NOW)
    run(at)
    assert "No &lt;b&gt;browser&lt;/b&gt; was found." in text(at)
    run(at, at.button(f"export_{row.id}_retry").click())
    assert exports(sqlite_desk)[0].status == "queued"


def test_a_trade_is_chosen_in_the_journal(sqlite_desk: Engine, home: Path) -> None:
    trade_id = first(sqlite_desk, Trade)
    key = f"export_trade_{trade_id}"
    at = opened("journal", key, trade=str(trade_id))
    run(at, at.button(f"{key}_ask").click())
    (row,) = exports(sqlite_desk)
    assert (row.subject, row.subject_id, row.request["trades"]) == ("trade", trade_id, [trade_id])


def test_a_refusal_is_one_sentence_on_the_page(sqlite_desk: Engine, home: Path) -> None:
    signal_id = first(sqlite_desk, Signal)
    key = f"export_signal_{signal_id}"
    at = opened("signals", key, signal=str(signal_id))
    run(at, at.selectbox(f"{key}_size").set_value("Custom"))
    at.number_input(f"{key}_width").set_value(3840)
    at.number_input(f"{key}_height").set_value(2160)
    run(at, at.number_input(f"{key}_scale").set_value(4.0))
    run(at, at.button(f"{key}_ask").click())
    assert exports(sqlite_desk) == []
    assert "choose a smaller size or scale" in text(at).replace("\\", "")


def test_a_chart_of_bars_has_its_own_lineage(sqlite_desk: Engine, home: Path) -> None:
    symbol_id = first(sqlite_desk, Symbol)
    key = f"export_patterns_{symbol_id}"
    at = opened("patterns", key, symbol=str(symbol_id), timeframe="M15")
    run(at, at.button(f"{key}_ask").click())
    (row,) = exports(sqlite_desk)
    given = load_export(sqlite_desk, row.id)
    assert given is not None
    finish_export(sqlite_desk, row.id, FinishedFile(given.file, "ab" * 32, 3), given.scene.bars, NOW, NOW)
    seen = text(open_page("lineage", export=str(row.id)))
    assert f"Chart {row.id}: Patterns of SIM-EURUSD M15" in seen
    assert "<h3>Chart: Patterns of SIM-EURUSD M15</h3>" in seen
    assert ">SIM-EURUSD M15</a>" in seen  # what it was made from
    assert "There is no chart 999." in text(open_page("lineage", export="999"))
