"""Strategies as a person handles them: nothing that cannot run is stored, and no change overwrites another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlmodel import select

from core.errors import ConflictError, DeskError, NotFoundError
from core.timeframe import Timeframe
from db.actions.strategies import StrategyDraft, copy_strategy, create_strategy, edit_strategy, run_now, set_active
from db.engine import reader, writer
from db.models import Strategy
from db.store.revision import current
from db.store.strategies import get_strategy, symbols_of, versions
from tests.factories import NOW, NOW_MS, make_signal, make_symbol

DAILY = {"structure": "W1", "shift": "D1", "entry": "D1"}


@pytest.fixture
def draft(engine):
    """A draft on one symbol with bars from M5 up."""
    with writer(engine) as session:
        symbol = make_symbol(session, base_timeframe=int(Timeframe.M5))
        return StrategyDraft("Mine", "smc_mtf", "*/5 * * * *", {}, [symbol.id])


def stored(engine, strategy_id):
    with reader(engine) as session:
        return get_strategy(session, strategy_id), [symbol.name for symbol in symbols_of(session, strategy_id)]


def test_a_new_strategy_is_stored_with_all_its_parameters(engine, draft):
    made = create_strategy(engine, replace(draft, name="  Mine ", schedule=" */5  * * * * "), NOW)
    row, symbols = stored(engine, made)
    assert (row.name, row.kind, row.schedule, row.active, row.version) == ("Mine", "smc_mtf", "*/5 * * * *", True, 1)
    assert (row.parameters["entry"], row.parameters["minimum_r"], symbols) == ("M5", 1.5, ["SIM-EURUSD"])
    with reader(engine) as session:
        assert current(session) == 1


BAD = [
    ({"name": "  "}, "needs a name"),
    ({"name": "x" * 81}, "at most 80"),
    ({"kind": "gone"}, "'gone' is no strategy: use one of smc_mtf"),
    ({"parameters": {"swing": 1}}, "Strategy smc_mtf has no parameter 'swing'"),
    ({"parameters": {"swing_length": 0}}, "Parameter 'swing_length' must be at least 1, not 0"),
    ({"parameters": {"entry": "M7"}}, "'M7' is no timeframe: use one of M1"),
    ({"schedule": "whenever"}, "use five fields"),
    ({"symbol_ids": [99]}, "Symbol 99 does not exist"),
    ({"parameters": {"entry": "M1"}}, "SIM-EURUSD has bars from M5 up and the strategy enters on M1"),
]


@pytest.mark.parametrize(("change", "words"), BAD)
def test_what_cannot_be_is_refused_and_nothing_written(engine, draft, change, words):
    with pytest.raises(DeskError, match=words):
        create_strategy(engine, replace(draft, **change), NOW)
    made = create_strategy(engine, draft, NOW)
    with pytest.raises(DeskError, match=words):
        edit_strategy(engine, made, 1, replace(draft, **change), NOW)
    with reader(engine) as session:
        assert [(row.name, row.version) for row in session.exec(select(Strategy))] == [("Mine", 1)]


def test_a_name_is_taken_once(engine, draft):
    first = create_strategy(engine, draft, NOW)
    second = copy_strategy(engine, first, "Copy", NOW)
    for act in (
        lambda: create_strategy(engine, draft, NOW),
        lambda: copy_strategy(engine, first, "Mine", NOW),
        lambda: edit_strategy(engine, second, 1, draft, NOW),
    ):
        with pytest.raises(ConflictError, match="'Mine' already: choose another name"):
            act()
    row, symbols = stored(engine, second)
    assert (row.name, row.active, row.version, symbols) == ("Copy", False, 1, ["SIM-EURUSD"])


def test_an_edit_replaces_settings_and_symbols_and_keeps_the_history(engine, draft):
    made = create_strategy(engine, draft, NOW)
    with writer(engine) as session:
        other = make_symbol(session, "AAPL", source="sample", base_timeframe=1440)
    changed = StrategyDraft("Daily", "smc_mtf", "10 0 * * *", DAILY, [other.id], active=False)
    assert edit_strategy(engine, made, 1, changed, NOW) == 2
    row, symbols = stored(engine, made)
    assert (row.name, row.schedule, row.active, row.version, symbols) == ("Daily", "10 0 * * *", False, 2, ["AAPL"])
    with reader(engine) as session:
        kept = [(step.output["version"], step.parameters["entry"]) for step in versions(session, made)]
    assert kept == [(1, "M5"), (2, "D1")]


def test_two_windows_do_not_overwrite_each_other(engine, draft):
    made = create_strategy(engine, draft, NOW)
    assert set_active(engine, made, 1, active=False) == 2
    with pytest.raises(ConflictError, match="'Mine' was changed in another window meanwhile"):
        edit_strategy(engine, made, 1, replace(draft, name="Yours"), NOW)
    with pytest.raises(ConflictError):
        set_active(engine, made, 1, active=True)
    row, _symbols = stored(engine, made)
    assert (row.name, row.active, row.version) == ("Mine", False, 2)


def test_of_eight_edits_at_once_one_counts(engine, draft):
    made, gate = create_strategy(engine, draft, NOW), Barrier(8)

    def edit(number):
        gate.wait()
        try:
            return edit_strategy(engine, made, 1, replace(draft, name=f"Edit {number}"), NOW)
        except ConflictError:
            return 0

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(edit, range(8))) == [0] * 7 + [2]


def test_a_strategy_with_signals_keeps_its_kind(engine, draft):
    made = create_strategy(engine, draft, NOW)
    other = replace(draft, kind="confluence", parameters={"timeframes": ["H1", "M15"]})
    assert edit_strategy(engine, made, 1, other, NOW) == 2
    with writer(engine) as session:
        row = get_strategy(session, made)
        make_signal(session, strategy=row, symbol=symbols_of(session, made)[0])
    with pytest.raises(DeskError, match="has signals of confluence: copy it to use smc_mtf"):
        edit_strategy(engine, made, 2, draft, NOW)
    assert edit_strategy(engine, made, 2, replace(other, name="Renamed"), NOW) == 3


def test_run_now_gives_a_job_for_every_symbol(engine, draft):
    made = create_strategy(engine, draft, NOW)
    (job,) = run_now(engine, made, NOW)
    assert (job.function, job.arguments) == ("workers.tasks.scan.scan_now", (made, draft.symbol_ids[0], NOW_MS))
    assert job.description == "Scan Mine on SIM-EURUSD now"
    edit_strategy(engine, made, 1, replace(draft, symbol_ids=[]), NOW)
    with pytest.raises(DeskError, match="watches no symbol"):
        run_now(engine, made, NOW)


def test_a_strategy_whose_code_is_gone_can_be_switched_off_but_not_on(engine, draft):
    made = create_strategy(engine, draft, NOW)
    with writer(engine) as session:
        get_strategy(session, made).kind = "gone"
    assert set_active(engine, made, 1, active=False) == 2
    with pytest.raises(DeskError, match="'gone' is no strategy"):
        set_active(engine, made, 2, active=True)


def test_what_is_not_there_is_not_found(engine, draft):
    for act in (
        lambda: edit_strategy(engine, 9, 1, draft, NOW),
        lambda: copy_strategy(engine, 9, "x", NOW),
        lambda: set_active(engine, 9, 1, active=True),
        lambda: run_now(engine, 9, NOW),
    ):
        with pytest.raises(NotFoundError, match="Strategy 9 does not exist"):
            act()
