"""The broker's process killed at each point between intent and acknowledgement, of each leg, and started again."""

from __future__ import annotations

import asyncio
import signal
from decimal import Decimal
from pathlib import Path

import pytest

from core.orders import OrderType, Side, Terms
from tests.fakes.gateway import Gateway
from tests.processes import PROCESSES
from tests.workers.broker.desk import DATABASE, Borrowed, desk, play
from tests.workers.broker.intents import LoudIntents, new_desk
from tests.workers.broker.killed import POINTS, die

LEGS = ("entry", "target", "stop")
BUY = Terms(Side.BUY, Decimal(10), OrderType.LIMIT, limit=100.0)


@pytest.mark.parametrize("point", POINTS)
def test_exactly_one_order_for_each_leg_wherever_it_was_killed(sqlite_template: Path, tmp_path: Path, point: str):
    async def scenario() -> None:
        async with asyncio.TaskGroup() as group:
            for leg in LEGS:
                group.create_task(killed_and_restarted(sqlite_template, tmp_path / leg, point, f"cr:1:{leg}"))

    play(scenario())


async def killed_and_restarted(template: Path, folder: Path, point: str, reference: str) -> None:
    folder.mkdir()
    async with Gateway() as gateway:
        new_desk(template, folder / DATABASE)
        LoudIntents(folder / DATABASE).commit_bracket(BUY, 95.0, 110.0)
        process = PROCESSES.Process(target=die, args=(gateway.port, folder / DATABASE, point, reference))
        process.start()
        try:
            await asyncio.to_thread(process.join, 30)
            assert process.exitcode == -signal.SIGKILL
        finally:
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
