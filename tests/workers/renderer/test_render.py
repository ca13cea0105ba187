"""The renderer against a real browser: good images, and every way in which a browser can let one down."""

from __future__ import annotations

import io
import os
import re
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import psutil
import pytest
from PIL import Image

from core.errors import RenderError
from tests.workers.desk_process import until
from tests.workers.renderer.family import browser, family, freeze, module, page, words
from workers.renderer import render as renderer
from workers.renderer.browser import find_browser
from workers.renderer.render import render

needs_browser = pytest.mark.skipif(find_browser(os.environ) is None, reason="no Chrome or Chromium on this machine")
pytestmark = pytest.mark.usefixtures("renderer_home")


def line_chart() -> go.Figure:
    return go.Figure(go.Scatter(y=np.arange(50.0) ** 2, line={"color": "#ff0000"}))


def heavy_chart() -> go.Figure:
    """Takes the browser some seconds."""
    x, y = np.random.default_rng(1).random((2, 49_000))
    return go.Figure(go.Scatter(x=x, y=y, mode="markers"))


def in_mid_render(home: Path, act: Callable[[list[psutil.Process]], None], **options: float) -> bytes:
    """Draw the heavy chart, and call `act` with all processes once the page has worked on it for half a second."""
    render(line_chart(), 300, 200)
    found = family(home)
    before = sum(page(found).cpu_times()[:2])
    acted = threading.Event()

    def watch() -> None:
        until(lambda: sum(page(found).cpu_times()[:2]) > before + 0.5, "the page at work", 60)
        act(found)
        acted.set()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        return render(heavy_chart(), 800, 600, **options)
    finally:
        watcher.join(60)
        assert acted.is_set()


def gone(processes: list[psutil.Process]) -> bool:
    return psutil.wait_procs(processes, timeout=15)[1] == []


@needs_browser
def test_a_figure_becomes_a_png_of_the_size_asked_for():
    image = Image.open(io.BytesIO(render(line_chart(), 400, 300, 2)))
    assert image.format == "PNG"
    assert image.size == (800, 600)
    red = (np.asarray(image.convert("RGB")) == (255, 0, 0)).all(axis=2)
    assert red.sum() > 500


@needs_browser
@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
def test_the_same_figure_gives_the_same_bytes_whatever_was_drawn_between(form: str):
    images = set()
    for _ in range(4):
        images.add(render(line_chart(), 300, 200, form=form))
        render(go.Figure(go.Bar(y=[3, 1, 2])), 500, 400, form="svg")
    assert len(images) == 1


@needs_browser
def test_a_pdf_is_one_page_of_the_size_asked_for():
    content = render(line_chart(), 400, 300, form="pdf")
    assert content.startswith(b"%PDF-")
    # A browser's pixel is 1/96 inch, a PDF's unit 1/72.
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", content)
    assert box is not None
    assert [round(float(side) * 96 / 72) for side in box.groups()] == [400, 300]
    assert len(re.findall(rb"/Type\s*/Page\b", content)) == 1


@needs_browser
def test_the_page_stays_open_from_figure_to_figure(renderer_home: Path):
    render(line_chart(), 300, 200)
    before = page(family(renderer_home))
    render(line_chart(), 300, 200)
    assert page(family(renderer_home)) == before


@needs_browser
def test_a_killed_browser_costs_one_more_try(renderer_home: Path):
    killed: list[psutil.Process] = []

    def kill(found: list[psutil.Process]) -> None:
        killed.append(browser(found))
        killed[0].kill()

    image = Image.open(io.BytesIO(in_mid_render(renderer_home, kill)))
    assert image.size == (800, 600)
    assert gone(killed)


@needs_browser
def test_a_frozen_browser_is_stopped_at_the_deadline_and_the_next_chart_is_drawn(renderer_home: Path):
    frozen: list[psutil.Process] = []

    def stop(found: list[psutil.Process]) -> None:
        frozen.extend(process for process in found if process != module(found, "server"))
        freeze(frozen)

    with pytest.raises(RenderError, match="did not draw the chart within 6 s and was stopped"):
        in_mid_render(renderer_home, stop, deadline_s=6)
    assert gone(frozen)
    assert render(line_chart(), 300, 200)


@needs_browser
def test_a_killed_server_costs_one_more_try_and_its_frozen_browser_goes(renderer_home: Path):
    left: list[psutil.Process] = []

    def kill(found: list[psutil.Process]) -> None:
        left.extend(found)
        server = module(found, "server")
        freeze(process for process in found if process != server)
        server.kill()

    assert in_mid_render(renderer_home, kill)
    assert gone(left)


@needs_browser
def test_a_frozen_server_is_one_error_and_the_next_call_works(renderer_home: Path, monkeypatch: pytest.MonkeyPatch):
    render(line_chart(), 300, 200)
    found = family(renderer_home)
    freeze([module(found, "server")])
    monkeypatch.setattr(renderer, "KILLING_S", 0.5)
    with pytest.raises(RenderError, match="was stopped, with its renderer"):
        render(line_chart(), 300, 200, deadline_s=0.5)
    monkeypatch.undo()
    assert render(line_chart(), 300, 200)
    assert gone(found)


@needs_browser
def test_many_who_need_it_at_once_get_one_renderer(renderer_home: Path):
    before = family(renderer_home)
    for process in before:
        process.kill()
    assert gone(before)
    with ThreadPoolExecutor(6) as pool:
        images = set(pool.map(lambda _: render(line_chart(), 300, 200), range(12)))
    assert len(images) == 1
    alone = [process for process in family(renderer_home) if "workers.renderer.server" in words(process)]
    until(lambda: len([one for one in alone if one.is_running()]) == 1, "one server")


@needs_browser
def test_everything_leaves_with_the_process_it_was_started_for(renderer_home: Path, tmp_path: Path):
    """As when the workers are killed with SIGKILL: nobody is left to clean up but the renderer itself."""
    code = (
        "import sys\n"
        "from tests.workers.renderer.test_render import line_chart\n"
        "from workers.renderer.render import render\n"
        "render(line_chart(), 300, 200); print('drawn', flush=True); sys.stdin.read()\n"
    )
    own = renderer_home / "own"
    own.mkdir()
    pipe = -1
    owner = psutil.Popen(
        [sys.executable, "-c", code],
        env=os.environ | {"CHARTROOM_HOME": str(own), "TMPDIR": str(own), "PYTHONPATH": "."},
        stdin=pipe,
        stdout=pipe,
    )
    assert owner.stdout.readline() == b"drawn\n"
    found = family(own)
    assert {"server", "guard"} <= {word.rpartition(".")[2] for one in found for word in words(one)}
    owner.kill()
    assert owner.wait() == -signal.SIGKILL
    assert gone(found)
    assert list(own.glob("*.sock")) == []


@needs_browser
def test_the_socket_is_its_owners_alone(renderer_home: Path):
    render(line_chart(), 300, 200)
    (address,) = renderer_home.glob("renderer-*.sock")
    assert address.stat().st_mode & 0o777 == 0o600


@needs_browser
@pytest.mark.parametrize("form", ["png", "svg"])
def test_a_blank_page_is_no_chart(form: str):
    empty = go.Figure(layout={"xaxis": {"visible": False}, "yaxis": {"visible": False}})
    with pytest.raises(RenderError, match="came out blank"):
        render(empty, 300, 200, form=form)


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


def test_a_browser_that_cannot_start_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BROWSER_PATH", script(tmp_path, "exit 1"))
    with pytest.raises(RenderError, match=r"stopped while it drew the chart|did not draw the chart"):
        render(line_chart(), 300, 200, deadline_s=15)


def test_a_browser_that_never_answers_is_stopped_with_its_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    child = tmp_path / "child"
    monkeypatch.setenv("BROWSER_PATH", script(tmp_path, f'sleep 600 & echo $! > "{child}"; wait'))
    with pytest.raises(RenderError, match="within 4 s"):
        render(line_chart(), 300, 200, deadline_s=4)
    assert not psutil.pid_exists(int(child.read_text()))


def test_a_long_path_of_the_home_is_no_obstacle(renderer_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    long = tmp_path / ("deep" * 20) / ("deeper" * 20)
    monkeypatch.setenv("CHARTROOM_HOME", str(long))
    from workers.renderer.place import place_in

    place = place_in(long)
    assert place.lock.parent == long
    assert len(os.fsencode(place.socket)) < 108
    assert place_in(long.parent).socket != place.socket


@pytest.mark.parametrize("junk", [b"", b"<html>no image</html>"])
@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
def test_an_answer_that_is_no_image_is_an_error(junk: bytes, form: str):
    with pytest.raises(RenderError, match="is no image"):
        renderer._checked(junk, form, 10, 10)
