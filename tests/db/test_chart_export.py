"""Exports in the data base: asked, finished, failed, tried again and deleted, each once, and traced."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from core.charts.export import ExportRequest, Overlay
from core.errors import ConflictError, NotFoundError, ParameterError, RenderError
from core.timeframe import Timeframe
from db.actions.chart_export import (
    FinishedFile,
    ask_export,
    delete_export,
    fail_export,
    finish_export,
    retry_export,
)
from db.actions.chart_scene import HISTORY, load_export
from db.actions.chart_trades import ask_trade_charts, trade_request
from db.engine import reader, writer
from db.models import ChartExport, LineageStep, Symbol
from db.store.bars.series import upsert_bars
from db.store.charts.exports import file_inside, read_file
from db.store.lineage.steps import Step, add_step, chain
from db.store.revision import current
from db.views.chart_exports import exports_of
from tests.db.test_chart import five_minutes
from tests.factories import NOW, NOW_MS, make_account, make_run, make_signal, make_strategy, make_symbol, make_trade

M5 = Timeframe.M5.ms
DONE = FinishedFile("export-1.png", "cd" * 32, 4711)


@pytest.fixture
def symbol_id(engine: Engine) -> int:
    """A symbol with 200 bars of M5, the last of which closes at NOW."""
    return furnish(engine)


@pytest.fixture
def plain(sqlite_engine: Engine) -> tuple[Engine, int]:
    """The same, for what does not depend on the kind of data base."""
    return sqlite_engine, furnish(sqlite_engine)


def furnish(engine: Engine) -> int:
    with writer(engine) as session:
        symbol = make_symbol(session, base_timeframe=5)
        upsert_bars(session, symbol.id, five_minutes(200, NOW_MS))
        return symbol.id


def asked(engine: Engine, symbol_id: int, **changes: object) -> int:
    return ask_export(engine, "chart", symbol_id, replace(ExportRequest(symbol_id, Timeframe.M5), **changes), NOW)


def finish(engine: Engine, export_id: int) -> bool:
    given = load_export(engine, export_id)
    bars = given.scene.bars if given else five_minutes(3, NOW_MS)
    return finish_export(engine, export_id, DONE, bars, NOW, NOW + timedelta(seconds=1))


def row_of(engine: Engine, export_id: int) -> ChartExport:
    with reader(engine) as session:
        return session.get_one(ChartExport, export_id)


def test_a_request_waits_until_it_is_finished_once(engine, symbol_id):
    export_id = asked(engine, symbol_id, width=800, height=600, scale=2.0)
    row = row_of(engine, export_id)
    assert (row.status, row.width, row.height, row.title) == ("queued", 1600, 1200, "SIM-EURUSD M5")
    with reader(engine) as session:
        before = current(session)
    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(lambda _: finish(engine, export_id), range(6))) == [False] * 5 + [True]
    row = row_of(engine, export_id)
    assert (row.status, row.path, row.sha256, row.size) == ("done", DONE.name, DONE.sha256, DONE.size)
    assert load_export(engine, export_id) is None
    with reader(engine) as session:
        assert current(session) == before + 1
        steps = chain(session, "chart_export", export_id).steps
        assert [step.kind for step in steps] == ["bars", "chart"]
        assert steps[0].output["count"] == 150
        assert [one.id for one in exports_of(session, "chart", symbol_id, 5)] == [export_id]


def test_a_failure_keeps_its_sentence_until_it_is_tried_again(engine, symbol_id):
    export_id = asked(engine, symbol_id)
    fail_export(engine, export_id, "The browser was not in the mood.", NOW)
    assert row_of(engine, export_id).error == "The browser was not in the mood."
    later = NOW + timedelta(minutes=1)
    assert retry_export(engine, export_id, later) == later
    assert (row_of(engine, export_id).status, row_of(engine, export_id).error) == ("queued", None)
    assert finish(engine, export_id)
    fail_export(engine, export_id, "Too late.", NOW)
    assert row_of(engine, export_id).status == "done"
    with pytest.raises(ConflictError, match="done already"):
        retry_export(engine, export_id, later)


def test_an_open_end_is_fixed_when_it_is_asked_for(plain):
    engine, symbol_id = plain
    export_id = asked(engine, symbol_id)
    with writer(engine) as session:
        upsert_bars(session, symbol_id, five_minutes(3, NOW_MS + 3 * M5))
    given = load_export(engine, export_id)
    assert given is not None
    assert given.scene.bars.as_of == NOW_MS
    assert len(given.scene.bars) == 150


def test_indicators_are_warm_at_the_first_bar_and_see_nothing_later(plain):
    engine, symbol_id = plain
    export_id = asked(
        engine, symbol_id, bars=50, overlays=(Overlay("SMA", (("timeperiod", 30),)), Overlay("RSI", (), True))
    )
    given = load_export(engine, export_id)
    assert given is not None
    average, strength = given.scene.curves
    assert (average.name, average.pane, strength.pane) == ("SMA 30", "", "RSI")
    assert average.values == pytest.approx([100.0] * 50)
    assert HISTORY > 200


def test_parameters_stand_in_the_registrys_order_and_a_histogram_is_bars(plain):
    engine, symbol_id = plain
    given = {"signalperiod": 9, "fastperiod": 12, "slowperiod": 26}
    export_id = asked(engine, symbol_id, volume=False, overlays=(Overlay("MACD", tuple(given.items()), True),))
    found = load_export(engine, export_id)
    assert found is not None
    assert {curve.pane for curve in found.scene.curves} == {"MACD 12 26 9"}
    assert [curve.as_bars for curve in found.scene.curves] == [False, False, True]
    assert not found.scene.volume


def test_of_several_signals_the_newest_has_its_prices_on_the_axis_and_none_brings_its_evidence(plain):
    engine, symbol_id = plain
    with writer(engine) as session:
        symbol, strategy = session.get_one(Symbol, symbol_id), make_strategy(session)
        moments = (NOW_MS - 30 * M5, NOW_MS - 10 * M5)
        ids = [
            make_signal(session, symbol=symbol, strategy=strategy, source_key=f"{moment}", as_of=moment).id
            for moment in moments
        ]
    given = load_export(engine, asked(engine, symbol_id, signals=tuple(ids)))
    assert given is not None
    assert [(tool.name, tool.tagged) for tool in given.scene.tools] == [
        (f"Signal {ids[0]}", False),
        (f"Signal {ids[1]}", True),
    ]
    assert given.scene.events == ()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"format": "bmp"}, "'bmp' is no format"),
        ({"timeframe": Timeframe.W1}, "There are no bars of SIM-EURUSD W1 to draw"),
        ({"until": 1000}, "There are no bars of SIM-EURUSD M5 in this range"),
        ({"overlays": (Overlay("EMAA"),)}, "there is no indicator 'EMAA'"),
        ({"overlays": (Overlay("EMA", (("timeperiod", -1.0),)),)}, "timeperiod"),
        ({"patterns": ("magic",)}, "'magic' is no family of patterns"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_one_sentence_and_not_stored(plain, change, sentence):
    engine, symbol_id = plain
    with pytest.raises(ParameterError) as refused:
        asked(engine, symbol_id, **change)
    assert sentence in refused.value.message
    with reader(engine) as session:
        assert session.exec(select(ChartExport)).all() == []


def test_what_does_not_exist_is_named(plain):
    engine, symbol_id = plain
    request = ExportRequest(symbol_id, Timeframe.M5)
    for subject, subject_id, wanted, noun in (
        ("chart", symbol_id, replace(request, symbol_id=99), "symbol 99"),
        ("signal", 98, request, "signal 98"),
        ("trade", 1, replace(request, trades=(97,)), "trade 1"),
        ("chart", symbol_id, replace(request, signals=(96,)), "signal 96"),
    ):
        with pytest.raises(NotFoundError, match=f"There is no {noun}"):
            ask_export(engine, subject, subject_id, wanted, NOW)
    with pytest.raises(ParameterError, match="no subject"):
        ask_export(engine, "portfolio", 1, request, NOW)


def test_a_range_that_is_too_long_says_so(plain):
    engine, symbol_id = plain
    with writer(engine) as session:
        upsert_bars(session, symbol_id, five_minutes(2100, NOW_MS))
    export_id = asked(engine, symbol_id, start=0)
    with pytest.raises(ParameterError, match="more than 2000 bars of SIM-EURUSD M5: choose a shorter one"):
        load_export(engine, export_id)


def test_deleting_takes_the_file_and_keeps_the_step(plain, tmp_path: Path):
    engine, symbol_id = plain
    export_id = asked(engine, symbol_id)
    finish(engine, export_id)
    (tmp_path / DONE.name).write_bytes(b"png")
    (tmp_path / "another.png").write_bytes(b"png")
    delete_export(engine, tmp_path, export_id)
    delete_export(engine, tmp_path, export_id)
    assert [path.name for path in tmp_path.glob("*.png")] == ["another.png"]
    with reader(engine) as session:
        assert session.exec(select(ChartExport)).all() == []
        assert len(session.exec(select(LineageStep).where(LineageStep.kind == "chart")).all()) == 1
    with pytest.raises(NotFoundError, match="There is no export"):
        load_export(engine, export_id)
    assert not finish_export(engine, export_id, DONE, five_minutes(3, NOW_MS), NOW, NOW)


def test_a_file_outside_the_folder_is_neither_read_nor_removed(plain, tmp_path: Path):
    engine, symbol_id = plain
    folder, outside = tmp_path / "charts", tmp_path / "secret.png"
    folder.mkdir()
    outside.write_bytes(b"secret")
    (folder / "link.png").symlink_to(outside)
    for name in ("../secret.png", str(outside), "link.png", "", ".", "a/../../secret.png"):
        with pytest.raises(RenderError, match="outside the charts folder"):
            read_file(folder, name)
    assert file_inside(folder, "plain.png") == folder / "plain.png"
    export_id = asked(engine, symbol_id)
    with writer(engine) as session:
        session.get_one(ChartExport, export_id).path = "../secret.png"
    with pytest.raises(RenderError, match="outside the charts folder"):
        delete_export(engine, folder, export_id)
    assert outside.exists()
    assert row_of(engine, export_id).path == "../secret.png"


def test_a_signals_chart_follows_from_the_signal(plain):
    engine, symbol_id = plain
    with writer(engine) as session:
        run = make_run(session)
        signal = make_signal(session, symbol=session.get_one(Symbol, symbol_id), run=run, as_of=NOW_MS)
        seen = add_step(session, Step("bars", "Bars", NOW, NOW, run_id=run.id))
        add_step(session, Step("signal", "S", NOW, NOW, run_id=run.id, entity="signal", entity_id=signal.id), [seen])
        signal_id = signal.id
    request = ExportRequest(symbol_id, Timeframe.M5, signals=(signal_id,))
    export_id = ask_export(engine, "signal", signal_id, request, NOW)
    given = load_export(engine, export_id)
    assert given is not None
    (tool,) = given.scene.tools
    assert (tool.entry, tool.stop, tool.target, tool.start) == (100.0, 98.0, 106.0, NOW_MS)
    assert given.scene.side == 1
    finish(engine, export_id)
    with reader(engine) as session:
        assert [step.kind for step in chain(session, "chart_export", export_id).steps] == ["bars", "signal", "chart"]


def trade_of(engine: Engine, symbol_id: int, minutes: float, **fields: object) -> int:
    with writer(engine) as session:
        account = make_account(session, f"Account {minutes}")
        symbol = session.get_one(Symbol, symbol_id)
        opened = NOW - timedelta(minutes=minutes)
        return make_trade(session, account=account, symbol=symbol, opened_at=opened, **fields).id


def test_every_trade_gets_its_charts_once_whoever_asks(engine, symbol_id):
    opened = trade_of(engine, symbol_id, 60)
    closed = trade_of(engine, symbol_id, 120, status="closed", closed_at=NOW - timedelta(minutes=30), exit_price=101.0)
    early = trade_of(engine, symbol_id, 90_000)
    with writer(engine) as session:
        upsert_bars(session, symbol_id, replace(five_minutes(60, NOW_MS // 900_000 * 900_000), timeframe=Timeframe.M15))
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: ask_trade_charts(engine, NOW), range(4)))
    assert sum(made) == 4
    with reader(engine) as session:
        rows = {row.once: row for row in session.exec(select(ChartExport)).all()}
    assert set(rows) == {
        f"trade-{opened}-entry",
        f"trade-{closed}-entry",
        f"trade-{closed}-exit",
        f"trade-{early}-entry",
    }
    assert rows[f"trade-{early}-entry"].status == "failed"
    assert "There are no bars of SIM-EURUSD M15 to draw" in (rows[f"trade-{early}-entry"].error or "")
    entry = rows[f"trade-{closed}-entry"]
    assert entry.request["until"] == NOW_MS - 120 * 60_000
    given = load_export(engine, entry.id)
    assert given is not None
    assert [fill.text for fill in given.scene.fills] == ["entry"]
    given = load_export(engine, rows[f"trade-{closed}-exit"].id)
    assert given is not None
    assert [(fill.text, fill.direction) for fill in given.scene.fills] == [("entry", 1), ("exit", -1)]
    with pytest.raises(ConflictError, match="makes this chart by itself"):
        delete_export(engine, Path("/nowhere"), entry.id)


def test_a_trade_held_long_is_shown_on_a_longer_timeframe(plain):
    engine, symbol_id = plain
    days = trade_of(engine, symbol_id, 20 * 1440, status="closed", closed_at=NOW, exit_price=101.0)
    with reader(engine) as session:
        request = trade_request(session, days)
    assert request is not None
    assert request.timeframe == Timeframe.H4
    assert 120 <= request.bars <= 360
