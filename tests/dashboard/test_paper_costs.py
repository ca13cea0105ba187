"""The dialog about the costs of paper trading: what holds in words, what it comes to, and how it is changed."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from core.bars import Bars
from core.timeframe import Timeframe
from dashboard.orders import cost_fields
from db.actions.paper_costs import save_costs
from db.engine import reader, writer
from db.models import Symbol
from db.store.bars.series import store_bars
from db.store.orders.costs import PaperCosts, default_costs, own_costs
from tests.dashboard.pages_under_test import open_page, run, text

STOCK = 2


def opened(engine: Engine) -> AppTest:
    """The dialog on a stock that closed at 50."""
    with writer(engine) as session:
        row = session.get_one(Symbol, STOCK)
        later = int(datetime.now(UTC).timestamp() * 1000) // 86_400_000 * 86_400_000 - 86_400_000
        store_bars(session, row, Bars.from_rows(Timeframe.D1, [(later, 50.0, 50.0, 50.0, 50.0, 1e6)]))
    at = open_page("orders")
    run(at, at.button(key="costs_open").click())
    return run(at, at.selectbox(key="dialog_costs_symbol").set_value(STOCK))


def typed(at: AppTest, **fields: str) -> AppTest:
    for name, value in fields.items():
        at.text_input(key=f"dialog_{name}").set_value(value)
    return run(at)


def own(engine: Engine) -> PaperCosts | None:
    with reader(engine) as session:
        return own_costs(session, session.get_one(Symbol, STOCK))


def test_costs_are_seen_changed_and_reset(sqlite_desk: Engine) -> None:
    at = opened(sqlite_desk)
    seen = text(at)
    assert "<b>AAPL</b> has the default of stocks." in seen
    assert "0.005 USD a unit, at least 1 USD an order, at most 1 % of the value" in seen
    assert "at most 10 % of a bar&#x27;s volume" in seen
    # Half of a tick and a basis point are 0.0075, a basis point of slippage 0.005: the next cents are 50.02 and 49.98.
    assert "100 units at the last close, 50.00, cost 1.00 USD commission and 2.00 USD spread and slippage" in seen
    assert "A buy at market fills at 50.02, a sale at 49.98." in seen
    assert at.button(key="dialog_costs_reset").disabled

    typed(at, spread_ticks="10", volume_share="150", minimum="")
    run(at, at.button(key="dialog_costs_save").click())
    assert "The volume share cannot be 150 %" in at.error[0].value.replace("\\", "")
    typed(at, volume_share="", per_order="0.25")
    # 0.05 and half a basis point are 0.0525, with the slippage 0.0575; 100 x 0.005 + 0.25.
    assert "cost 0.75 USD commission and 6.00 USD spread and slippage per side" in text(at)
    run(at, at.button(key="dialog_costs_save").click())
    expected = PaperCosts(10, 1.0, 1.0, None, per_unit=0.005, minimum=0.0, maximum_percent=1.0, per_order=0.25)
    assert own(sqlite_desk) == expected

    run(at, at.button(key="costs_open").click())
    run(at, at.selectbox(key="dialog_costs_symbol").set_value(STOCK))
    assert "<b>AAPL</b> has costs of its own, not the default of stocks." in text(at)
    assert "10 ticks of 0.01 + 1 basis point" in text(at)
    run(at, at.button(key="dialog_costs_reset").click())
    assert own(sqlite_desk) is None


def test_what_somebody_else_saved_is_shown_before_it_is_replaced(sqlite_desk: Engine) -> None:
    at = opened(sqlite_desk)
    with reader(sqlite_desk) as session:
        default = default_costs(session.get_one(Symbol, STOCK))
    save_costs(sqlite_desk, STOCK, PaperCosts(7, volume_share=None), None, datetime.now(UTC))
    typed(at, spread_ticks="3")
    run(at, at.button(key="dialog_costs_save").click())
    assert "Somebody changed the costs of AAPL meanwhile" in at.error[0].value
    seen = text(at)
    assert '<td class="num">7</td><td class="num">3</td>' in seen
    assert '<td class="num">as much as wanted</td><td class="num">10</td>' in seen
    run(at, at.button(key="dialog_costs_save").click())
    found = own(sqlite_desk)
    assert found is not None
    assert (found.spread_ticks, found.minimum) == (3, default.minimum)


def test_a_lot_of_more_than_a_hundred_units_is_what_is_reckoned_with() -> None:
    symbol = Symbol(name="X", source="file", lot_step=Decimal(1000), tick_size=0.0001, created_at=datetime.now(UTC))
    assert cost_fields.worked_units(symbol) == 1000
    assert cost_fields.words(PaperCosts(0, maximum_percent=1.0), symbol, bounded=True)["Commission"] == "none"
