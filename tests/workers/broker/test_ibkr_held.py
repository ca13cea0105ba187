"""At the gateway the exits of a trade are never for more than is open of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from core.orders import Leg, OrderType, Side, Terms
from db.actions.orders import OrderRequest, place_order
from db.store.orders import state as orders
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


def _close(d: Desk, quantity: int) -> str:
    """A person sends an order that closes so much of trade 1."""
    out = {Leg.ENTRY: Terms(Side.SELL, Decimal(quantity), OrderType.LIMIT, limit=101.0)}
    number = place_order(d.store.engine, OrderRequest("out", 1, 1, out, "ibkr", closes=1), datetime.now(UTC))
    return f"cr:{number}:entry"


@pytest.mark.parametrize("first", ["closing", "stop", "stop in part"])
def test_an_order_that_closes_all_and_the_exits_cancel_each_other_at_the_gateway(folder: Path, first: str):
    """Whichever fills first: the desk does not get to speak in between."""

    async def scenario() -> None:
        async with desk(folder) as d:
            d.store.commit_bracket(BUY, 95.0, 110.0)
            await d.until(entry="submitted", target="submitted", stop="submitted")
            d.gateway.fill(ENTRY, 10, 100.0)
            await d.until(entry="filled")
            closing = _close(d, 10)
            await d.gateway.taken(closing)
            assert {d.gateway.order(name).oca for name in (TARGET, STOP, closing)} == {"cr:1"}
            if first == "stop in part":
                d.gateway.fill(STOP, 4, 95.0)
                assert d.gateway.order(closing).quantity == d.gateway.order(TARGET).quantity == 6
            if first == "stop":
                d.gateway.fill(STOP, 10, 95.0)
            else:
                d.gateway.fill(closing, 10 if first == "closing" else 6, 101.0)
            assert d.gateway.positions == {}
            assert all(d.gateway.order(name).over for name in (TARGET, STOP, closing))
            await d.store.until(lambda: all(d.store.get(name).order.status.final for name in (TARGET, STOP, closing)))
            d.check()
            assert await d.broker.reconcile() == []

    play(scenario())


def test_a_reduction_that_was_refused_is_asked_for_again(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(orders, "AGAIN", timedelta(0))

    async def scenario() -> None:
        async with desk(folder) as d:
            d.store.commit_bracket(BUY, 95.0, 110.0)
            await d.until(entry="submitted", target="submitted", stop="submitted")
            d.gateway.fill(ENTRY, 10, 100.0)
            await d.until(entry="filled")
            d.gateway.fixed |= {STOP}
            closing = _close(d, 4)
            await d.gateway.taken(closing)
            assert d.gateway.order(closing).oca == ""
            d.gateway.fill(closing, 4, 101.0)
            await d.store.until(lambda: d.store.get(TARGET).order.terms.quantity == 6)
            await d.store.until(lambda: "161" in d.store._row(STOP).error)
            assert d.gateway.order(STOP).quantity == 10
            d.gateway.fixed.clear()
            await d.broker.reconcile()
            await _sizes(d, 6)
            d.check()
            assert await d.broker.reconcile() == []

    play(scenario())
