"""The costs of paper trading as a person sets them: kept, reset, refused when stale or impossible, and paid."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlmodel import select

from core.errors import DeskError, EditConflictError, NotFoundError
from db.actions.paper_costs import save_costs
from db.engine import reader, writer
from db.models import LineageStep, OrderExecution, Symbol
from db.store import revision
from db.store.orders.costs import PaperCosts, default_costs, own_costs, paper_costs
from tests.db.desk import rows
from tests.db.orders_desk import BUY, CALM, at, bars, ms, one, open_market, send
from tests.factories import NOW, add, make_symbol
from workers.broker.paper import step_paper

D = Decimal
DEAR = PaperCosts(spread_ticks=4, slippage_bps=10, volume_share=None, per_unit=0.02, minimum=1.0, per_order=0.5)
NONE = float("nan")


def own(engine, symbol_id: int = 1) -> PaperCosts | None:
    with reader(engine) as session:
        return own_costs(session, session.get_one(Symbol, symbol_id))


def steps(engine) -> list[tuple[int, str, float]]:
    """(version, whose, minimum) of each step of the first symbol's costs."""
    with reader(engine) as session:
        found = session.exec(select(LineageStep).where(LineageStep.entity == "paper_costs").order_by(LineageStep.id))
        return [(row.output["version"], row.parameters["costs"], row.parameters["minimum"]) for row in found]


def count(engine) -> int:
    with reader(engine) as session:
        return revision.current(session)


def test_costs_are_set_and_reset_and_every_state_is_told(engine):
    open_market(engine, calendar="us_stocks")
    before, changes = own(engine), count(engine)
    save_costs(engine, 1, DEAR, before, NOW)
    assert own(engine) == DEAR
    assert count(engine) == changes + 1
    save_costs(engine, 1, None, DEAR, NOW)
    assert own(engine) is None
    with reader(engine) as session:
        symbol = session.get_one(Symbol, 1)
        assert paper_costs(session, symbol) == default_costs(symbol)
    save_costs(engine, 1, DEAR, None, NOW)
    save_costs(engine, 1, DEAR, None, NOW)
    assert steps(engine) == [(1, "own", 1.0), (2, "default of stock", 1.0), (3, "own", 1.0)]
    with pytest.raises(NotFoundError):
        save_costs(engine, 99, DEAR, None, NOW)


def test_a_stale_form_is_refused_with_what_differs_and_another_symbol_is_no_conflict(engine):
    open_market(engine)
    with writer(engine) as session:
        add(session, make_symbol(session, "OTHER"))
    seen = own(engine)
    save_costs(engine, 1, DEAR, seen, NOW)
    save_costs(engine, 2, DEAR, None, NOW)
    mine = replace(DEAR, minimum=3.0)
    with pytest.raises(EditConflictError) as caught:
        save_costs(engine, 1, mine, seen, NOW)
    assert caught.value.fields == {"minimum": (1.0, 3.0)}
    with pytest.raises(EditConflictError):
        save_costs(engine, 1, None, seen, NOW)
    assert (own(engine), own(engine, 2)) == (DEAR, DEAR)
    save_costs(engine, 1, mine, DEAR, NOW)
    assert own(engine) == mine


def test_of_two_that_save_first_at_once_one_is_refused(engine):
    with writer(engine) as session:
        add(session, make_symbol(session))

    def save(minimum: float) -> bool:
        try:
            save_costs(engine, 1, replace(DEAR, minimum=minimum), None, NOW)
        except EditConflictError:
            return False
        return True

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(save, (1.0, 2.0))) == [False, True]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"minimum": -1.0}, "The least commission cannot be -1: enter 0 or more, and less than 1,000,000."),
        ({"per_unit": NONE}, "The commission per unit cannot be nan: enter 0 or more, and less than 1,000,000."),
        ({"slippage_bps": 1500.0}, "The slippage in basis points cannot be 1500: enter at most 1,000."),
        (
            {"volume_share": 1.5},
            "The volume share cannot be 150 %: enter more than 0 and at most 100, or nothing for as much as wanted.",
        ),
        (
            {"maximum_percent": 101.0},
            "The greatest commission cannot be 101 % of the value: enter at most 100, or nothing for no limit.",
        ),
        # Half of 30,000 ticks of a cent is more than the last close.
        (
            {"spread_ticks": 30_000.0},
            "With these costs a sale of MKT at its last close, 100, would pay nothing: enter a smaller spread.",
        ),
    ],
)
def test_a_figure_that_cannot_be_is_refused_in_one_sentence(sqlite_engine, wrong, sentence):
    open_market(sqlite_engine)
    seen = own(sqlite_engine)
    with pytest.raises(DeskError) as caught:
        save_costs(sqlite_engine, 1, replace(DEAR, **wrong), seen, NOW)
    assert caught.value.message == sentence
    assert own(sqlite_engine) == seen


def test_a_working_order_pays_the_new_costs_from_its_next_bar(engine):
    """By hand: half of 4 ticks makes 100.02, 10 basis points of it 100.12002, the next tick 100.13; 40 x 0.02 is less
    than 1, and 0.50 comes on top.
    """
    open_market(engine)
    send(engine, "free", one(BUY, 40))
    bars(engine, CALM)
    step_paper(engine, ms(1))
    send(engine, "dear", one(BUY, 40), at(1))
    save_costs(engine, 1, DEAR, own(engine), at(1))
    bars(engine, CALM, after=1)
    step_paper(engine, ms(2))
    found = [(row.price, row.commission) for row in rows(engine, OrderExecution)]
    assert found == [(D("100"), D(0)), (D("100.13"), D("1.5"))]


def test_lower_costs_give_nothing_back_for_what_is_filled(sqlite_engine):
    open_market(sqlite_engine, {"volume_share": 0.5, "per_order": 2.0}, volume=20)
    send(sqlite_engine, "parts", one(BUY, 20))
    bars(sqlite_engine, CALM, CALM, volume=20)
    step_paper(sqlite_engine, ms(1))
    before = own(sqlite_engine)
    save_costs(sqlite_engine, 1, replace(before, per_order=0.0), before, at(1))
    step_paper(sqlite_engine, ms(2))
    assert [(row.quantity, row.commission) for row in rows(sqlite_engine, OrderExecution)] == [(10, 2), (10, 0)]
