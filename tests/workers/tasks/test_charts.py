"""The job that draws a signal, with the real browser."""

from __future__ import annotations

import hashlib
import io
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import Engine
from sqlmodel import select

from core import jobs
from core.bars import Bars
from core.charts import theme
from core.charts.export import CHART_TYPES, ExportRequest, Overlay
from core.errors import ParameterError, RenderError
from core.timeframe import Timeframe
from db.actions.chart_export import ask_export, delete_export, retry_export
from db.engine import reader, writer
from db.models import ChartExport, Symbol
from db.store.bars.series import upsert_bars
from db.store.charts.exports import read_file
from tests.db.test_chart import five_minutes
from tests.e2e.browser import chromium, executable
from tests.factories import NOW, NOW_MS, make_account, make_signal, make_symbol, make_trade
from workers.due import due_exports
from workers.renderer import exports, files
from workers.renderer.browser import find_browser
from workers.renderer.exports import draw_export
from workers.renderer.files import write_file
from workers.renderer.signals import draw_signal
from workers.tasks import charts

needs_browser = pytest.mark.skipif(find_browser(os.environ) is None, reason="no Chrome or Chromium on this machine")


@pytest.fixture
def signal_id(sqlite_engine: Engine) -> int:
    with writer(sqlite_engine) as session:
        symbol = make_symbol(session)
        upsert_bars(session, symbol.id, five_minutes(100, NOW_MS))
        return make_signal(session, symbol=symbol, timeframe=int(Timeframe.M5), as_of=NOW_MS).id


@needs_browser
def test_the_job_writes_the_chart_and_a_retry_changes_nothing(sqlite_engine, signal_id, renderer_home, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", sqlite_engine.url.render_as_string(hide_password=False))
    image_id = charts.render_signal(signal_id)
    path = renderer_home / "charts" / f"signal-{signal_id}.png"
    written = path.stat().st_mtime_ns
    assert charts.render_signal(signal_id) is None
    assert path.stat().st_mtime_ns == written
    with reader(sqlite_engine) as session:
        row = session.exec(select(ChartExport)).one()
    assert (row.id, row.path, row.sha256) == (image_id, path.name, hashlib.sha256(path.read_bytes()).hexdigest())
    image = Image.open(io.BytesIO(path.read_bytes())).convert("RGB")
    assert image.size == (row.width, row.height)
    pixels = np.asarray(image)
    for colour in (theme.BACKGROUND, theme.UP, theme.ENTRY, theme.STOP):
        rgb = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
        assert (pixels == rgb).all(axis=2).sum() > 100


def test_the_dashboard_asks_for_this_job_by_its_name():
    assert f"{charts.render_signal.__module__}.{charts.render_signal.__name__}" == jobs.RENDER_SIGNAL


def test_a_failed_browser_leaves_neither_row_nor_file(sqlite_engine, signal_id, tmp_path, monkeypatch):
    monkeypatch.setenv("BROWSER_PATH", "/nowhere/chrome")
    with pytest.raises(RenderError, match="No Chrome or Chromium"):
        draw_signal(sqlite_engine, tmp_path, signal_id)
    with reader(sqlite_engine) as session:
        assert session.exec(select(ChartExport)).all() == []
    assert list(tmp_path.glob("*.png")) == []


def test_a_signal_without_bars_says_so(sqlite_engine, tmp_path):
    with writer(sqlite_engine) as session:
        signal_id = make_signal(session).id
    with pytest.raises(ParameterError, match="There are no bars of SIM-EURUSD to draw"):
        draw_signal(sqlite_engine, tmp_path, signal_id)


def test_a_file_is_whole_or_absent(tmp_path: Path, monkeypatch):
    write_file(tmp_path, "signal-1.png", b"first")

    def full_disk(_file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full_disk)
    with pytest.raises(RenderError, match="No space left on device"):
        write_file(tmp_path, "signal-1.png", b"second")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("signal-1.png", b"first")]


@pytest.mark.parametrize("name", ["../signal.png", "/tmp/signal.png", "a/../../signal.png"])
def test_a_file_stays_in_its_folder(name, tmp_path: Path):
    with pytest.raises(RenderError, match="outside the charts folder"):
        write_file(tmp_path / "charts", name, b"png")


@pytest.fixture
def symbol_id(sqlite_engine: Engine) -> int:
    """A symbol with 400 bars of M5, that swing."""
    step = np.arange(400, dtype=np.float64)
    close = 100 + 3 * np.sin(step / 20)
    opened = np.concatenate([[100.0], close[:-1]])
    times = NOW_MS - np.arange(400, 0, -1, dtype=np.int64) * Timeframe.M5.ms
    bars = Bars(
        Timeframe.M5, times, opened, np.maximum(opened, close) + 0.1, np.minimum(opened, close) - 0.1, close, step
    )
    with writer(sqlite_engine) as session:
        symbol = make_symbol(session, base_timeframe=5)
        upsert_bars(session, symbol.id, bars)
        return symbol.id


def ask(engine: Engine, symbol_id: int, **changes: object) -> int:
    plain = ExportRequest(symbol_id, Timeframe.M5, width=640, height=400, scale=1.0)
    return ask_export(engine, "chart", symbol_id, replace(plain, **changes), NOW)


def row_of(engine: Engine, export_id: int) -> ChartExport:
    with reader(engine) as session:
        return session.get_one(ChartExport, export_id)


@needs_browser
@pytest.mark.parametrize("form", ["png", "svg", "pdf", "html"])
@pytest.mark.usefixtures("renderer_home")
def test_an_export_is_a_file_and_the_same_request_gives_the_same_bytes(form, sqlite_engine, symbol_id, tmp_path):
    changes = {"format": form, "theme": "light", "patterns": ("smart_money",), "overlays": (Overlay("EMA"),)}
    first, second = (ask(sqlite_engine, symbol_id, **changes) for _ in range(2))
    assert draw_export(sqlite_engine, tmp_path, first)
    assert draw_export(sqlite_engine, tmp_path, second)
    assert not draw_export(sqlite_engine, tmp_path, first)
    rows = [row_of(sqlite_engine, one) for one in (first, second)]
    contents = [read_file(tmp_path, row.path) for row in rows]
    assert contents[0] == contents[1]
    assert rows[0].path != rows[1].path
    assert (rows[0].status, rows[0].size) == ("done", len(contents[0]))
    assert rows[0].sha256 == hashlib.sha256(contents[0]).hexdigest()
    if form == "svg":
        said = contents[0].decode()
        assert all(word in said for word in ("SIM-EURUSD", "Last bar closed 2026-11-20 12:00 UTC", "Chartroom"))
        assert "EMA" in said


@needs_browser
@pytest.mark.usefixtures("renderer_home")
@pytest.mark.parametrize("chart_type", CHART_TYPES)
def test_every_chart_type_shows_rising_and_falling_elements(chart_type, sqlite_engine, symbol_id, tmp_path):
    export_id = ask(sqlite_engine, symbol_id, chart_type=chart_type, bars=400)
    assert draw_export(sqlite_engine, tmp_path, export_id)
    png = read_file(tmp_path, row_of(sqlite_engine, export_id).path)
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))
    colours = (theme.SERIES[0],) if chart_type == "line" else (theme.UP, theme.DOWN)
    for colour in colours:
        rgb = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
        assert (pixels == rgb).all(axis=2).sum() > 20


def test_a_page_holds_everything_and_shows_the_chart_without_a_network(sqlite_engine, symbol_id, tmp_path):
    path = executable()
    if path is None:
        pytest.skip("no Chrome or Chromium on this machine")
    export_id = ask(sqlite_engine, symbol_id, format="html")
    assert draw_export(sqlite_engine, tmp_path, export_id)
    wanted: list[str] = []
    with chromium(path) as opened:
        sheet = opened.new_context(offline=True).new_page()
        sheet.on("request", lambda request: wanted.append(request.url))
        sheet.goto((tmp_path / row_of(sqlite_engine, export_id).path).as_uri())
        sheet.wait_for_selector(".candlestick path, .boxlayer path")
        assert "SIM-EURUSD" in sheet.title()
        assert "Last bar closed" in sheet.locator("#chart").inner_text()
    assert [url for url in wanted if not url.startswith(("file:", "data:", "blob:"))] == []


def test_a_failed_export_keeps_its_sentence_and_no_file(sqlite_engine, symbol_id, tmp_path, monkeypatch):
    export_id = ask(sqlite_engine, symbol_id)
    monkeypatch.setenv("BROWSER_PATH", "/nowhere/chrome")
    with pytest.raises(RenderError, match="No Chrome or Chromium"):
        draw_export(sqlite_engine, tmp_path, export_id)
    row = row_of(sqlite_engine, export_id)
    assert row.status == "failed"
    assert row.error.startswith("No Chrome or Chromium was found")
    assert list(tmp_path.glob("export-*")) == []


def test_a_full_disk_is_one_sentence_and_leaves_nothing(sqlite_engine, symbol_id, tmp_path, monkeypatch):
    def full_disk(_file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full_disk)
    export_id = ask(sqlite_engine, symbol_id, format="html")
    with pytest.raises(RenderError, match="No space left on device"):
        draw_export(sqlite_engine, tmp_path / "charts", export_id)
    monkeypatch.undo()
    assert "make room or access" in row_of(sqlite_engine, export_id).error
    assert list((tmp_path / "charts").iterdir()) == []
    assert draw_export(sqlite_engine, tmp_path / "charts", export_id)
    assert row_of(sqlite_engine, export_id).error is None


def test_what_is_deleted_while_it_is_drawn_leaves_no_file(sqlite_engine, symbol_id, tmp_path, monkeypatch):
    export_id = ask(sqlite_engine, symbol_id, format="html")

    def deleted(folder: Path, name: str, content: bytes) -> None:
        write_file(folder, name, content)
        delete_export(sqlite_engine, folder, export_id)
        write_file(folder, name, content)

    monkeypatch.setattr(exports, "write_file", deleted)
    assert not draw_export(sqlite_engine, tmp_path, export_id)
    assert list(tmp_path.glob("export-*")) == []
    assert not draw_export(sqlite_engine, tmp_path, export_id)


def test_what_waits_is_asked_for_every_minute_under_one_name(sqlite_engine, symbol_id):
    first = ask(sqlite_engine, symbol_id)
    with writer(sqlite_engine) as session:
        symbol = session.get_one(Symbol, symbol_id)
        make_trade(session, account=make_account(session), symbol=symbol, opened_at=NOW, signal_id=None)
        upsert_bars(session, symbol_id, replace(five_minutes(20, NOW_MS), timeframe=Timeframe.M15))
    due = due_exports(sqlite_engine, NOW_MS)
    assert due == due_exports(sqlite_engine, NOW_MS)
    assert [job.arguments for job in due] == [(first,), (first + 1,)]
    assert {job.function for job in due} == {jobs.RENDER_EXPORT}
    assert f"{charts.render_export.__module__}.{charts.render_export.__name__}" == jobs.RENDER_EXPORT
    retry_export(sqlite_engine, first, NOW + timedelta(seconds=5))
    assert due_exports(sqlite_engine, NOW_MS)[0].job_id != due[0].job_id
