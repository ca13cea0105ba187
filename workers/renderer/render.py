"""A figure to a PNG, with a hard deadline: the browser works in a process tree of its own that is killed on breach."""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Final

import plotly.graph_objects as go
from PIL import Image

from core.errors import RenderError
from workers.renderer.browser import find_browser
from workers.renderer.cleanup import end
from workers.renderer.guard import DONE, LENGTH

DEADLINE_S: Final = 60.0
LEAST_COLOURS: Final = 8
"""A chart has hundreds of colours through the smoothing of its lines; a page without one has a single colour."""


def render(figure: go.Figure, width: int, height: int, scale: float = 1, deadline_s: float = DEADLINE_S) -> bytes:
    """The figure as a PNG of `width * scale` by `height * scale` pixels.

    Returns within `deadline_s` (seconds) plus the moment it takes to kill a browser, or raises.

    Raises:
        RenderError: no browser, a browser that fails, stops or hangs, or an image that shows nothing.
    """
    browser = find_browser(os.environ)
    if browser is None:
        raise RenderError("No Chrome or Chromium was found to draw charts: install one, or set BROWSER_PATH to it.")
    request = {"figure": json.loads(figure.to_json()), "width": width, "height": height, "scale": scale}
    request["timeout"] = deadline_s
    image = asyncio.run(_ask(json.dumps(request).encode(), browser, deadline_s))
    return _checked(image, round(width * scale), round(height * scale))


async def _ask(request: bytes, browser: Path, deadline_s: float) -> bytes:
    """Send one request to a guard and read its answer; afterwards nothing of it is left."""
    folder = Path(tempfile.mkdtemp(prefix="chartroom-render-"))
    guard = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "workers.renderer.guard", str(folder), str(browser)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=os.environ | {"TMPDIR": str(folder), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(deadline_s):
            return await _exchange(guard, request)
    except TimeoutError:
        raise RenderError(f"The browser did not draw the chart within {deadline_s:g} s and was stopped.") from None
    except (asyncio.IncompleteReadError, ConnectionError) as error:
        raise RenderError("The renderer stopped while it drew the chart; the job can be tried again.") from error
    finally:
        end(guard.pid, folder)
        await guard.wait()


async def _exchange(guard: asyncio.subprocess.Process, request: bytes) -> bytes:
    assert guard.stdin is not None
    assert guard.stdout is not None
    guard.stdin.write(LENGTH.pack(len(request)) + request)
    await guard.stdin.drain()
    mark = await guard.stdout.readexactly(1)
    answer = await guard.stdout.readexactly(LENGTH.unpack(await guard.stdout.readexactly(LENGTH.size))[0])
    if mark != DONE:
        reason = answer.decode(errors="replace").splitlines()[0][:200].rstrip(".")
        raise RenderError(f"The browser failed to draw the chart ({reason}); the job can be tried again.", reason)
    return answer


def _checked(png: bytes, width: int, height: int) -> bytes:
    """The image, if it has the size asked for and shows something: plotly draws nothing for what it does not know."""
    try:
        image = Image.open(io.BytesIO(png)).convert("RGB")
    except OSError as error:
        raise RenderError("The browser's answer is no image; the job can be tried again.") from error
    if image.size != (width, height):
        raise RenderError(f"The chart came out at {image.size[0]}x{image.size[1]} instead of {width}x{height}.", image)
    if len(image.getcolors(maxcolors=width * height) or ()) < LEAST_COLOURS:
        raise RenderError("The chart came out blank: its figure holds nothing that plotly can draw.", image)
    return png
