"""What became of browser and server since the last figure: the next one must not pay for it with its deadline."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.errors import RenderError
from tests.workers.renderer.family import family, freeze, module, page
from tests.workers.renderer.test_render import gone, line_chart, needs_browser
from workers.renderer import render as renderer
from workers.renderer.render import render
from workers.renderer.wire import DONE

pytestmark = [needs_browser, pytest.mark.usefixtures("renderer_home")]


@pytest.mark.parametrize("action", [signal.SIGKILL, signal.SIGSTOP])
def test_an_idle_browser_that_was_killed_or_frozen_is_replaced_within_the_same_call(
    renderer_home: Path, action: signal.Signals, monkeypatch: pytest.MonkeyPatch
):
    """Killed is the page's process alone, which the browser outlives; frozen the whole browser."""
    render(line_chart(), 300, 200)
    found = family(renderer_home)
    ours = [module(found, "server"), module(found, "guard")]
    hurt = [page(found)] if action == signal.SIGKILL else [process for process in found if process not in ours]
    for process in hurt:
        process.send_signal(action)
    if action == signal.SIGKILL:
        assert gone(
            [ours[1]]
        )  # the guard leaves by itself: so does one in the middle of a figure, which is then retried
    marks: list[bytes] = []
    ask = renderer._ask
    monkeypatch.setattr(renderer, "_ask", lambda *given: marks.append((answer := ask(*given))[0]) or answer)
    assert render(line_chart(), 300, 200, deadline_s=20)
    assert marks == [DONE]
    assert gone([process for process in found if process != ours[0]])
    assert ours[0].is_running()


def test_who_waits_at_a_frozen_server_beyond_the_deadline_is_told_to_try_again(
    renderer_home: Path, monkeypatch: pytest.MonkeyPatch
):
    """The first to lose patience kills it; for the other, nothing of the deadline is left to start another one."""
    render(line_chart(), 300, 200)
    freeze([module(family(renderer_home), "server")])
    monkeypatch.setattr(renderer, "KILLING_S", 1.0)
    with ThreadPoolExecutor(2) as pool:
        calls = [pool.submit(render, line_chart(), 300, 200, deadline_s=given) for given in (0.5, 1.6)]
        errors = [call.exception() for call in calls]
    assert all(isinstance(error, RenderError) for error in errors)
    assert [str(error) for error in errors] == [
        "The browser did not draw the chart within 1.5 s and was stopped, with its renderer.",
        "The browser did not draw the chart within 1.6 s; the job can be tried again.",
    ]
    # Whoever comes next finds a renderer that has cleared away what the frozen one left.
    assert render(line_chart(), 300, 200)
