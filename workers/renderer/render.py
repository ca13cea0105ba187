"""A figure to an image, with a hard deadline; or to a page that needs no browser to be made."""

from __future__ import annotations

import html
import io
import json
import os
import re
import time
from typing import Final

import plotly.graph_objects as go
from PIL import Image
from plotly.offline import get_plotlyjs

from core.errors import RenderError
from workers.renderer.browser import find_browser
from workers.renderer.start import connected, stop_frozen
from workers.renderer.wire import DONE, LATE, LENGTH, LOST, frame, length_of, receive

DEADLINE_S: Final = 60.0
KILLING_S: Final = 20.0
"""Seconds beyond the deadline that the renderer may take to kill a browser, after which it counts as frozen itself."""
DYING_S: Final = 3.0
AT_ONCE_S: Final = 0.2
GONE: Final = b"?"
"""The renderer hung up without an answer."""
LEAST_COLOURS: Final = 8
"""A chart has hundreds of colours through the smoothing of its lines; a page without one has a single colour."""
_DATE: Final = re.compile(rb"/(CreationDate|ModDate) \(D:\d{14}")
_BEGINS: Final = {"svg": b"<svg", "pdf": b"%PDF-"}
_DRAWN: Final = re.compile(rb' d="M(?!0,0")')
"""A path that leads somewhere: those of an empty plot all end where they begin."""


def render(
    figure: go.Figure, width: int, height: int, scale: float = 1, deadline_s: float = DEADLINE_S, form: str = "png"
) -> bytes:
    """The figure as `png`, `svg` or `pdf` of `width * scale` by `height * scale` pixels.

    Returns within `deadline_s` (seconds) plus the moment it takes to kill a browser, or raises. A browser or a renderer
    that is killed in the middle costs one more try, a frozen one does not. One that was killed or frozen before is
    replaced first.

    Raises:
        RenderError: no browser, a browser that fails, stops or hangs, or an image that shows nothing.
    """
    browser = find_browser(os.environ)
    if browser is None:
        raise RenderError("No Chrome or Chromium was found to draw charts: install one, or set BROWSER_PATH to it.")
    options = {"format": form, "width": width, "height": height, "scale": scale}
    body = json.dumps(options)[:-1].encode() + b', "figure": ' + figure.to_json().encode() + b"}"
    ends = time.monotonic() + deadline_s
    mark, answer = _ask(body, str(browser), deadline_s)
    if mark in (LOST, GONE):
        mark, answer = _ask_again(body, str(browser), deadline_s, ends)
    if mark != DONE:
        raise _error(mark, answer)
    return _steady(_checked(answer, form, round(width * scale), round(height * scale)), form)


def page(figure: go.Figure, title: str, background: str) -> bytes:
    """The figure as one HTML file with everything in it: it opens without a network, and can be zoomed and hovered."""
    settings = {"displaylogo": False, "scrollZoom": True, "responsive": True}
    body = figure.to_html(full_html=False, include_plotlyjs=False, div_id="chart", config=settings)
    head = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<style>body{{margin:0;background:{background}}}</style><script>{get_plotlyjs()}</script></head><body>"
    )
    return f"{head}{body}</body></html>\n".encode()


def _ask(body: bytes, browser: str, deadline_s: float) -> tuple[bytes, bytes]:
    """Send one request to the renderer and read its answer."""
    asked = json.dumps({"deadline": deadline_s, "browser": browser}).encode()
    try:
        found = connected(deadline_s)
    except TimeoutError:
        return LATE, _spent(deadline_s)
    with found as connection:
        connection.settimeout(deadline_s + KILLING_S)
        try:
            connection.sendall(frame(asked) + frame(body))
            mark = receive(connection, 1)
            return mark, receive(connection, length_of(receive(connection, LENGTH.size)))
        except TimeoutError:
            stop_frozen()
            return LATE, f"within {deadline_s + KILLING_S:g} s and was stopped, with its renderer".encode()
        except ConnectionError:
            return GONE, b"the renderer stopped"


def _ask_again(body: bytes, browser: str, deadline_s: float, ends: float) -> tuple[bytes, bytes]:
    """Once more in what is left of the deadline, which `ends` at that monotonic time.

    While a killed renderer dies, its socket still takes calls that nobody answers: these do not count.
    """
    dead = time.monotonic() + DYING_S
    while True:
        began = time.monotonic()
        if began >= ends:
            return LATE, _spent(deadline_s)
        mark, answer = _ask(body, browser, ends - began)
        if mark == LATE:
            return LATE, _spent(deadline_s)  # its own reason counts from the second try
        if mark != GONE or time.monotonic() - began > AT_ONCE_S or began > dead:
            return mark, answer
        time.sleep(AT_ONCE_S / 4)


def _spent(deadline_s: float) -> bytes:
    return f"within {deadline_s:g} s; the job can be tried again".encode()


def _error(mark: bytes, answer: bytes) -> RenderError:
    reason = answer.decode(errors="replace").partition("\n")[0][:200].rstrip(".")
    if mark == LATE:
        return RenderError(f"The browser did not draw the chart {reason}.")
    verb = "stopped while it drew" if mark in (LOST, GONE) else "failed to draw"
    return RenderError(f"The browser {verb} the chart ({reason}); the job can be tried again.", reason)


def _checked(image: bytes, form: str, width: int, height: int) -> bytes:
    """The image, if it is one and shows something: plotly draws nothing for what it does not know."""
    if form == "png":
        return _checked_png(image, width, height)
    if not image.lstrip().startswith(_BEGINS[form]):
        raise RenderError("The browser's answer is no image; the job can be tried again.", image[:80])
    if form == "svg" and not _DRAWN.search(image):
        raise RenderError("The chart came out blank: its figure holds nothing that plotly can draw.", image)
    return image


def _steady(image: bytes, form: str) -> bytes:
    """The same without what differs from one drawing of a figure to the next: one empty attribute, and two dates."""
    if form == "svg":
        return image.replace(b' style=""', b"", 1)
    # As many bytes as before: a PDF names the places of its parts.
    return _DATE.sub(rb"/\1 (D:20000101000000", image) if form == "pdf" else image


def _checked_png(png: bytes, width: int, height: int) -> bytes:
    try:
        image = Image.open(io.BytesIO(png))
        image.load()
    except OSError as error:
        raise RenderError("The browser's answer is no image; the job can be tried again.") from error
    if image.size != (width, height):
        raise RenderError(f"The chart came out at {image.size[0]}x{image.size[1]} instead of {width}x{height}.", image)
    # One pixel of nine is enough to tell, and ten times as fast to count.
    some = image.resize((-(-width // 3), -(-height // 3)), Image.Resampling.NEAREST)
    if len(some.getcolors(maxcolors=width * height) or ()) < LEAST_COLOURS:
        raise RenderError("The chart came out blank: its figure holds nothing that plotly can draw.", image)
    return png
