"""The process that owns the brokers, on a real queue, a real data base and a gateway of the loopback interface."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from redis import Redis
from rq import Worker
from sqlalchemy import Engine
from sqlmodel import select

from core.broker.link import Link
from core.broker.login import Login
from core.errors import BrokerError
from core.jobs import BROKER
from core.orders import Leg, OrderType, Side, Terms
from core.settings import Settings
from core.timeframe import Timeframe
from db.actions.broker import save_login, switch
from db.actions.orders import OrderRequest, place_order
from db.engine import engine_for, reader, writer
from db.models import BrokerLink, BrokerOrder, Trade
from db.store.bars.series import store_bars
from db.store.revision import bump
from db.views.broker import LinkView, link_now, reconciled
from tests.factories import NOW_MS, make_account, make_bars, make_symbol
from tests.fakes.gateway import Gateway, Script
from tests.workers.broker.desk import DATABASE
from tests.workers.broker.intents import ACCOUNT, STOCK
from tests.workers.desk_process import ROOT, clean_environment
from workers.broker.claim import claimed
from workers.broker.process import now_ms
from workers.broker.sweep import PaperSweep
from workers.health import Part, is_healthy

BUY = Terms(Side.BUY, Decimal(10), OrderType.LIMIT, limit=100.0)


class Process:
    """The process on a folder's data base; ended with the block, whatever happened."""

    def __init__(self, folder: Path, redis_url: str) -> None:
        self.engine = engine_for(f"sqlite:///{folder / DATABASE}")
        self.environment = clean_environment(folder, DATABASE_URL=str(self.engine.url), REDIS_URL=redis_url)
        self.settings = Settings.from_mapping(self.environment)

    async def __aenter__(self) -> Process:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.workers.broker.owning", cwd=ROOT, env=self.environment
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    @property
    def link(self) -> LinkView:
        with reader(self.engine) as session:
            return link_now(session, now_ms())

    def status(self, reference: str) -> str:
        with reader(self.engine) as session:
            return session.exec(select(BrokerOrder.status).where(BrokerOrder.reference == reference)).one()

    def place(self, key: str) -> str:
        """What the Orders page does."""
        request = OrderRequest(key, ACCOUNT, STOCK, {Leg.ENTRY: BUY}, broker="ibkr")
        return f"cr:{place_order(self.engine, request, datetime.now(UTC))}:entry"

    async def until(self, condition: Callable[[], object]) -> None:
        while not condition():
            assert self.process.returncode is None, "it has ended by itself"
            await asyncio.sleep(0.05)


def test_from_the_setting_to_the_journal_through_drops_and_kills(
    folder: Path, redis_connection: Redis, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", redis_url)

    async def scenario() -> None:
        async with Gateway() as gateway:
            async with Process(folder, redis_url) as desk:
                await enabled_while_it_runs(desk, gateway)
                await filled_into_the_journal(desk, gateway)
                await dropped_and_back(desk, gateway)
                assert is_healthy(Part.BROKER, desk.settings)
                assert not is_healthy(Part.WORKER, desk.settings)
                gateway.scripts["cr:2:entry"] = Script.SWALLOW
                desk.place("second")
                await gateway.taken("cr:2:entry")
                with (
                    pytest.raises(BrokerError, match=f"process {desk.process.pid}"),
                    claimed(desk.settings, desk.engine),
                ):
                    pass
                desk.process.send_signal(signal.SIGKILL)
                await desk.process.wait()
                assert desk.status("cr:2:entry") == "intent"
            async with Process(folder, redis_url) as desk:
                await desk.until(lambda: desk.status("cr:2:entry") == "submitted")
                assert gateway.placements == {"cr:1:entry": 1, "cr:2:entry": 1}
                switch(desk.engine, False, "", datetime.now(UTC))
                await desk.until(lambda: not gateway.sessions)
                await desk.until(lambda: desk.link.link is Link.OFF and desk.link.since)
                switch(desk.engine, True, "", datetime.now(UTC))
                await desk.until(lambda: desk.link.link is Link.CONNECTED)
                desk.process.send_signal(signal.SIGTERM)
                assert await desk.process.wait() == 0
                assert link_row(desk.engine) == ("off", "The broker process was stopped.")
                assert gateway.sessions == {}

    asyncio.run(asyncio.wait_for(scenario(), 100))
    names = {name for worker in Worker.all(redis_connection) for name in worker.queue_names()}
    assert names <= {BROKER}


def link_row(engine: Engine) -> tuple[str, str]:
    with reader(engine) as session:
        row = session.get_one(BrokerLink, "ibkr")
        return row.link, row.detail


async def enabled_while_it_runs(desk: Process, gateway: Gateway) -> None:
    save_login(desk.engine, Login(enabled=True, port=gateway.port, client_id=5), "", datetime.now(UTC))
    await desk.until(lambda: desk.link.link is Link.CONNECTED)
    assert (desk.link.account, set(gateway.sessions)) == ("DU1234567", {5})


async def filled_into_the_journal(desk: Process, gateway: Gateway) -> None:
    gateway.scripts["cr:1:entry"] = Script.FILL
    assert desk.place("first") == "cr:1:entry"
    await desk.until(lambda: desk.status("cr:1:entry") == "filled")
    with reader(desk.engine) as session:
        trade = session.exec(select(Trade)).one()
    assert (trade.account_id, trade.direction, trade.quantity, trade.entry_price) == (ACCOUNT, 1, Decimal(10), 100.0)


async def dropped_and_back(desk: Process, gateway: Gateway) -> None:
    with reader(desk.engine) as session:
        before = reconciled(session)
    gateway.server.close()
    gateway.drop()
    await desk.until(lambda: desk.link.link is Link.STALE)
    since = desk.link.since
    await desk.until(lambda: "nobody listens" in desk.link.detail)
    assert desk.link.since == since, "stale since the first moment"
    gateway.server = await asyncio.start_server(gateway._serve, "127.0.0.1", gateway.port)
    await desk.until(lambda: desk.link.link is Link.CONNECTED)
    with reader(desk.engine) as session:
        assert reconciled(session) > before


def test_one_owner_for_each_data_base(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.broker.claim.LEAVING", 0)
    first = Settings.from_mapping({"CHARTROOM_HOME": str(tmp_path / "a")})
    other = Settings.from_mapping({"CHARTROOM_HOME": str(tmp_path / "b")})
    with claimed(first, engine) as claim:
        claim.check()
        for second in (first, other):
            with pytest.raises(BrokerError, match="already belong"), claimed(second, engine):
                pass
    with claimed(other, engine):
        pass


def test_new_bars_fill_paper_orders_that_nobody_queued_a_job_for(sqlite_engine: Engine) -> None:
    with writer(sqlite_engine) as session:
        account, symbol = make_account(session), make_symbol(session)
        start = NOW_MS - 10 * Timeframe.M1.ms
        store_bars(session, symbol, make_bars([(101, 101, 101, 101)], start=start, timeframe=Timeframe.M1))
        bump(session)
        request = OrderRequest("paper", account.id or 0, symbol.id or 0, {Leg.ENTRY: BUY})
    clock = [start + Timeframe.M1.ms]
    place_order(sqlite_engine, request, datetime.fromtimestamp(clock[0] / 1000, UTC))
    sweep = PaperSweep(sqlite_engine, lambda: clock[0])
    sweep.step()
    with writer(sqlite_engine) as session:
        start, symbol = clock[0], session.merge(symbol)
        store_bars(session, symbol, make_bars([(101, 101, 98, 99)], start=start, timeframe=Timeframe.M1))
        bump(session)
    clock[0] += Timeframe.M1.ms
    sweep.step()
    with reader(sqlite_engine) as session:
        assert session.exec(select(BrokerOrder.status)).all() == ["filled"]
