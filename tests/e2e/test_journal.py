"""The Journal in a real browser: two tabs that edit one trade; a trade of one's own from its booking to the figures."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import Session, select

from db.models import Trade
from tests.e2e.browser import PHONE, WIDE, click_row, executable, settle, stays_in_width, visit
from tests.e2e.test_pages import Desk, _watched, browser, desk, page  # noqa: F401  (fixtures)

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(executable() is None, reason="no Chrome or Chromium: install one or set BROWSER_PATH"),
]

SAMPLES = Path(__file__).resolve().parents[1] / "core" / "journal" / "samples"


def test_two_tabs_edit_one_trade_and_nothing_is_overwritten(page: Page, browser: Browser, desk: Desk) -> None:  # noqa: F811
    visit(page, f"{desk.address}/journal")
    click_row(page, 0, x=150)
    page.wait_for_url("**/journal?trade=*")
    trade = int(page.url.rpartition("=")[2])
    for other in _watched(browser, WIDE):
        visit(other, page.url)
        for tab, words in ((page, "the first tab's"), (other, "the second tab's")):
            tab.get_by_label("Notes (Markdown)").fill(words)
        save = other.locator(".st-key-save").get_by_role("button")
        place = save.bounding_box()
        page.locator(".st-key-save").get_by_role("button").click()
        expect(page.get_by_test_id("stToast")).to_contain_text(f"Trade {trade} is saved")
        # The second tab refreshes by itself, says so, and keeps what was typed into it.
        expect(other.locator(".changed")).to_contain_text("Changed in the meantime", timeout=20_000)
        expect(other.get_by_label("Notes (Markdown)")).to_have_value("the second tab's")
        # A button that moved away between the press and the release of a click would not be clicked.
        assert save.bounding_box() == place
        save.click()
        expect(other.locator(".changed", has_text="nothing of yours is written yet")).to_be_visible()
        expect(other.locator("table.changes")).to_contain_text("the first tab's")
        expect(other.locator("table.changes")).to_contain_text("the second tab's")
        assert note(desk, trade) == "the first tab's"
        other.locator(".st-key-resolve").get_by_role("button").click()
        expect(other.get_by_test_id("stToast")).to_contain_text(f"Trade {trade} is saved")
        expect(other.get_by_label("Notes (Markdown)")).to_have_value("the second tab's")
    assert note(desk, trade) == "the second tab's"


def test_a_trade_of_ones_own_from_booking_to_statistics(page: Page, desk: Desk) -> None:  # noqa: F811
    visit(page, f"{desk.address}/journal")
    dialog = page.get_by_role("dialog")
    page.locator(".st-key-manual").get_by_role("button").click()
    fill(dialog, {"Price of the fill": "100", "Quantity": "10", "Stop": "98", "Target": "106"})
    expect(dialog.locator("dl.kpis")).to_contain_text("20.00 USD")
    dialog.locator(".st-key-dialog_book").get_by_role("button").click()
    expect(page.locator(".st-key-trade_head")).to_contain_text("AAPL")
    page.get_by_role("button", name="Take part off").click()
    fill(dialog, {"Quantity": "4", "Price of the fill": "105"})
    expect(dialog.locator("dl.kpis")).to_contain_text("+20.00 USD")
    dialog.locator(".st-key-dialog_part").get_by_role("button").click()
    expect(dialog).to_be_hidden()
    expect(page.locator("dl.kpis").first).to_contain_text("+20.00 realised")
    page.get_by_role("button", name="Break-even").click()
    expect(page.get_by_text("Stop moved")).to_be_visible()
    page.locator("[class*=st-key-close_]").get_by_role("button", name="Close", exact=True).click()
    price = dialog.get_by_label("Exit price (USD)")
    price.fill("110")
    price.press("Enter")
    expect(dialog.locator("dl.kpis")).to_contain_text("+60.00 USD")
    dialog.get_by_role("button", name="Close the trade").click()
    expect(page.locator("dl.kpis").first).to_contain_text("+80.00 USD")
    expect(page.locator("dl.kpis").first).to_contain_text("+4.00 R")
    page.locator(".st-key-trade_back").get_by_role("button").click()
    page.get_by_label("Symbols", exact=True).first.click()
    page.get_by_role("option", name="AAPL").click()
    page.keyboard.press("Escape")
    expect(page.locator("dl.kpis").first).to_contain_text("+80.00 USD")
    page.get_by_role("radio", name="Statistics").click()
    expect(page.locator(".lists")).to_contain_text("1 won, 0 lost")
    page.get_by_role("radio", name="R", exact=True).click()
    expect(page.locator(".lists")).to_contain_text("+4.00 R")


def test_a_brokers_file_is_shown_before_it_is_written(page: Page, desk: Desk) -> None:  # noqa: F811
    visit(page, f"{desk.address}/journal")
    page.get_by_role("radio", name="Import").click()
    page.locator("input[type=file]").set_input_files(SAMPLES / "ibkr_flex_broken.csv")
    expect(page.locator(".file")).to_contain_text("Interactive Brokers Flex (CSV)")
    expect(page.get_by_text("the quantity is 0")).to_be_visible()
    before = trades(desk)
    page.locator(".st-key-import_write").get_by_role("button").click()
    expect(page.get_by_text("1 new trades, 0 changed")).to_be_visible()
    assert trades(desk) == before + 1
    page.locator("input[type=file]").set_input_files(SAMPLES / "ibkr_flex_broken.csv")
    expect(page.get_by_text("Nothing in this file is new.")).to_be_visible()


def test_every_view_fits_a_phone(browser: Browser, desk: Desk) -> None:  # noqa: F811
    for phone in _watched(browser, PHONE):
        visit(phone, f"{desk.address}/journal")
        for view in ("Statistics", "Calendar", "Passed on", "Import"):
            phone.get_by_role("radio", name=view).click()
            settle(phone)
            stays_in_width(phone)
        visit(phone, f"{desk.address}/journal?trade={desk.ids['closed_trade']}")
        stays_in_width(phone)


def fill(dialog: object, values: dict[str, str]) -> None:
    """Type into the fields of a dialog by their labels."""
    for label, value in values.items():
        field = dialog.get_by_label(label, exact=True)  # type: ignore[attr-defined]
        field.fill(value)
        field.press("Tab")


def note(desk: Desk, trade: int) -> str:  # noqa: F811
    with Session(desk.engine) as session:
        return session.get_one(Trade, trade).note


def trades(desk: Desk) -> int:  # noqa: F811
    with Session(desk.engine) as session:
        return len(session.exec(select(Trade.id)).all())
