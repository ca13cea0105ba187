"""A challenge in a real browser: it begins, its room is seen, and a trade that would breach cannot be accepted."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import PHONE, colours, executable, settle, stays_in_width, visit
from tests.e2e.test_pages import Desk, browser, desk, page  # noqa: F401  (fixtures)

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(executable() is None, reason="no Chrome or Chromium: install one or set BROWSER_PATH"),
]


def test_a_challenge_refuses_what_would_breach_it(page: Page, desk: Desk) -> None:  # noqa: F811
    visit(page, f"{desk.address}/accounts?account=1")
    page.locator(".st-key-challenge_begin button").click()
    expect(page.get_by_test_id("stToast").last).to_contain_text("FTMO 2-Step has begun")
    expect(page.locator("dl.gauges")).to_contain_text("Daily room")
    expect(page.locator(".st-key-challenge_head")).to_contain_text("Europe/Prague")
    assert colours(page) > 10

    new = desk.ids["new"]
    visit(page, f"{desk.address}/signals?signal={new}")
    page.locator(".st-key-accept button").click()
    dialog = page.get_by_role("dialog")
    accept = dialog.locator(".st-key-dialog_accept button")
    expect(dialog.locator("table.room")).to_contain_text("Daily loss")
    expect(accept).to_be_enabled()
    size = dialog.get_by_label("Quantity", exact=True)
    # A field is drawn empty first, and then takes what the desk proposes.
    expect(size).to_have_value(re.compile(r"^[1-9]\d*$"))
    proposed = size.input_value()
    # 11 pips below the entry: fifty million lose ten times what a day may.
    size.fill("50000000")
    size.press("Tab")
    expect(dialog.get_by_role("alert")).to_contain_text("Daily loss: with every stop hit equity drops below the floor")
    expect(accept).to_be_disabled()
    size.fill(proposed)
    size.press("Tab")
    # The dialog is shorter without it: a click before that could land beside the button.
    expect(dialog.get_by_role("alert")).to_have_count(0)
    expect(accept).to_be_enabled()
    accept.click()
    expect(page.get_by_test_id("stToast").last).to_contain_text("is accepted")
    assert desk.trades_of(new) == 1

    visit(page, f"{desk.address}/home")
    expect(page.locator(".roomstrip")).to_contain_text("Daily room")
    page.set_viewport_size(PHONE)
    visit(page, f"{desk.address}/accounts?account=1")
    settle(page)
    stays_in_width(page)
