"""A real Chromium for the tests, and the words in which they talk about the desk's pages."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Frame, Page, Position, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
QUIET = "[data-testid=stApp][data-test-script-state=notRunning]"
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
# A click may run a page's script twice, and the tests run several at a time.
expect.set_options(timeout=20_000)

_PAINTED = """canvas => {
  const {width, height} = canvas;
  if (width < 50 || height < 50) return 0;
  const pixels = canvas.getContext('2d').getImageData(0, 0, width, height).data;
  const seen = new Set();
  for (let at = 0; at < pixels.length; at += 4) seen.add(pixels[at] << 16 | pixels[at + 1] << 8 | pixels[at + 2]);
  return seen.size;
}"""
_COUNT_RUNS = """() => {
  window.runs = 0;
  const app = document.querySelector('[data-testid=stApp]');
  const count = () => { if (app.getAttribute('data-test-script-state') === 'notRunning') window.runs += 1; };
  new MutationObserver(count).observe(app, {attributeFilter: ['data-test-script-state']});
}"""


def executable() -> str | None:
    """Path of a Chrome or Chromium, BROWSER_PATH first; None when there is none."""
    named = os.environ.get("BROWSER_PATH")
    return named or next((path for path in map(shutil.which, NAMES) if path), None)


@contextmanager
def chromium(path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


def visit(page: Page, address: str) -> None:
    """Open an address and wait until its script has run."""
    page.goto(address)
    page.wait_for_selector(".status")
    settle(page)


def settle(page: Page) -> None:
    # On a fresh checkout the first page with patterns compiles their detectors.
    page.wait_for_selector(QUIET, timeout=120_000)


def wait_for_refreshes(page: Page, count: int) -> None:
    """Wait until scripts have run by themselves `count` times more."""
    page.evaluate(_COUNT_RUNS)
    page.wait_for_function(f"window.runs >= {count}", timeout=30_000)


def chart(page: Page) -> Frame:
    """The frame of the first candle chart or curve on the page."""
    handle = page.wait_for_selector("iframe[title*=lightweight_charts]")
    frame = handle.content_frame() if handle else None
    if frame is None:
        raise PlaywrightError("The chart made way for another one.")
    frame.wait_for_selector("canvas")
    return frame


def colours(page: Page) -> int:
    """The number of different colours on the chart's busiest canvas."""
    return max(canvas.evaluate(_PAINTED) for canvas in chart(page).query_selector_all("canvas"))


def rows(page: Page) -> int:
    """Rows of the first table on the page, its heading not counted."""
    grid = page.wait_for_selector("[data-testid=stDataFrame] [role=grid]", state="attached")
    assert grid is not None
    return int(grid.get_attribute("aria-rowcount") or 0) - 1


def click_row(page: Page, number: int, x: float = 60) -> None:
    """Click into the row `number` (0 is the first) of the first table, once one stands still: a change at the desk
    brings a new one.
    """
    page.locator("[data-testid=stDataFrame]").first.click(position=Position(x=x, y=38 + 28 * number + 14))
    settle(page)


def stays_in_width(page: Page) -> None:
    """Wait until the page cannot be pushed to the side: while tables and charts find their place, it may be."""
    areas = "[document.scrollingElement, document.querySelector('[data-testid=stMain]')]"
    pushed = f"{areas}.map(one => {{ one.scrollLeft = 500; return one.scrollLeft; }})"
    page.wait_for_function(f"Math.max(...{pushed}) <= 0")
