"""The Patterns page in a real browser: families, judging by clicks, a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import Session, select

from db.models import PatternReview
from tests.e2e.browser import PHONE, chart, colours, executable, rows, settle, stays_in_width, visit
from tests.e2e.test_pages import Desk, _watched, browser, desk, page  # noqa: F401  (fixtures)

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(executable() is None, reason="no Chrome or Chromium: install one or set BROWSER_PATH"),
]


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:  # noqa: F811
    yield from _watched(browser, PHONE)


def test_a_family_is_switched_on(page: Page, desk: Desk) -> None:  # noqa: F811
    visit(page, f"{desk.address}/patterns?symbol=1&timeframe=M5")
    expect(page.locator(".head").first).to_contain_text("SIMULATED")
    chart(page).wait_for_function("document.querySelectorAll('canvas').length > 2")
    assert colours(page) > 20
    before = rows(page)
    page.get_by_role("button", name="Candlesticks", exact=True).click()
    expect(page.locator("[data-testid=stDataFrame] [role=grid]").first).not_to_have_attribute(
        "aria-rowcount", str(before + 1)
    )
    settle(page)
    assert rows(page) > before
    assert colours(page) > 20


def test_two_events_are_judged_by_clicks(page: Page, desk: Desk) -> None:  # noqa: F811
    visit(page, f"{desk.address}/patterns?symbol=1&timeframe=M5")
    page.get_by_role("radio", name="Review").click()
    progress = page.get_by_text(re.compile(r"\d+ of \d+ judged")).first
    expect(progress).to_contain_text("0 of")
    page.get_by_role("button", name="Valid", exact=True).click()
    expect(progress).to_contain_text("1 of")
    page.get_by_role("button", name="Not valid", exact=True).click()
    expect(progress).to_contain_text("2 of")
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(progress).to_contain_text("1 of")
    with Session(desk.engine) as session:
        assert [row.verdict for row in session.exec(select(PatternReview))] == ["valid"]


def test_a_phone_needs_no_sideways_scroll_in_any_view(phone: Page, desk: Desk) -> None:  # noqa: F811
    visit(phone, f"{desk.address}/patterns?symbol=1&timeframe=M5")
    for view, place in (("Events", ".legend"), ("Review", ".review"), ("Record", "table.record")):
        phone.get_by_role("radio", name=view).click()
        phone.locator(place).first.wait_for()
        settle(phone)
        stays_in_width(phone)
