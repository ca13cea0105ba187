"""At the gateway the exits of a trade are never for more than is open of it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from core.orders import Leg, OrderType, Side, Terms
from db.actions.orders import OrderRequest, place_order
from tests.workers.broker.desk import Desk, desk, play

ENTRY, TARGET, STOP = "cr:1:entry", "cr:1:target", "cr:1:stop"
BUY = Terms(Side.BUY, Decimal(10), OrderType.LIMIT, limit=100.0)


async def _sizes(d: Desk, size: int) -> None:
    """Until the desk knows that the gateway has both exits in this size."""
    await d.store.until(lambda: all(d.store.get(name).order.terms.quantity == size for name in (TARGET, STOP)))
    assert [d.gateway.order(name).quantity for name in (TARGET, STOP)] == [size, size]


@pytest.mark.parametrize("left", [4, 6])
def test_exits_are_reduced_at_the_gateway(folder: Path, left: int):
    """The entry ends with 4 filled; or it fills, and an order closes 4 of 10."""

    async def scenario() -> None:
        async with desk(folder) as d:
            d.store.commit_bracket(BUY, 95.0, 110.0)
            await d.until(entry="submitted", target="submitted", stop="submitted")
            d.gateway.fill(ENTRY, 4 if left == 4 else 10, 100.0)
            if left == 4:
                await d.until(entry="partially_filled")
                d.store.ask_cancel(ENTRY)
            else:
                await d.until(entry="filled")
                out = {Leg.ENTRY: Terms(Side.SELL, Decimal(4), OrderType.LIMIT, limit=101.0)}
                place_order(d.store.engine, OrderRequest("out", 1, 1, out, "ibkr", closes=1), datetime.now(UTC))
                await d.gateway.taken("cr:2:entry")
                d.gateway.fill("cr:2:entry", 4, 101.0)
            await _sizes(d, left)
            d.gateway.fill(STOP, left, 95.0)
            await d.until(stop="filled", target="cancelled")
            assert d.gateway.positions == {}
            d.check()
            assert await d.broker.reconcile() == []

    play(scenario())
