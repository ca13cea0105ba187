"""The Dataset page in a real browser: pictures, boxes over them, a label judged by a click, a phone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import Session, col, select

from core.dataset.recipe import Recipe
from core.timeframe import Timeframe
from db.actions.dataset import ask_build
from db.models import ChartPattern
from tests.e2e.browser import PHONE, executable, settle, stays_in_width, visit
from tests.e2e.test_pages import Desk, _watched, browser, desk, page  # noqa: F401  (fixtures)
from workers.dataset.builder import build_all, open_work

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(executable() is None, reason="no Chrome or Chromium: install one or set BROWSER_PATH"),
]
RECIPE = Recipe(("AAPL",), (Timeframe.D1,), days_back=200, window=50, stride=15, gap=5)


@pytest.fixture(scope="module")
def built(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Desk:  # noqa: F811
    folder: Path = tmp_path_factory.mktemp("sets") / "first"
    build_id = ask_build(desk.engine, RECIPE, folder, datetime.now(UTC))
    assert build_all(desk.engine, open_work(desk.engine, build_id), lambda done, total: None).complete
    return desk


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:  # noqa: F811
    yield from _watched(browser, PHONE)


def test_a_label_is_judged_by_a_click(page: Page, built: Desk) -> None:  # noqa: F811
    visit(page, f"{built.address}/dataset")
    pictures = page.locator(".st-key-dataset_gallery img")
    expect(pictures.nth(2)).to_be_visible()
    page.wait_for_function("[...document.querySelectorAll('.st-key-dataset_gallery img')].every(i => i.naturalWidth)")
    page.locator("[class*=st-key-open_image_] button").nth(0).click()
    expect(page.locator(".preview .box.current")).to_have_count(1)
    assert page.evaluate("document.querySelector('.preview img').naturalWidth") == 800
    with Session(built.engine) as session:
        query = select(ChartPattern).where(ChartPattern.image_id == 1).order_by(col(ChartPattern.place))
        labels = session.exec(query).all()
    image = page.locator(".preview img").bounding_box()
    box = page.locator(".preview .box").nth(0).bounding_box()
    assert image is not None
    assert box is not None
    assert abs((box["x"] - image["x"]) / image["width"] - labels[0].x0) < 3 / 800
    assert abs((box["y"] - image["y"]) / image["height"] - labels[0].y0) < 3 / 600
    expect(page.get_by_text(f"0 of {len(labels)} labels judged")).to_be_visible()
    page.locator(".st-key-dataset_rejected button").click()
    expect(page.get_by_text(f"1 of {len(labels)} labels judged")).to_be_visible()
    expect(page.locator(".preview .box.rejected")).to_have_count(1)
    page.locator(".st-key-dataset_undo button").click()
    expect(page.get_by_text(f"0 of {len(labels)} labels judged")).to_be_visible()
    page.locator(".st-key-dataset_gallery_back button").click()
    expect(pictures.nth(2)).to_be_visible()


def test_a_phone_needs_no_sideways_scroll(phone: Page, built: Desk) -> None:
    for address in ("dataset", "dataset?build=1&image=1"):
        visit(phone, f"{built.address}/{address}")
        phone.locator(".st-key-dataset_gallery, .preview").first.wait_for()
        settle(phone)
        stays_in_width(phone)
