"""The whole product as a person meets it: an empty data directory, a signal, a trade, and where it came from."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, expect

from db.engine import engine_for
from tests.e2e.browser import WIDE, chromium, click_row, colours, executable, settle, visit
from tests.lineage_check import check_lineage
from tests.workers.desk_process import DeskProcess, until

pytestmark = pytest.mark.e2e


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[DeskProcess]:
    """`python -m workers up` in an empty data directory."""
    started = DeskProcess(tmp_path / "home")
    yield started
    started.end()


@pytest.fixture
def page() -> Iterator[Page]:
    path = executable()
    assert path is not None, "no Chrome or Chromium: `make test` installs one, or set BROWSER_PATH"
    with chromium(path) as browser:
        opened = browser.new_page(viewport=WIDE)
        opened.set_default_timeout(30_000)
        errors: list[str] = []
        opened.on("pageerror", lambda error: errors.append(str(error)))
        yield opened
        assert errors == []


def figure(page: Page, name: str) -> str:
    """A figure of the strip at the top, by its name."""
    return (
        page.locator("dl.kpis > div", has=page.locator("dt", has_text=re.compile(f"^{name}$")))
        .locator("dd")
        .first.inner_text()
    )


def money(text: str) -> Decimal:
    """`100,250.50 USD` as a number; a true minus sign counts."""
    found = re.search(r"[-+\u2212]?[\d,]+\.\d+", text)
    assert found, text
    return Decimal(found[0].replace(",", "").replace("\u2212", "-"))


def test_from_an_empty_directory_to_a_closed_and_traceable_trade(desk: DeskProcess, page: Page) -> None:
    desk.wait_for("Chartroom is ready")
    address = f"http://127.0.0.1:{desk.port}"
    visit(page, address)
    assert money(figure(page, "Balance")) == 100_000
    assert figure(page, "Open trades").startswith("0")
    expect(page.get_by_text("No trade is closed yet.")).to_be_visible()

    signal_id = choose_the_first_new_signal(page)
    accept_it(page)
    made = close_its_trade(page)

    page.get_by_role("link", name="Home").first.click()
    expect(page.get_by_text("No trade is closed yet.")).to_be_hidden()
    assert money(figure(page, "Balance")) == 100_000 + made
    assert money(figure(page, "Net result")) == made
    assert figure(page, "Win rate").startswith("100" if made > 0 else "0")

    visit(page, f"{address}/lineage?signal={signal_id}")
    graph = page.locator("svg g.node")
    made = graph.locator(".name").filter(has_text=re.compile(rf"^Signal {signal_id}$"))
    expect(made).to_have_count(1)
    for step in ("Bars", "Events", "Indicators", "Votes", "Decision", "Trade", "Close"):
        # A box is its name and its kind, with nothing between them: "SIM-EURUSD H4Bars, 3 ms".
        expect(graph.filter(has_text=re.compile(rf"{step}\b"))).not_to_have_count(0)

    until(lambda: any((desk.home / "charts").glob("signal-*.png")), "a chart image", 120)
    assert "scan" in desk.shell("rq info").stdout
    desk.remember_family()
    assert desk.stop(signal.SIGINT) == 0
    assert desk.left() == []
    assert check_lineage(engine_for(f"sqlite:///{desk.home / 'chartroom.db'}")) > 12


def choose_the_first_new_signal(page: Page) -> str:
    """Wait on the Signals page until a signal has come by itself, choose one that can be taken; returns its number."""
    page.get_by_role("link", name="Signals").first.click()
    page.wait_for_url("**/signals")
    expect(page.locator("[data-testid=stDataFrame] [role=grid]").first).to_be_attached(timeout=60_000)
    page.get_by_label("Status", exact=True).first.click()
    page.get_by_role("option", name=re.compile(r"^New \([1-9]")).click()
    page.keyboard.press("Escape")
    settle(page)
    until(lambda: chosen(page), "a chosen signal that can be taken", 120)
    signal_id = page.url.rpartition("=")[2]
    expect(page.locator(".head").first).to_contain_text(f"Signal {signal_id}")
    until(lambda: painted(page), "a painted chart")
    return signal_id


def chosen(page: Page) -> bool:
    """Whether a click into the first row chose a signal that is still new. A click into a table that makes way for a
    newer one is lost, and the market goes on meanwhile: it may end a signal that has just been chosen.
    """
    click_row(page, 0)
    try:
        page.wait_for_url("**/signals?signal=*", timeout=10_000)
        page.get_by_role("button", name="Accept", exact=True).wait_for(timeout=10_000)
    except PlaywrightError:
        return False
    return True


def painted(page: Page) -> bool:
    """Whether the chart shows a picture; False also while it makes way for the chosen signal's."""
    try:
        return colours(page) > 20
    except PlaywrightError:
        return False


def accept_it(page: Page) -> None:
    """Accept in the dialog, which shows size, risk and R before anything happens."""
    page.get_by_role("button", name="Accept", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Quantity", exact=True)).not_to_have_value("0")
    risk = money(dialog.locator("dl.kpis > div").first.inner_text())
    assert 0 < risk <= 500, "half a percent of 100,000 at most"
    expect(dialog).to_contain_text("2R")
    dialog.get_by_role("button", name="Accept and book the trade").click()
    expect(dialog).to_be_hidden()
    expect(page.locator(".head").first).to_contain_text("accepted")


def close_its_trade(page: Page) -> Decimal:
    """Close the one open trade at a price of one's own; returns what the dialog says it made."""
    page.get_by_role("link", name="Journal").first.click()
    page.wait_for_url("**/journal*")
    expect(page.get_by_text("Open trades (1)")).to_be_visible()
    # By its own key: while the row is still on its way, the only "Close" may be the one of the accept's toast.
    page.locator("[class*=st-key-close_]").get_by_role("button", name="Close", exact=True).click()
    dialog = page.get_by_role("dialog")
    shown = dialog.locator("dl.kpis > div").first.locator("dd").first
    before = shown.inner_text()
    price = dialog.get_by_label(re.compile("Exit price"))
    expect(price).to_have_value(re.compile(r"[1-9]"))
    price.fill(str(round(float(price.input_value()) * 1.02, 2)))
    price.press("Enter")
    expect(shown).not_to_have_text(before)
    made = money(shown.inner_text())
    dialog.get_by_role("button", name="Close the trade").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_text("Closed trades (1)")).to_be_visible()
    return made
