"""The pages in a real browser: selection, dialogs, two tabs, refresh, paint, a phone."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from sqlalchemy import Engine
from sqlmodel import Session, func, select

from dashboard.navigation import PAGES
from db.engine import engine_for
from db.migrate import upgrade
from db.models import Signal, Trade
from tests.dashboard.world import add_signal, build
from tests.e2e.browser import (
    PHONE,
    WIDE,
    chart,
    chromium,
    click_row,
    colours,
    executable,
    rows,
    settle,
    stays_in_width,
    visit,
    wait_for_refreshes,
)
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(executable() is None, reason="no Chrome or Chromium: install one or set BROWSER_PATH"),
]


@dataclass(frozen=True)
class Desk:
    """A running dashboard over its own data base."""

    address: str
    engine: Engine
    ids: dict[str, int]

    def add_signal(self) -> int:
        with Session(self.engine) as session:
            number = session.exec(select(func.count()).select_from(Signal)).one()
        return add_signal(self.engine, datetime.now(UTC), number + 10)

    def trades_of(self, signal_id: int) -> int:
        with Session(self.engine) as session:
            query = select(func.count()).select_from(Trade).where(Trade.signal_id == signal_id)
            return session.exec(query).one()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    url = f"sqlite:///{tmp_path_factory.mktemp('pages') / 'chartroom.db'}"
    engine = engine_for(url)
    upgrade(engine)
    ids = build(engine, datetime.now(UTC))
    port = free_port()
    environment = {key: value for key, value in os.environ.items() if key not in {"REDIS_URL", "RQ_REDIS_URL"}}
    command = [sys.executable, "-m", "streamlit", "run", "dashboard/app.py", "--server.port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, env=environment | {"DATABASE_URL": url}) as server:
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(f"{address}/_stcore/health")
            yield Desk(address, engine, ids)
        finally:
            server.terminate()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = executable()
    assert path is not None
    with chromium(path) as opened:
        yield opened


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    yield from _watched(browser, WIDE)


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    yield from _watched(browser, PHONE)


@pytest.mark.parametrize("name", [entry.name for entry in PAGES])
def test_a_phone_needs_no_sideways_scroll(name: str, phone: Page, desk: Desk) -> None:
    visit(phone, f"{desk.address}/{'' if name == 'home' else name}")
    stays_in_width(phone)
    if phone.locator("dl.kpis").count():
        # One script reads all places at once: the page may still be moving.
        phone.wait_for_function(
            """() => {
              const [first, second, third] = [...document.querySelector('dl.kpis').children]
                .map(figure => figure.getBoundingClientRect().top);
              return first === second && second < third;
            }"""
        )


def test_the_chart_is_painted(page: Page, desk: Desk) -> None:
    visit(page, f"{desk.address}/signals?signal={desk.ids['new']}")
    page.wait_for_timeout(0)
    chart(page).wait_for_function("document.querySelectorAll('canvas').length > 2")
    expect(page.locator(".legend")).to_contain_text("Signal as of")
    assert colours(page) > 20
    assert page.locator("iframe[title*=lightweight_charts]").bounding_box()["height"] > 400


def test_a_selected_signal_stays_when_a_newer_one_comes_in_on_top(page: Page, desk: Desk) -> None:
    visit(page, f"{desk.address}/signals")
    count = rows(page)
    click_row(page, 3)
    page.wait_for_url("**/signals?signal=*")
    chosen = page.url.rpartition("=")[2]
    expect(page.locator(".head").first).to_contain_text(f"Signal {chosen}")
    newer = desk.add_signal()
    expect(page.locator("[data-testid=stDataFrame] [role=grid]").first).to_have_attribute(
        "aria-rowcount", str(count + 2), timeout=20_000
    )
    expect(page.locator(".head").first).to_contain_text(f"Signal {chosen}")
    click_row(page, 0)
    page.wait_for_url(f"**/signals?signal={newer}")
    expect(page.locator(".head").first).to_contain_text(f"Signal {newer}")


def test_a_sorted_table_still_selects_the_row_that_is_clicked(page: Page, desk: Desk) -> None:
    visit(page, f"{desk.address}/signals")
    table = page.locator("[data-testid=stDataFrame]").first
    place = table.bounding_box()
    page.mouse.click(place["x"] + 30, place["y"] + 19)
    first = table.locator("[role=grid] tbody tr").first
    expect(first).to_contain_text("AAPL")
    click_row(page, 0)
    expect(page.locator(".head h2").first).to_contain_text("AAPL")
    click_row(page, 1)
    expect(page.locator(".head h2").first).to_contain_text("SIM-EURUSD")
    page.keyboard.press("ArrowUp")
    expect(page.locator(".head h2").first).to_contain_text("AAPL")


def test_a_double_click_on_accept_makes_one_trade(page: Page, desk: Desk) -> None:
    signal = desk.add_signal()
    visit(page, f"{desk.address}/signals?signal={signal}")
    page.get_by_role("button", name="Accept", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Chartroom sends no order")
    dialog.get_by_role("button", name="Accept and book the trade").dblclick()
    expect(dialog).to_be_hidden()
    expect(page.get_by_test_id("stToast")).to_contain_text(f"Signal {signal} is accepted")
    expect(page.locator(".head").first).to_contain_text("accepted")
    assert desk.trades_of(signal) == 1


def test_two_tabs_make_one_trade(page: Page, browser: Browser, desk: Desk) -> None:
    signal = desk.add_signal()
    for other in _watched(browser, WIDE):
        for tab in (page, other):
            visit(tab, f"{desk.address}/signals?signal={signal}")
            tab.get_by_role("button", name="Accept", exact=True).click()
            expect(tab.get_by_role("dialog")).to_contain_text("Chartroom sends no order")
        quantity = other.get_by_label("Quantity", exact=True)
        quantity.fill("5000")
        quantity.press("Enter")
        settle(other)
        page.get_by_role("button", name="Accept and book the trade").click()
        expect(page.get_by_role("dialog")).to_be_hidden()
        other.get_by_role("button", name="Accept and book the trade").click()
        expect(other.get_by_role("dialog")).to_contain_text("already accepted")
    assert desk.trades_of(signal) == 1


def test_a_refresh_leaves_an_open_dialog_alone(page: Page, desk: Desk) -> None:
    signal = desk.add_signal()
    visit(page, f"{desk.address}/signals?signal={signal}")
    count = rows(page)
    page.get_by_role("button", name="Reject", exact=True).click()
    dialog = page.get_by_role("dialog")
    words = dialog.get_by_label("In your words")
    words.fill("half a sent")
    desk.add_signal()
    wait_for_refreshes(page, 2)
    expect(words).to_have_value("half a sent")
    assert rows(page) == count
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("[data-testid=stDataFrame] [role=grid]").first).to_have_attribute(
        "aria-rowcount", str(count + 2), timeout=20_000
    )


def test_a_trade_is_closed_in_its_dialog(page: Page, desk: Desk) -> None:
    trade = desk.ids["open_trade"]
    visit(page, f"{desk.address}/journal?trade={trade}")
    page.locator(f".st-key-open_{trade}").get_by_role("button", name="Close").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("The last stored close")
    dialog.get_by_role("button", name="Close the trade").dblclick()
    expect(dialog).to_be_hidden()
    expect(page.get_by_test_id("stToast")).to_contain_text(f"Trade {trade} is closed")
    page.locator(".st-key-trade_back").get_by_role("button").click()
    page.locator(".st-key-journal_export").get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    assert download.value.suggested_filename == "chartroom-journal.csv"


def test_home_leads_to_a_signal_and_on_to_its_lineage(page: Page, desk: Desk) -> None:
    visit(page, desk.address)
    page.locator(".st-key-signal_feed a").last.click()
    page.wait_for_url("**/signals?signal=*")
    page.get_by_text("Where this signal comes from").click()
    page.wait_for_url("**/lineage?signal=*")
    page.wait_for_selector("svg g.node")
    boxes = page.locator("svg g.node")
    assert boxes.count() > 1
    boxes.first.click()
    page.wait_for_url("**&step=*")
    expect(page.locator(".st-key-lineage_step h3")).to_have_text(boxes.first.locator(".name").text_content() or "")


def _watched(browser: Browser, size: dict[str, int]) -> Iterator[Page]:
    """A page that fails the test on any error of its scripts. The pages of a module share what the browser has fetched
    and compiled of the desk's own scripts, as the tabs of a person do.
    """
    context = next(iter(browser.contexts), None) or browser.new_context()
    opened = context.new_page()
    opened.set_viewport_size(ViewportSize(**size))
    opened.set_default_timeout(30_000)
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    opened.close()
    assert errors == []


def _wait_for(address: str) -> None:
    deadline = monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except OSError:
            if monotonic() > deadline:
                raise
