"""The life of an order: what may follow what, and what a race leaves behind."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import IllegalTransitionError
from core.orders import Event, EventKind, Execution, Order, Side, Source, Status, Terms, record, replay, transition

K = EventKind
TEN = Order(Terms(Side.BUY, Decimal(10)))


def said(kind: EventKind, **more: object) -> Event:
    return Event(kind, 1_000, Source.IBKR, **more)


def fill(number: int, quantity: int = 4, price: int = 100, revision: int = 0) -> Event:
    return said(K.FILL, execution=Execution(f"x{number}", Decimal(quantity), Decimal(price), revision))


def test_from_intent_to_filled_with_every_change_on_record():
    order, records = replay(TEN, [said(K.SUBMITTED, detail="ack"), fill(1), fill(2, 6, 105)])
    assert order.status is Status.FILLED
    assert order.average_price == Decimal(103)
    assert [(one.before, one.after) for one in records] == [
        (Status.INTENT, Status.SUBMITTED),
        (Status.SUBMITTED, Status.PARTIALLY_FILLED),
        (Status.PARTIALLY_FILLED, Status.FILLED),
    ]
    assert (records[0].source, records[0].time, records[0].detail) == (Source.IBKR, 1_000, "ack")


def test_what_is_said_twice_changes_nothing():
    order, records = replay(TEN, [said(K.SUBMITTED), said(K.SUBMITTED), fill(1), fill(1), said(K.SUBMITTED)])
    assert (order.filled, len(records)) == (Decimal(4), 2)


@pytest.mark.parametrize(
    ("before", "status", "filled"),
    [
        ([fill(1, 10)], Status.FILLED, 10),
        ([fill(1)], Status.CANCELLED, 4),
        ([], Status.CANCELLED, 0),
    ],
)
def test_a_cancel_races_fills_that_arrive_after_it(before: list[Event], status: Status, filled: int):
    asked = [said(K.SUBMITTED), said(K.CANCEL_REQUESTED)]
    order, _ = replay(TEN, [*asked, said(K.CANCELLED), *before])
    assert (order.status, order.filled, order.cancelling) == (status, Decimal(filled), False)
    if status is not Status.FILLED:
        same, _ = replay(TEN, [*asked, *before, said(K.CANCELLED)])
        assert (same.status, same.filled) == (order.status, order.filled)


def test_a_refused_cancel_is_over_and_on_record():
    asked, _ = replay(TEN, [said(K.SUBMITTED), said(K.CANCEL_REQUESTED)])
    refused = said(K.REQUEST_REFUSED, detail="10148 cannot be cancelled, state: Filled")
    after = transition(asked, refused)
    assert (asked.cancelling, after.cancelling, after.status) == (True, False, Status.SUBMITTED)
    assert record(after, refused, after) is not None


def test_a_fill_after_a_rejection_proves_it_wrong():
    rejected, _ = replay(TEN, [said(K.REJECTED)])
    assert transition(rejected, fill(1)).status is Status.UNKNOWN
    assert transition(rejected, fill(1, 10)).status is Status.FILLED


def test_a_correction_replaces_the_execution_and_an_old_one_is_ignored():
    order, _ = replay(TEN, [said(K.SUBMITTED), fill(1, 4), fill(1, 3, 101, revision=1), fill(1, 4)])
    assert (order.filled, order.average_price) == (Decimal(3), Decimal(101))
    with pytest.raises(IllegalTransitionError, match="already reported as 3@101"):
        transition(order, fill(1, 2, 101, revision=1))


def test_more_than_asked_for_is_refused():
    with pytest.raises(IllegalTransitionError, match="12 would be filled of 10"):
        replay(TEN, [fill(1, 6), fill(2, 6)])


def test_an_unknown_order_is_settled_by_whatever_the_broker_says_next():
    lost, _ = replay(TEN, [said(K.SUBMITTED), fill(1), said(K.LOST)])
    assert lost.status is Status.UNKNOWN
    assert transition(lost, said(K.SUBMITTED)).status is Status.PARTIALLY_FILLED
    assert transition(lost, said(K.CANCELLED)).status is Status.CANCELLED
    assert transition(lost, fill(2, 6)).status is Status.FILLED


def test_a_change_keeps_the_side_and_what_is_filled():
    order, _ = replay(TEN, [said(K.SUBMITTED), fill(1)])
    assert transition(order, said(K.MODIFIED, terms=replace(TEN.terms, quantity=Decimal(4)))).status is Status.FILLED
    with pytest.raises(IllegalTransitionError, match="4 are already filled"):
        transition(order, said(K.MODIFIED, terms=replace(TEN.terms, quantity=Decimal(3))))
    with pytest.raises(IllegalTransitionError, match="keeps the side"):
        transition(order, said(K.MODIFIED, terms=replace(TEN.terms, side=Side.SELL)))


# Independent of the code: which kinds of event a person would find possible in which state.
ENDS = {K.CANCELLED, K.REJECTED, K.EXPIRED}
REFUSED = {
    Status.FILLED: {K.SUBMITTED, K.CANCEL_REQUESTED, K.MODIFIED, K.LOST} | ENDS,
    Status.CANCELLED: {K.SUBMITTED, K.CANCEL_REQUESTED, K.MODIFIED} | ENDS - {K.CANCELLED},
    Status.REJECTED: {K.SUBMITTED, K.CANCEL_REQUESTED, K.MODIFIED} | ENDS - {K.REJECTED},
    Status.EXPIRED: {K.SUBMITTED, K.CANCEL_REQUESTED, K.MODIFIED} | ENDS - {K.EXPIRED},
}


@pytest.mark.parametrize("status", list(Status))
def test_what_cannot_follow_is_refused(status: Status):
    order = replace(TEN, status=status)
    refused = set()
    for kind in set(K) - {K.FILL}:
        try:
            transition(order, said(kind, terms=replace(TEN.terms, limit=99.0)))
        except IllegalTransitionError:
            refused.add(kind)
    assert refused == REFUSED.get(status, set())


@settings(max_examples=60)
@given(st.lists(st.sampled_from([*K, *range(1, 4)]), max_size=12))
def test_fills_add_up_whatever_else_is_said(stream: list[EventKind | int]):
    """Any mixture of fills with statuses, repeats and refusals leaves the sum of the executions."""
    order, seen = TEN, set()
    for one in stream:
        event = fill(one, 3) if isinstance(one, int) else said(one, terms=replace(TEN.terms, limit=99.0))
        try:
            order = transition(order, event)
        except IllegalTransitionError:
            continue
        if event.execution is not None:
            seen.add(event.execution.id)
    assert order.filled == 3 * len(seen)
    assert (order.status is Status.FILLED) == (order.remaining == 0)
