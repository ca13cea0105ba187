"""The renderer against a real browser: good images, and every way in which a browser can let one down."""

from __future__ import annotations

import io
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import psutil
import pytest
from PIL import Image

from core.errors import RenderError
from workers.renderer import render as renderer
from workers.renderer.browser import find_browser
from workers.renderer.render import render

needs_browser = pytest.mark.skipif(find_browser(os.environ) is None, reason="no Chrome or Chromium on this machine")


def line_chart() -> go.Figure:
    return go.Figure(go.Scatter(y=np.arange(50.0) ** 2, line={"color": "#ff0000"}))


def heavy_chart() -> go.Figure:
    """Takes the browser several seconds."""
    grid = np.random.default_rng(1).random((900, 900))
    return go.Figure([go.Contour(z=grid, ncontours=200) for _ in range(3)])


def browsers() -> list[psutil.Process]:
    """Everything a renderer has started and that still lives, on this whole machine."""
    return [
        process
        for process in psutil.process_iter(["cmdline", "status"])
        if process.info["status"] != psutil.STATUS_ZOMBIE
        and any("chartroom-render-" in word for word in process.info["cmdline"] or ())
    ]


def words(process: psutil.Process) -> list[str]:
    """Its command line; none when it has ended since it was found."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch):
    """A temporary folder that must hold no renderer's process and no file of it after the test, however it ended.

    Its path is short: a browser's socket below it may not be longer than 107 characters.
    """
    with tempfile.TemporaryDirectory(prefix="cr-", dir="/tmp") as path:
        monkeypatch.setattr("tempfile.tempdir", path)
        yield Path(path)
        assert [process for process in browsers() if any(path in word for word in words(process))] == []
        assert list(Path(path).glob("chartroom-render-*")) == []


def once_started(folder: Path, act: Callable[[list[psutil.Process]], None]) -> threading.Thread:
    """Call `act` with the browser's processes as soon as the renderer's browser has its first page."""

    def watch() -> None:
        limit = time.monotonic() + 60
        while time.monotonic() < limit:
            mine = [process for process in browsers() if any(f"={folder}" in word for word in words(process))]
            if any("--type=renderer" in words(process) for process in mine):
                act(mine)
                return

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread


def main_process(processes: list[psutil.Process]) -> psutil.Process:
    return next(
        process
        for process in processes
        if not any(word.startswith("--type=") or word.endswith(".py") for word in words(process))
    )


@needs_browser
def test_a_figure_becomes_a_png_of_the_size_asked_for():
    image = Image.open(io.BytesIO(render(line_chart(), 400, 300, 2)))
    assert image.format == "PNG"
    assert image.size == (800, 600)
    red = (np.asarray(image.convert("RGB")) == (255, 0, 0)).all(axis=2)
    assert red.sum() > 500


@needs_browser
def test_the_same_figure_gives_the_same_image():
    assert render(line_chart(), 300, 200) == render(line_chart(), 300, 200)


@needs_browser
def test_a_killed_browser_is_an_error_at_once(folder: Path):
    killed: list[psutil.Process] = []

    def kill(processes: list[psutil.Process]) -> None:
        killed.append(main_process(processes))
        killed[0].kill()

    watcher = once_started(folder, kill)
    began = time.monotonic()
    with pytest.raises(RenderError, match="can be tried again"):
        render(heavy_chart(), 800, 600, deadline_s=40)
    watcher.join()
    assert killed
    assert time.monotonic() - began < 20


@needs_browser
def test_a_frozen_browser_is_stopped_at_the_deadline(folder: Path):
    frozen: list[psutil.Process] = []

    def freeze(processes: list[psutil.Process]) -> None:
        frozen.extend(processes)
        for process in processes:
            process.send_signal(signal.SIGSTOP)

    watcher = once_started(folder, freeze)
    began = time.monotonic()
    with pytest.raises(RenderError, match="did not draw the chart within 20 s and was stopped"):
        render(heavy_chart(), 800, 600, deadline_s=20)
    watcher.join()
    assert frozen
    assert time.monotonic() - began < 40


@needs_browser
def test_a_browser_dies_with_the_job_that_started_it(folder: Path):
    """As when RQ kills a job with SIGKILL: nobody is left to clean up but the guard itself."""
    code = (
        "import plotly.graph_objects as go, numpy as np\n"
        "from tests.workers.renderer.test_render import heavy_chart\n"
        "from workers.renderer.render import render\n"
        "render(heavy_chart(), 800, 600)\n"
    )
    job = psutil.Popen([sys.executable, "-c", code], env=os.environ | {"TMPDIR": str(folder), "PYTHONPATH": "."})
    found: list[psutil.Process] = []

    def kill(processes: list[psutil.Process]) -> None:
        for process in processes:
            process.send_signal(signal.SIGSTOP)
        found.extend(processes)
        job.kill()

    once_started(folder, kill).join()
    assert job.wait() == -signal.SIGKILL
    guard = [process for process in browsers() if "workers.renderer.guard" in words(process)]
    _, alive = psutil.wait_procs(found + guard, timeout=10)
    assert alive == []


@needs_browser
def test_a_blank_page_is_no_chart():
    empty = go.Figure(layout={"xaxis": {"visible": False}, "yaxis": {"visible": False}})
    with pytest.raises(RenderError, match="came out blank"):
        render(empty, 300, 200)


def test_no_browser_is_said_in_one_sentence(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BROWSER_PATH", "/nowhere/chrome")
    with pytest.raises(RenderError, match="No Chrome or Chromium was found to draw charts: install one"):
        render(line_chart(), 300, 200)


def script(folder: Path, body: str) -> str:
    """A program that takes the place of the browser."""
    path = folder / "browser"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


def test_a_browser_that_cannot_start_is_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BROWSER_PATH", script(folder, "exit 1"))
    with pytest.raises(RenderError, match=r"failed to draw the chart|did not draw the chart"):
        render(line_chart(), 300, 200, deadline_s=20)


def test_a_browser_that_never_answers_is_stopped_with_its_children(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BROWSER_PATH", script(folder, f'sleep 600 & echo $! > "{folder}/child"; wait'))
    with pytest.raises(RenderError, match="within 6 s"):
        render(line_chart(), 300, 200, deadline_s=6)
    assert not psutil.pid_exists(int((folder / "child").read_text()))


@pytest.mark.parametrize("junk", [b"", b"<html>no image</html>"])
def test_an_answer_that_is_no_image_is_an_error(junk: bytes):
    with pytest.raises(RenderError, match="is no image"):
        renderer._checked(junk, 10, 10)
