"""A person's decision about a difference, and what the broker's loop makes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlmodel import select

from core.broker.differences import Resolution
from core.orders import OrderType, Side, Terms
from db.actions.broker_differences import Decision, resolve_difference
from db.engine import reader
from db.models import BrokerDifference
from tests.workers.broker.desk import Desk, desk, play
from workers.broker.base import DifferenceKind

BUY = Terms(Side.BUY, Decimal(10), OrderType.LIMIT, limit=100.0)
ENTRY = "cr:1:entry"


async def decided(d: Desk, kind: DifferenceKind, decision: Decision) -> None:
    """Compare, and decide about the one difference of this kind."""
    await d.broker.reconcile()
    with reader(d.store.engine) as session:
        query = select(BrokerDifference.id).where(BrokerDifference.kind == kind.value)
        (found,) = session.exec(query.where(BrokerDifference.gone_at == None))  # noqa: E711
    resolve_difference(d.store.engine, found, decision, datetime.now(UTC))


@pytest.mark.parametrize(
    ("resolution", "limit"), [(Resolution.TERMS_TAKEN, 90.0), (Resolution.TERMS_SENT, 100.0), (Resolution.KNOWN, 90.0)]
)
def test_an_order_changed_at_the_broker(folder: Path, resolution: Resolution, limit: float):
    async def scenario() -> None:
        async with desk(folder) as d:
            d.store.commit(BUY)
            await d.until(entry="submitted")
            d.gateway.order(ENTRY).limit = "90"
            await decided(d, DifferenceKind.TERMS, Decision(resolution, "seen on the phone"))
            await d.store.until(lambda: d.store.get(ENTRY).wanted is None)
            assert float(d.gateway.order(ENTRY).limit) == limit
            kept = d.store.get(ENTRY).order.terms
            assert kept == replace(BUY, limit=90.0 if resolution is Resolution.TERMS_TAKEN else 100.0)
            await d.broker.reconcile()
            assert d.store.differences == []

    play(scenario())


def test_an_order_that_nobody_can_account_for_was_filled(folder: Path):
    async def scenario() -> None:
        async with desk(folder, acknowledge=0.05) as d:
            d.store.commit(BUY)
            await d.until(entry="submitted")
            d.gateway.complain(ENTRY, 999, "Something nobody knows")
            d.gateway.forget(ENTRY)
            await d.until(entry="unknown")
            decision = Decision(Resolution.FILLED, "by the statement", None, Decimal(10), Decimal("99.5"))
            await decided(d, DifferenceKind.ORDER_LOST, decision)
            assert d.store.get(ENTRY).order.average_price == Decimal("99.5")
            await d.broker.reconcile()
            assert {one.kind for one in d.store.differences} == {DifferenceKind.POSITION, DifferenceKind.CASH}

    play(scenario())
