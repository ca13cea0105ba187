"""The real ib_async client against a gateway that misbehaves: one order for one intent, and no position of our own
invention.
"""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from core.orders import Leg, OrderType, Side, Terms
from db.actions.guards import kill
from db.engine import engine_for
from tests.fakes.gateway import Gateway, Script, Session
from tests.workers.broker.desk import DATABASE, Borrowed, Desk, desk, play
from tests.workers.broker.intents import ACCOUNT, NOBODYS, now
from workers.broker.base import Attempt, DifferenceKind, Link
from workers.broker.ibkr.contracts import search

D = Decimal
ENTRY, TARGET, STOP = "cr:1:entry", "cr:1:target", "cr:1:stop"
BUY = Terms(Side.BUY, D(10), OrderType.LIMIT, limit=100.0)


def test_a_bracket_from_intent_to_target_in_parts(folder: Path):
    async def scenario() -> None:
        async with desk(folder) as d:
            d.store.commit_bracket(BUY, 95.0, 110.0)
            await d.until(entry="submitted", target="submitted", stop="submitted")
            legs = [(one.kind, one.parent, one.oca) for one in d.gateway.orders]
            number = d.gateway.order(ENTRY).number
            assert legs == [("LMT", 0, ""), ("LMT", number, "cr:1"), ("STP", number, "cr:1")]
            d.gateway.fill(ENTRY, 4, 100.0)
            await d.until(entry="partially_filled")
            d.gateway.fill(ENTRY, 6, 99.5)
            await d.until(entry="filled")
            assert d.store.get(ENTRY).order.average_price == D("99.7")
            d.check()
            d.gateway.fill(TARGET, 10, 110.0)
            await d.until(target="filled", stop="cancelled")
            await d.broker.reconcile()
            assert (d.gateway.positions, d.store.differences) == ({}, [])
            assert d.store.charges() == [1, 1, 1]
            d.store.commit(BUY, 2)
            await d.gateway.taken("cr:2:entry")
            assert d.gateway.contract_requests == 1
            d.check()

    play(scenario())


def test_a_rejection_is_kept_in_the_gateways_words(folder: Path):
    async def scenario() -> None:
        async with desk(folder) as d:
            d.gateway.scripts[ENTRY] = Script.REJECT
            d.store.commit(BUY)
            await d.until(entry="rejected")
            d.check()

    play(scenario())


@pytest.mark.parametrize(("filled", "status"), [(10, "filled"), (4, "cancelled")])
def test_a_fill_that_overtakes_a_cancel_counts(folder: Path, filled: int, status: str):
    async def scenario() -> None:
        async with desk(folder) as d:
            d.store.commit(BUY)
            await d.until(entry="submitted")
            d.gateway.before_cancel[ENTRY] = filled
            d.store.ask_cancel(ENTRY)
            await d.until(entry=status)
            assert d.store.get(ENTRY).order.filled == filled
            d.check()

    play(scenario())


def test_what_is_called_off_while_its_contract_is_looked_up_is_not_sent(folder: Path):
    class Stopped(Gateway):
        def _on_9(self, session: Session, fields: list[str]) -> None:
            kill(engine_for(f"sqlite:///{folder / DATABASE}"), ACCOUNT, datetime.now(UTC))
            super()._on_9(session, fields)

    async def scenario() -> None:
        async with desk(folder, Stopped()) as d:
            d.store.commit_bracket(BUY, 95.0, 110.0)
            await d.until(entry="cancelled", target="cancelled", stop="cancelled")
            assert not d.gateway.placements
            # As late as the number is reserved.
            assert not d.store.begin(ENTRY, Attempt(7, 1, now()))

    play(scenario())


@pytest.mark.parametrize("script", [Script.SWALLOW, Script.SWALLOW_AND_CUT, Script.ACKNOWLEDGE_AND_CUT, Script.CUT])
def test_an_order_is_placed_once_whatever_happens_to_the_answer(folder: Path, script: Script):
    async def scenario() -> None:
        async with desk(folder, acknowledge=0.05) as d:
            d.gateway.scripts[ENTRY] = script
            d.store.commit(BUY)
            await d.until(entry="submitted")
            d.gateway.fill(ENTRY, 10, 100.0)
            await d.until(entry="filled")
            d.check()

    play(scenario())


def test_what_happened_while_the_line_was_dead_is_taken_in(folder: Path):
    """Cut after the acknowledgement; half is filled and the rest cancelled before the desk is back."""

    async def scenario() -> None:
        async with desk(folder, first_wait=0.05, longest_wait=0.05) as d:
            d.store.commit(BUY)
            await d.until(entry="submitted")
            d.gateway.drop()
            d.gateway.fill(ENTRY, 5, 100.0)
            d.gateway.cancel(d.gateway.order(ENTRY))
            await d.until(entry="cancelled")
            await d.connected()
            assert {Link.CONNECTED, Link.STALE} <= {one.link for one in d.store.links}
            assert d.store.get(ENTRY).order.filled == 5
            d.check()

    play(scenario())


def test_an_unknown_code_makes_a_live_order_unknown_until_a_look_finds_it_alive(folder: Path):
    async def scenario() -> None:
        async with desk(folder) as d:
            d.store.commit(BUY)
            await d.until(entry="submitted")
            d.gateway.complain(ENTRY, 10349, "Order TIF was set to DAY based on order preset.")
            await d.store.until(lambda: len(d.store.steps(ENTRY)) == 4)
            words = "Order TIF was set to DAY based on order preset. (10349)"
            lost, found, noted = d.store.steps(ENTRY)[1:]
            assert (lost, found[:2], noted) == (
                ("unknown", "lost", words),
                ("submitted", "submitted"),
                ("submitted", "noted", words),
            )
            d.gateway.fill(ENTRY, 10, 100.0)
            await d.until(entry="filled")
            d.check()

    play(scenario())


def test_an_order_that_nobody_knows_any_more_is_shown_to_a_person(folder: Path):
    async def scenario() -> None:
        async with desk(folder) as d:
            d.store.commit(BUY)
            await d.until(entry="submitted")
            d.gateway.complain(ENTRY, 99999, "Something new.")
            d.gateway.forget(ENTRY)
            await d.until(entry="unknown")
            await d.broker.reconcile()
            assert [one.kind for one in d.store.differences] == [DifferenceKind.ORDER_LOST]
            assert d.gateway.placements[ENTRY] == 1

    play(scenario())


def test_warnings_are_no_errors(folder: Path):
    async def scenario() -> None:
        async with desk(folder) as d:
            d.store.commit(BUY)
            await d.until(entry="submitted")
            d.gateway.say(2104, "Market data farm connection is OK:usfarm")
            d.gateway.complain(ENTRY, 399, "Your order will not be placed at the exchange until 09:30.")
            await d.store.until(lambda: d.store.steps(ENTRY)[-1][1] == "noted")
            assert d.status(ENTRY) == "submitted"
            d.gateway.say(1102, "Connectivity between IB and TWS has been restored.")
            d.gateway.add_foreign("MSFT", 3)
            await d.store.until(lambda: bool(d.store.differences))
            kinds = [one.kind for one in d.store.differences]
            assert kinds == [DifferenceKind.FOREIGN_EXECUTION, DifferenceKind.POSITION]

    play(scenario())


def test_a_client_id_in_use_is_named_and_waited_for(folder: Path):
    async def scenario() -> None:
        async with Gateway() as gateway:
            _, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
            hello, start = b"v157..178", b"71\0002\00017\0\0"
            for part in (hello, start):
                head = b"API\0" if part is hello else b""
                writer.write(head + len(part).to_bytes(4, "big") + part)
            async with gateway.arrived:
                await gateway.arrived.wait_for(lambda: 17 in gateway.sessions)
            async with desk(folder, Borrowed(gateway)) as d:
                d.store.commit(BUY)
                await d.store.until(lambda: bool(d.store.links))
                assert d.store.links[-1].link is Link.STALE
                assert "Client id 17 is in use" in d.store.links[-1].detail
                assert not gateway.orders
                writer.close()
                await d.until(entry="submitted")
                d.check()

    play(scenario())


def test_a_live_account_behind_a_paper_setting_is_left_alone(folder: Path):
    async def scenario() -> None:
        async with desk(folder, Gateway(account="U7654321")) as d:
            d.store.commit(BUY)
            await d.store.until(lambda: bool(d.store.links))
            assert "U7654321 is a live account" in d.store.links[-1].detail
            assert not d.gateway.orders

    play(scenario())


def test_a_change_is_what_the_gateway_then_shows(folder: Path):
    async def scenario() -> None:
        async with desk(folder) as d:
            d.store.commit(BUY)
            await d.until(entry="submitted")
            dearer = Terms(Side.BUY, D(8), OrderType.LIMIT, limit=101.5)
            d.store.ask_change(ENTRY, dearer)
            await d.store.until(lambda: d.store.get(ENTRY).order.terms == dearer)
            assert (d.gateway.order(ENTRY).limit, d.store.get(ENTRY).wanted) == ("101.5", None)
            d.gateway.fixed.add(ENTRY)
            d.store.ask_change(ENTRY, BUY)
            await d.store.until(lambda: d.store.steps(ENTRY)[-1][1] == "request_refused")
            assert (d.store.get(ENTRY).order.terms, d.status(ENTRY)) == (dearer, "submitted")
            d.check()

    play(scenario())


def test_what_came_too_late_is_not_sent(folder: Path):
    async def scenario() -> None:
        async with desk(folder) as d:
            d.store.commit(BUY, send_before=now() - 1)
            await d.until(entry="expired")
            assert not d.gateway.orders

    play(scenario())


def test_an_exit_that_comes_after_its_entry_closes_what_that_filled(folder: Path):
    async def scenario() -> None:
        async with desk(folder) as d:
            d.store.commit(BUY)
            await d.until(entry="submitted")
            d.gateway.fill(ENTRY, 4, 100.0)
            d.gateway.cancel(d.gateway.order(ENTRY))
            await d.until(entry="cancelled")
            d.store.commit_exit(Leg.STOP, Terms(Side.SELL, D(10), OrderType.STOP, stop=95.0))
            await d.until(stop="submitted")
            placed = d.gateway.order(STOP)
            assert (placed.quantity, placed.parent, placed.transmit) == (4.0, 0, True)
            d.gateway.fill(STOP, 4, 95.0)
            await d.until(stop="filled")
            d.check()

    play(scenario())


def test_an_instrument_that_the_gateway_does_not_know_is_rejected_in_words(folder: Path):
    async def scenario() -> None:
        async with desk(folder) as d:
            reference = d.store.commit(BUY, symbol=NOBODYS)
            await d.until(entry="rejected")
            assert "No security definition has been found" in d.store.steps(reference)[-1][2]
            found = await search(d.broker.connection, "micro")
            names = [(one.instrument.key, one.number, one.description) for one in found]
            assert names == [("MSFT.STK.USD", 272093, "MICROSOFT CORP")]

    play(scenario())


@pytest.mark.parametrize("seed", range(6))
def test_chaos_ends_with_both_sides_agreeing(folder: Path, seed: int):
    """Placements, fills, cancels and cuts in a random order; at the end every order and every unit is the gateway's."""

    async def scenario() -> None:
        dice = random.Random(seed)
        async with desk(folder, acknowledge=0.05) as d:
            references: list[str] = []
            for number in range(1, 7):
                bracketed = dice.random() < 0.5
                new = d.store.commit_bracket(BUY, 95.0, 110.0, number) if bracketed else [d.store.commit(BUY, number)]
                for reference in new:
                    d.gateway.scripts[reference] = dice.choice(list(Script))
                references += new
                await d.gateway.taken(new[0])
                await _disturb(dice, d, references)
            d.gateway.scripts.clear()
            await d.connected()
            await d.store.until(lambda: all(_same(d, one) for one in references))
            await d.store.until(lambda: not d.store.differences)
            d.check()

    play(scenario())


async def _disturb(dice: random.Random, d: Desk, references: list[str]) -> None:
    live = [one for one in d.gateway.orders if not one.over and one.transmit and not one.parent]
    for one in live:
        what = dice.random()
        if what < 0.4:
            d.gateway.fill(one.reference, dice.randint(1, int(one.remaining)), 100.0)
        elif what < 0.6:
            d.store.ask_cancel(one.reference)
        elif what < 0.7:
            d.gateway.complain(one.reference, 10349, "Preset.")
        elif what < 0.8:
            d.gateway.drop()


def _same(d: Desk, reference: str) -> bool:
    """The desk's word for an order is the gateway's."""
    ours = d.store.get(reference).order
    found = [one for one in d.gateway.orders if one.reference == reference]
    if not found:
        return ours.status.value == "cancelled"
    words = {"Filled": "filled", "Cancelled": "cancelled", "Inactive": "rejected"}
    working = "partially_filled" if found[0].deals else "submitted"
    return (ours.status.value, ours.filled) == (words.get(found[0].status, working), found[0].filled)
