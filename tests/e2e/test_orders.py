"""An order in a real browser: from an accepted signal to the closed trade, on a page that follows by itself."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import Session

from core.timeframe import Timeframe
from db.engine import writer
from db.models import Signal, Symbol
from db.store.bars.series import store_bars
from tests.e2e.browser import executable, visit
from tests.e2e.test_pages import Desk, browser, desk, page  # noqa: F401  (fixtures)
from tests.factories import make_bars
from workers.broker.paper import step_paper

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(executable() is None, reason="no Chrome or Chromium: install one or set BROWSER_PATH"),
]

MINUTE = Timeframe.M1.ms


def test_from_a_signals_order_to_the_closed_trade(page: Page, desk: Desk) -> None:  # noqa: F811
    with Session(desk.engine) as session:
        signal = session.get_one(Signal, desk.ids["new"])
    visit(page, f"{desk.address}/signals?signal={signal.id}")
    page.get_by_role("button", name="Send order").click()
    page.locator(".st-key-dialog_send").get_by_role("button").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator(".moment").first).to_contain_text("no trade yet")
    page.get_by_role("link", name="Order 1").click()
    expect(page.locator("table.legs .pill")).to_have_text(["Working"] * 3)

    start = bar(desk, signal, 0, signal.entry - 0.0002)
    # Nobody touches the page: it follows by itself.
    expect(page.locator("table.legs .pill")).to_have_text(["Filled", "Working", "Working"], timeout=15_000)
    expect(page.locator("dl.kpis > div", has_text="Filled today").locator("dd")).to_have_text("1")
    page.get_by_role("link", name="in the journal").click()
    strip = page.locator("dl.kpis").first
    expect(strip).to_contain_text(f"{signal.stop:.5f}")
    expect(strip).to_contain_text(f"target {signal.targets[0]['price']:.5f}")

    page.get_by_role("button", name="Send closing order").click()
    page.locator(".st-key-dialog_send").get_by_role("button").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    bar(desk, signal, start, signal.entry + 0.0006)
    expect(strip).to_contain_text("Result", timeout=15_000)
    expect(page.locator("table.legs .pill")).to_have_text(["Filled", "Cancelled", "Cancelled", "Filled"])


def bar(desk: Desk, signal: Signal, after: int, price: float) -> int:  # noqa: F811
    """Store the next bar from `after` (at least now) on, at one price; the paper broker trades; returns its end."""
    now = int(datetime.now(UTC).timestamp() * 1000)
    start = max(after, now // MINUTE * MINUTE + MINUTE)
    with writer(desk.engine) as session:
        symbol = session.get_one(Symbol, signal.symbol_id)
        store_bars(session, symbol, make_bars([(price,) * 4], start=start, timeframe=Timeframe.M1))
    step_paper(desk.engine, start + MINUTE, signal.symbol_id)
    return start + MINUTE
