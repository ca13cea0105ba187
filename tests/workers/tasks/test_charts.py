"""The job that draws a signal, with the real browser."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import Engine
from sqlmodel import select

from core import jobs
from core.charts import theme
from core.errors import ParameterError, RenderError
from core.timeframe import Timeframe
from db.engine import reader, writer
from db.models import ChartExport
from db.store.bars import upsert_bars
from tests.db.test_chart import five_minutes
from tests.factories import NOW_MS, make_signal, make_symbol
from workers.renderer import signals
from workers.renderer.browser import find_browser
from workers.renderer.signals import draw_signal, write_image
from workers.tasks import charts

needs_browser = pytest.mark.skipif(find_browser(os.environ) is None, reason="no Chrome or Chromium on this machine")


@pytest.fixture
def signal_id(sqlite_engine: Engine) -> int:
    with writer(sqlite_engine) as session:
        symbol = make_symbol(session)
        upsert_bars(session, symbol.id, five_minutes(100, NOW_MS))
        return make_signal(session, symbol=symbol, timeframe=int(Timeframe.M5), as_of=NOW_MS).id


@needs_browser
def test_the_job_writes_the_chart_and_a_retry_changes_nothing(sqlite_engine, signal_id, tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", sqlite_engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("CHARTROOM_HOME", str(tmp_path / "home"))
    image_id = charts.render_signal(signal_id)
    path = tmp_path / "home" / "charts" / f"signal-{signal_id}.png"
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


def test_an_image_is_whole_or_absent(tmp_path: Path, monkeypatch):
    write_image(tmp_path, "signal-1.png", b"first")

    def full_disk(_file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(signals.os, "fsync", full_disk)
    with pytest.raises(RenderError, match="No space left on device"):
        write_image(tmp_path, "signal-1.png", b"second")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("signal-1.png", b"first")]


@pytest.mark.parametrize("name", ["../signal.png", "/tmp/signal.png", "a/../../signal.png"])
def test_an_image_stays_in_its_folder(name, tmp_path: Path):
    with pytest.raises(RenderError, match="outside the charts folder"):
        write_image(tmp_path / "charts", name, b"png")
