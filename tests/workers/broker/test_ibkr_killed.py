"""The broker's process killed at each point between intent and acknowledgement, of each leg, and started again."""

from __future__ import annotations

import asyncio
import signal
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from core.orders import OrderType, Side, Terms
from tests.fakes.gateway import Gateway
from tests.workers.broker.desk import Borrowed, desk, play
from tests.workers.broker.intents import SqliteIntents
from tests.workers.broker.killed import POINTS
from tests.workers.desk_process import ROOT

LEGS = ("entry", "target", "stop")
BUY = Terms(Side.BUY, Decimal(10), OrderType.LIMIT, limit=100.0)


@pytest.mark.parametrize("point", POINTS)
def test_exactly_one_order_for_each_leg_wherever_it_was_killed(tmp_path: Path, point: str):
    async def scenario() -> None:
        async with asyncio.TaskGroup() as group:
            for leg in LEGS:
                group.create_task(killed_and_restarted(tmp_path / leg, point, f"cr:1:{leg}"))

    play(scenario())


async def killed_and_restarted(folder: Path, point: str, reference: str) -> None:
    folder.mkdir()
    async with Gateway() as gateway:
        SqliteIntents(folder / "intents.db").commit_bracket(BUY, 95.0, 110.0)
        command = ("-m", "tests.workers.broker.killed", str(gateway.port), str(folder / "intents.db"), point, reference)
        process = await asyncio.create_subprocess_exec(sys.executable, *command, cwd=ROOT)
        try:
            assert await process.wait() == -signal.SIGKILL
        finally:
            if process.returncode is None:
                process.kill()
        async with desk(folder, Borrowed(gateway)) as d:
            await d.until(entry="submitted", target="submitted", stop="submitted")
            assert set(gateway.placements) == {f"cr:1:{leg}" for leg in LEGS}
            assert all(one.transmit for one in gateway.orders)
            gateway.fill("cr:1:entry", 10, 100.0)
            await d.until(entry="filled")
            gateway.fill("cr:1:stop", 10, 95.0)
            await d.until(target="cancelled", stop="filled")
            d.check()
