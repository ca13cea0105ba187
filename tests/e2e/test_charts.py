"""The Charts page in a real browser: paint, another type, four timeframes, an indicator by its form, a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import PHONE, colours, executable, settle, stays_in_width, visit
from tests.e2e.test_pages import Desk, _watched, browser, desk, page  # noqa: F401  (fixtures)

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(executable() is None, reason="no Chrome or Chromium: install one or set BROWSER_PATH"),
]

FRAMES = "iframe[title*=lightweight_charts]"


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:  # noqa: F811
    yield from _watched(browser, PHONE)


def painted(page: Page, count: int) -> None:  # noqa: F811
    """Wait until `count` charts have drawn something."""
    # While the page changes its layout, the charts of before are still among them.
    settle(page)
    expect(page.locator(FRAMES)).to_have_count(count)
    for place in range(count):
        expect(page.locator(FRAMES).nth(place).content_frame.locator("canvas").first).to_be_visible()
    page.wait_for_function(
        "count => [...document.querySelectorAll('iframe[title*=lightweight_charts]')]"
        ".filter(one => one.getBoundingClientRect().height > 200).length === count",
        arg=count,
    )


def _extents(page: Page) -> str:  # noqa: F811
    return "\n".join(page.locator(".extent").all_inner_texts())


def test_a_chart_changes_its_type_and_the_address_brings_it_back(page: Page, desk: Desk) -> None:  # noqa: F811
    visit(page, f"{desk.address}/charts?symbol=1&timeframe=5")
    painted(page, 1)
    assert colours(page) > 20
    page.get_by_role("radio", name="Renko").click()
    expect(page.locator(".extent")).to_contain_text("bricks of")
    page.wait_for_url(re.compile("type=renko"))
    painted(page, 1)
    assert colours(page) > 5
    visit(page, page.url)
    expect(page.locator(".extent")).to_contain_text("bricks of")
    expect(page.get_by_role("radio", name="Renko")).to_be_checked()
    painted(page, 1)


def test_four_timeframes_go_back_in_time_together(page: Page, desk: Desk) -> None:  # noqa: F811
    visit(page, f"{desk.address}/charts?symbol=1&timeframe=M15")
    page.get_by_role("radiogroup", name="Charts side by side").get_by_role("radio", name="4").click()
    painted(page, 4)
    page.get_by_role("button", name="«").click()
    expect(page.locator(".head .pill")).to_contain_text("As of")
    settle(page)
    ends = [datetime.fromisoformat(end) for end in re.findall(r"to (\S+ \S+) UTC", _extents(page))]
    assert len(ends) == 4
    assert max(ends) - min(ends) < timedelta(hours=1)
    assert max(ends) < datetime.now(UTC).replace(tzinfo=None) - timedelta(hours=24)
    page.get_by_role("button", name="Now", exact=True).click()
    expect(page.locator(".head .pill")).to_have_count(0)
    painted(page, 4)


def test_an_indicator_is_found_by_its_full_name_and_set_in_its_form(page: Page, desk: Desk) -> None:  # noqa: F811
    visit(page, f"{desk.address}/charts?symbol=1&timeframe=M5&indicators=none")
    page.locator(".st-key-charts_indicators button").click()
    search = page.get_by_role("combobox", name="Add an indicator")
    search.click()
    search.press_sequentially("bollinger")
    page.get_by_role("option", name=re.compile("BBANDS")).click()
    expect(page.locator(".lines")).to_contain_text("BBANDS 20 2 2")
    field = page.get_by_role("spinbutton", name="Period")
    field.fill("34")
    field.press("Enter")
    expect(page.locator(".lines")).to_contain_text("BBANDS 34 2 2")
    page.wait_for_url(re.compile("BBANDS~34"))


def test_a_phone_shows_charts_without_a_sideways_scroll(phone: Page, desk: Desk) -> None:  # noqa: F811
    visit(phone, f"{desk.address}/charts?symbol=1&timeframe=M5+M15&type=point_figure&show=levels")
    painted(phone, 2)
    stays_in_width(phone)
