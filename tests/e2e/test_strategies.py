"""The Strategies page in a real browser, over a real Redis: copy, change, refuse, run, two windows, a phone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect
from redis import Redis
from rq import Queue
from sqlmodel import Session, select

from core.jobs import SCAN
from db.engine import engine_for, writer
from db.migrate import upgrade
from db.models import Strategy, StrategySymbol
from tests.dashboard.world import add_signal, build
from tests.e2e.browser import PHONE, WIDE, executable, settle, stays_in_width, visit
from tests.e2e.test_pages import ROOT, Desk, _wait_for, _watched, browser, page  # noqa: F401  (fixtures)
from tests.ports import free_port

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(executable() is None, reason="no Chrome or Chromium: install one or set BROWSER_PATH"),
]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Desk]:
    """A dashboard with a queue; the first strategy watches the first symbol."""
    home = tmp_path_factory.mktemp("strategies")
    engine = engine_for(f"sqlite:///{home / 'chartroom.db'}")
    upgrade(engine)
    ids = build(engine, datetime.now(UTC))
    with writer(engine) as session:
        session.add(StrategySymbol(strategy_id=1, symbol_id=1))
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "dashboard/app.py", "--server.port", str(port)]
    names = {"DATABASE_URL": str(engine.url), "REDIS_URL": redis_url, "CHARTROOM_HOME": str(home)}
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | names) as server:
        try:
            _wait_for(f"http://127.0.0.1:{port}/_stcore/health")
            yield Desk(f"http://127.0.0.1:{port}", engine, ids)
        finally:
            server.terminate()


def stored(desk: Desk, name: str) -> Strategy:
    with Session(desk.engine) as session:
        return session.exec(select(Strategy).where(Strategy.name == name)).one()


def test_a_copy_is_changed_and_saved_in_place(page: Page, desk: Desk) -> None:  # noqa: F811
    visit(page, f"{desk.address}/strategies?strategy=1")
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.locator(".head h2")).to_have_text("SMC intraday copy")
    page.wait_for_url("**/strategies?strategy=3")
    settle(page)
    page.get_by_label("Zone bars", exact=True).fill("40")
    # Pressed while the field still has the cursor: one click saves.
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_test_id("stToast").last).to_contain_text("SMC intraday copy is saved")
    assert (stored(desk, "SMC intraday copy").parameters["zone_bars"], stored(desk, "SMC intraday").parameters) == (
        40,
        {},
    )


def test_a_bad_cron_line_is_refused_with_its_sentence(page: Page, desk: Desk) -> None:  # noqa: F811
    visit(page, f"{desk.address}/strategies?strategy=2")
    line = page.get_by_label("Schedule (cron line, UTC)", exact=True)
    line.fill("10 0 * * 1-5")
    line.press("Enter")
    expect(page.get_by_text("At 00:10 UTC from Monday to Friday")).to_be_visible()
    line.fill("soon")
    line.press("Enter")
    expect(page.locator("[role=alert].down")).to_contain_text("'soon' is no cron line: use five fields")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_test_id("stAlert")).to_contain_text("'soon' is no cron line")
    assert stored(desk, "SMC daily").schedule == "10 0 * * *"


def test_run_now_puts_a_job_into_the_queue(page: Page, desk: Desk, redis_url: str) -> None:  # noqa: F811
    visit(page, f"{desk.address}/strategies?strategy=1")
    page.get_by_role("button", name="Run now").click()
    expect(page.get_by_test_id("stToast").last).to_contain_text("1 scan is asked for")
    with Redis.from_url(redis_url) as connection:
        (job,) = Queue(SCAN, connection=connection).jobs
        assert (job.func_name, job.args[:2]) == ("workers.tasks.scan.scan_now", (1, 1))


def test_the_second_of_two_windows_is_told(page: Page, browser: Browser, desk: Desk) -> None:  # noqa: F811
    for other in _watched(browser, WIDE):
        for tab, value in ((page, "31"), (other, "32")):
            visit(tab, f"{desk.address}/strategies?strategy=2")
            tab.get_by_label("Shift bars", exact=True).fill(value)
            tab.get_by_label("Shift bars", exact=True).press("Enter")
            settle(tab)
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_test_id("stToast").last).to_contain_text("SMC daily is saved")
        other.get_by_role("button", name="Save", exact=True).click()
        expect(other.get_by_text("was changed in another window meanwhile: reload")).to_be_visible()
        expect(other.get_by_label("Shift bars", exact=True)).to_have_value("32")
        assert stored(desk, "SMC daily").parameters["shift_bars"] == 31
        other.get_by_role("button", name="Discard changes").click()
        expect(other.get_by_role("button", name="Discard changes")).to_be_hidden()
        settle(other)
        expect(other.get_by_label("Shift bars", exact=True)).to_have_value("31")


def test_a_refresh_leaves_half_a_word_alone(page: Page, desk: Desk) -> None:  # noqa: F811
    visit(page, f"{desk.address}/strategies?strategy=1")
    name = page.get_by_label("Name", exact=True)
    name.fill("half a na")
    before = page.locator(".st-key-strategy_on_1 dl").inner_text()
    add_signal(desk.engine, datetime.now(UTC), 77)
    expect(page.locator(".st-key-strategy_on_1 dl")).not_to_have_text(before)
    expect(page.locator(".st-key-strategy_on_1 dl")).to_contain_text("7")
    expect(name).to_have_value("half a na")


@pytest.mark.parametrize("place", ["strategy=1", "strategy=new"])
def test_a_phone_needs_no_sideways_scroll(place: str, browser: Browser, desk: Desk) -> None:  # noqa: F811
    for phone in _watched(browser, PHONE):
        visit(phone, f"{desk.address}/strategies?{place}")
        phone.get_by_label("Schedule (cron line, UTC)", exact=True).wait_for()
        stays_in_width(phone)
