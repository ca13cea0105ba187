"""The chain from bars to decision."""

import contextlib
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import text

from core.errors import LineageError
from db.engine import reader, writer
from db.store.lineage.steps import Step, add_step, chain, settings_step, steps_of
from db.store.revision import bump, current
from db.views.lineage.search import Wanted, search
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


@pytest.mark.parametrize(("kind", "words"), [("guess", "is no kind of step"), ("events", "comes from nothing")])
def test_a_step_of_no_kind_or_from_nothing_is_refused(engine, kind, words):
    with pytest.raises(LineageError, match=words), writer(engine) as session:
        add_step(session, step(kind))


def test_settings_are_one_step_a_version(engine):
    asked = [(1, {"risk": "0.5"}), (1, {"risk": "0.5"}), (2, {"risk": "1"}), (3, {"risk": "0.5"}), (2, {"risk": "1"})]
    with writer(engine) as session:
        ids = [settings_step(session, "account", 1, version, content, NOW) for version, content in asked]
    assert ids[0] == ids[1] < ids[2] == ids[4] < ids[3]


def test_eight_that_ask_for_the_same_settings_share_a_step(engine):
    gate = Barrier(8)

    def ask(_):
        with writer(engine) as session:
            session.execute(text("SELECT 1"))
            if engine.dialect.name == "postgresql":
                gate.wait()  # all are in their transactions before the first of them commits
            return settings_step(session, "account", 1, 1, {"risk": "0.5"}, NOW)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1


def test_a_row_without_a_record_has_an_empty_chain(engine):
    with reader(engine) as session:
        found = chain(session, "signal", 99)
    assert (found.steps, found.edges) == ([], [])


def test_equal_content_has_an_equal_hash(engine):
    with writer(engine) as session:
        add_step(session, step("bars", "x", 1, {"a": 1, "b": [0.1]}))
        add_step(session, step("bars", "x", 1, {"b": [0.1], "a": 1}))
        add_step(session, step("bars", "x", 1, {"b": [0.2], "a": 1}))
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


def test_a_search_for_what_no_data_base_stores_finds_the_rest(engine, recorded):
    with reader(engine) as session:
        assert [one.kind for one in search(session, Wanted("tra\0de\ud800"), 10)] == ["trade"]
        assert not Wanted("\0").anything
