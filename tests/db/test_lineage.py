"""The chain from bars to decision."""

import contextlib

import pytest

from db.engine import reader, writer
from db.store.lineage import Step, add_step, chain, steps_of
from db.store.revision import bump, current
from tests.factories import NOW


def step(kind, entity=None, entity_id=None, content=None):
    return Step(kind, kind, NOW, NOW, entity=entity, entity_id=entity_id, content=content)


@pytest.fixture
def recorded(engine):
    """Bars -> events -> signal 1 -> trade 7, and events -> signal 2."""
    with writer(engine) as session:
        bars = add_step(session, step("bars"))
        events = add_step(session, step("events"), [bars])
        signal = add_step(session, step("signal", "signal", 1), [events, bars, events])
        other = add_step(session, step("signal", "signal", 2), [events])
        trade = add_step(session, step("trade", "trade", 7), [signal])
    return bars, events, signal, other, trade


def test_chain_of_a_signal_holds_what_it_came_from_and_what_came_of_it(engine, recorded):
    bars, events, signal, _other, trade = recorded
    with reader(engine) as session:
        found = chain(session, "signal", 1)
    assert [row.id for row in found.steps] == [bars, events, signal, trade]
    assert found.edges == [(bars, events), (bars, signal), (events, signal), (signal, trade)]


def test_chain_of_a_trade_reaches_back_to_the_bars(engine, recorded):
    trade = recorded[-1]
    with reader(engine) as session:
        assert [row.kind for row in chain(session, "trade", 7).steps] == ["bars", "events", "signal", "trade"]
        assert steps_of(session, "trade", 7) == [trade]


def test_a_row_without_a_record_has_an_empty_chain(engine):
    with reader(engine) as session:
        found = chain(session, "signal", 99)
    assert (found.steps, found.edges) == ([], [])


def test_equal_content_has_an_equal_hash(engine):
    with writer(engine) as session:
        add_step(session, step("events", "x", 1, {"a": 1, "b": [0.1]}))
        add_step(session, step("events", "x", 1, {"b": [0.1], "a": 1}))
        add_step(session, step("events", "x", 1, {"b": [0.2], "a": 1}))
    with reader(engine) as session:
        one, two, three = (row.content_hash for row in chain(session, "x", 1).steps)
    assert one == two != three


def test_the_revision_counts_changes(engine):
    with reader(engine) as session:
        assert current(session) == 0
    for expected in (1, 2):
        with writer(engine) as session:
            bump(session)
        with reader(engine) as session:
            assert current(session) == expected


def test_a_change_that_failed_is_not_counted(engine):
    with contextlib.suppress(LookupError), writer(engine) as session:
        bump(session)
        raise LookupError
    with reader(engine) as session:
        assert current(session) == 0
