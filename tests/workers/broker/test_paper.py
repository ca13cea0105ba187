"""The paper broker on stored bars: the same bars make the same fills, whoever looks and however often."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from shutil import copyfile

import numpy as np
import pytest
from sqlmodel import select

from core.bars import Bars
from core.broker import PaperBook, place_bracket, step
from core.orders import EventKind, Leg, OrderType, Terms, TimeInForce, bracket
from core.timeframe import Timeframe
from db.actions.orders import cancel_order, modify_order
from db.actions.positions import Part, close_part
from db.engine import engine_for, reader, writer
from db.models import Bar, OrderExecution, OrderTransition, Symbol, Trade, TradeChange, TradeFill
from db.store.orders.costs import PaperCosts, costs_for, counts_volume, default_costs, paper_costs, put_costs
from db.store.orders.terms import terms_of
from tests.db.desk import rows
from tests.db.orders_desk import (
    BUY,
    CALM,
    MINUTE,
    SELL,
    at,
    bars,
    fills,
    journal,
    ms,
    one,
    open_market,
    order,
    send,
    statuses,
)
from tests.factories import NOW, NOW_MS, make_bars
from workers.broker.paper import step_paper

D = Decimal
LIMIT, STOP, TRAIL = OrderType.LIMIT, OrderType.STOP, OrderType.TRAILING_STOP
COSTLY = {"spread_ticks": 2, "slippage_bps": 3, "volume_share": 0.5, "per_unit": 0.01, "minimum": 1.0}
MINUTES = 40


def walk(seed: int) -> list[tuple[float, float, float, float]]:
    dice = np.random.default_rng(seed)
    close = np.round(100 + np.cumsum(dice.normal(0, 0.4, MINUTES)), 2)
    open_ = np.concatenate([[100.0], close[:-1]])
    reach = np.round(np.abs(dice.normal(0, 0.3, (2, MINUTES))), 2)
    high, low = np.maximum(open_, close) + reach[0], np.minimum(open_, close) - reach[1]
    return [tuple(map(float, row)) for row in zip(open_, high, low, close, strict=True)]


def many_orders(engine) -> None:
    send(engine, "bracket", bracket(Terms(BUY, D(20)), 98.0, 102.0, ""))
    send(engine, "limit", bracket(Terms(SELL, D(15), LIMIT, limit=101.0), 102.5, 99.0, ""))
    send(engine, "trail", one(SELL, 9, TRAIL, trail=0.8))
    send(engine, "stop", one(BUY, 12, STOP, stop=101.2))
    send(engine, "trailed", {Leg.ENTRY: Terms(BUY, D(30)), Leg.STOP: Terms(SELL, D(30), TRAIL, trail=1.5)})


def outcome(engine):
    """Everything that happened, without when it was written down."""
    changes = [
        (one.order_id, one.before, one.after, one.kind, one.time, one.detail) for one in rows(engine, OrderTransition)
    ]
    deals = [(one.execution, one.quantity, one.price, one.commission, one.time) for one in rows(engine, OrderExecution)]
    risks = [(one.stop, one.risk) for one in rows(engine, Trade)]
    return changes, deals, fills(engine), journal(engine), statuses(engine), risks


@pytest.mark.parametrize("seed", [1, 2])
def test_steps_restarts_and_pieces_make_the_same_fills(sqlite_engine, tmp_path, sqlite_template, seed):
    """One desk sees all bars at once; the other gets them in pieces, looks at odd moments, and is started again."""
    whole, other = sqlite_engine, f"sqlite:///{tmp_path / 'pieces.db'}"
    copyfile(sqlite_template, tmp_path / "pieces.db")
    path, dice = walk(seed), random.Random(seed)
    for engine in (whole, engine_for(other)):
        open_market(engine, COSTLY, volume=12)
        many_orders(engine)
    bars(whole, *path, volume=12)
    assert step_paper(whole, ms(MINUTES)) > 3
    done = 0
    while done < MINUTES:
        engine = engine_for(other)
        piece = min(dice.randint(1, 9), MINUTES - done)
        bars(engine, *path[done : done + piece], after=done, volume=12)
        done += piece
        for _ in range(dice.randint(1, 2)):
            step_paper(engine, ms(done) + dice.randint(0, MINUTE - 1))
        engine.dispose()
        engine_for.cache_clear()
    assert outcome(engine_for(other)) == outcome(whole)


def test_fills_are_those_of_the_paper_brokers_rules(sqlite_engine):
    """The rows say what `core.broker` says of the same bars in memory."""
    open_market(sqlite_engine, COSTLY, volume=12)
    legs = bracket(Terms(BUY, D(20)), 98.0, 102.0, "cr:1")
    send(sqlite_engine, "bracket", legs)
    bars(sqlite_engine, *walk(3), volume=12)
    step_paper(sqlite_engine, ms(MINUTES))
    book, _ = place_bracket(PaperBook(), 1, legs, NOW_MS)
    with reader(sqlite_engine) as session:
        costs = costs_for(session, session.get_one(Symbol, 1), volumes=True)
    made = make_bars(walk(3), start=NOW_MS, timeframe=Timeframe.M1)
    _, reports = step(book, Bars(made.timeframe, made.time, *_columns(made), np.full(MINUTES, 12.0)), costs)
    told = [one.event for one in reports if one.event.kind is EventKind.FILL]
    kept = [(one.execution, one.quantity, one.price, one.time) for one in rows(sqlite_engine, OrderExecution)]
    assert kept == [(one.execution.id, one.execution.quantity, one.execution.price, one.time) for one in told]
    assert len({one.execution.id for one in told if "entry" in one.execution.id}) > 1


def _columns(made: Bars):
    return made.open, made.high, made.low, made.close


def test_two_that_look_at_once_fill_once(engine):
    open_market(engine)
    many_orders(engine)
    bars(engine, *walk(1))
    with ThreadPoolExecutor(4) as threads:
        counts = list(threads.map(lambda _: step_paper(engine, ms(MINUTES)), range(4)))
    assert sorted(counts)[:3] == [0, 0, 0]
    assert max(counts) == len(rows(engine, OrderExecution)) > 3
    names = [one.external_id for one in rows(engine, TradeFill)]
    assert len(set(names)) == len(names)


def test_a_partial_fill_waits_for_the_next_bar(sqlite_engine):
    open_market(sqlite_engine, {"volume_share": 0.25}, volume=100)
    send(sqlite_engine, "buy", one(BUY, 60))
    bars(sqlite_engine, CALM, CALM, volume=100)
    assert step_paper(sqlite_engine, ms(1)) == 1
    assert (order(sqlite_engine, "cr:1:entry").status, order(sqlite_engine, "cr:1:entry").filled) == (
        "partially_filled",
        25,
    )
    assert step_paper(sqlite_engine, ms(2)) == 1
    bars(sqlite_engine, CALM, after=2, volume=100)
    assert step_paper(sqlite_engine, ms(3)) == 1
    assert [row[:5] for row in journal(sqlite_engine)] == [(1, 60, 60, 100.0, None)]
    assert [row[5] for row in fills(sqlite_engine)] == ["cr:1:entry#1", "cr:1:entry#2", "cr:1:entry#3"]


def test_a_gap_through_the_stop_costs_what_the_gap_costs(sqlite_engine):
    open_market(sqlite_engine, {"spread_ticks": 2})
    send(sqlite_engine, "buy", bracket(Terms(BUY, D(10)), 98.0, 106.0, ""))
    bars(sqlite_engine, CALM, (95.0, 96.0, 94.0, 95.0))
    step_paper(sqlite_engine, ms(2))
    (trade,) = rows(sqlite_engine, Trade)
    assert (trade.entry_price, trade.exit_price, trade.r_multiple) == (100.01, 94.99, pytest.approx(-5.02 / 2.01))


def test_a_day_order_ends_with_the_session(sqlite_engine):
    open_market(sqlite_engine, calendar="us_stocks")
    send(sqlite_engine, "day", one(BUY, 10, LIMIT, limit=90.0, tif=TimeInForce.DAY))
    assert order(sqlite_engine, "cr:1:entry").until == NOW_MS + 9 * 60 * MINUTE
    bars(sqlite_engine, (89.0, 89.0, 89.0, 89.0), after=9 * 60)
    assert step_paper(sqlite_engine, ms(10 * 60)) == 0
    assert statuses(sqlite_engine) == {"cr:1:entry": "expired"}


def test_an_order_whose_day_is_over_ends_without_a_bar(sqlite_engine):
    open_market(sqlite_engine, calendar="us_stocks")
    legs = bracket(Terms(BUY, D(10), LIMIT, limit=90.0, tif=TimeInForce.DAY), 85.0, 95.0, "")
    send(sqlite_engine, "day", legs)
    step_paper(sqlite_engine, ms(10 * 60 - 1))
    assert set(statuses(sqlite_engine).values()) == {"submitted"}
    step_paper(sqlite_engine, ms(10 * 60))
    assert list(statuses(sqlite_engine).values()) == ["expired", "cancelled", "cancelled"]
    assert rows(sqlite_engine, OrderTransition)[3].time == ms(9 * 60)


def test_a_trailing_stop_remembers_where_it_stands(sqlite_engine):
    open_market(sqlite_engine)
    send(sqlite_engine, "buy", one(BUY, 10))
    bars(sqlite_engine, CALM)
    step_paper(sqlite_engine, ms(1))
    send(sqlite_engine, "trail", one(SELL, 10, TRAIL, trail=1.0), at(1), closes=1)
    bars(sqlite_engine, (100.0, 104.0, 100.0, 104.0), after=1)
    step_paper(sqlite_engine, ms(2))
    assert order(sqlite_engine, "cr:2:entry").paper["level"] == 103.0
    bars(sqlite_engine, (103.5, 103.5, 102.0, 102.0), after=2)
    step_paper(sqlite_engine, ms(3))
    assert journal(sqlite_engine)[0][3:] == (100.0, 103.0, D(30))


def test_a_trade_has_its_stop_where_its_trailing_stop_has_come_to(sqlite_engine):
    """98, then the high of 120 takes it to 118. Less of it is no move; another distance starts anew from the market."""
    open_market(sqlite_engine)
    legs = {Leg.ENTRY: Terms(BUY, D(10)), Leg.STOP: Terms(SELL, D(10), TRAIL, trail=2.0)}
    send(sqlite_engine, "buy", legs)
    bars(sqlite_engine, CALM, (100.0, 110.0, 100.0, 110.0), (110.0, 120.0, 110.0, 120.0))
    step_paper(sqlite_engine, ms(3))
    (trade,) = rows(sqlite_engine, Trade)
    version = trade.version
    close_part(sqlite_engine, 1, version, Part(D(4), 120.0, at(3)), at(3))
    assert order(sqlite_engine, "cr:1:stop").quantity == 6
    stop = order(sqlite_engine, "cr:1:stop")
    modify_order(sqlite_engine, stop.id, stop.version, replace(terms_of(stop), trail=5.0), at(3))
    stops = [(one.before, one.after) for one in rows(sqlite_engine, TradeChange) if one.field == "stop"]
    assert stops == [(98.0, 118.0), (118.0, 115.0)]
    # It moved by itself: whoever was about to close the trade has missed nothing.
    assert version == 1


# -- a market that stands still ------------------------------------------------------------------------------------
def stand_still(engine, **more):
    """Bars of a file: they end two years before NOW."""
    open_market(engine, {"spread_ticks": 2, "slippage_bps": 10}, source="file", **more)
    with writer(engine) as session:
        for bar in session.exec(select(Bar)):
            bar.time -= 2 * 365 * 24 * 60 * MINUTE


def test_where_the_market_stands_still_an_order_trades_at_the_last_close_or_waits(sqlite_engine):
    stand_still(sqlite_engine)
    send(sqlite_engine, "market", bracket(Terms(BUY, D(10)), 98.0, 103.0, ""))
    send(sqlite_engine, "good", one(BUY, 5, LIMIT, limit=100.05))
    send(sqlite_engine, "waits", one(BUY, 5, LIMIT, limit=99.0))
    assert statuses(sqlite_engine) == {
        "cr:1:entry": "filled", "cr:1:target": "submitted", "cr:1:stop": "submitted", "cr:2:entry": "filled",
        "cr:3:entry": "submitted",
    }  # fmt: skip
    assert [(row[0], row[1], row[3]) for row in journal(sqlite_engine)] == [(1, 10, 100.12), (1, 5, 100.01)]
    assert rows(sqlite_engine, Trade)[0].opened_at == NOW
    assert "waits for bars that you import" in order(sqlite_engine, "cr:3:entry").error
    noted = [one.kind for one in rows(sqlite_engine, OrderTransition)].count("noted")
    for minute in (1, 2):
        assert step_paper(sqlite_engine, ms(minute)) == 0
    assert [one.kind for one in rows(sqlite_engine, OrderTransition)].count("noted") == noted == 1


def test_bars_that_are_imported_later_go_on_where_the_market_stood(sqlite_engine):
    stand_still(sqlite_engine)
    send(sqlite_engine, "market", bracket(Terms(BUY, D(10)), 98.0, 103.0, ""))
    bars(sqlite_engine, (101.0, 103.5, 101.0, 103.0), after=-2 * 365 * 24 * 60)
    assert step_paper(sqlite_engine, ms(5)) == 1
    (trade,) = rows(sqlite_engine, Trade)
    assert (trade.exit_price, trade.closed_at) == (103.0, NOW)
    assert statuses(sqlite_engine)["cr:1:stop"] == "cancelled"


def test_a_change_is_offered_the_last_close_again(sqlite_engine):
    stand_still(sqlite_engine)
    send(sqlite_engine, "waits", one(BUY, 5, LIMIT, limit=99.0))
    row = order(sqlite_engine, "cr:1:entry")
    modify_order(sqlite_engine, row.id, row.version, Terms(BUY, D(5), LIMIT, limit=100.05), at(1))
    assert statuses(sqlite_engine) == {"cr:1:entry": "filled"}
    send(sqlite_engine, "cancelled", one(BUY, 5, LIMIT, limit=99.0), at(2))
    cancel_order(sqlite_engine, order(sqlite_engine, "cr:2:entry").id, at(3))
    assert statuses(sqlite_engine)["cr:2:entry"] == "cancelled"


# -- costs ---------------------------------------------------------------------------------------------------------
def test_costs_follow_the_asset_class_until_a_person_says_otherwise(sqlite_engine):
    open_market(sqlite_engine, calendar="fx", tick_size=0.00001)
    with writer(sqlite_engine) as session:
        symbol = session.get_one(Symbol, 1)
        put_costs(session, symbol, None, NOW)
        assert paper_costs(session, symbol) == default_costs(symbol)
        # Half a spread of 0.8 basis points, 0.2 of slippage on top, and then the next tick against the order.
        fx = costs_for(session, symbol, volumes=True)
        assert fx.on_tick(fx.slipped(fx.quote(1.0, BUY), BUY), BUY) == D("1.00007")
        assert fx.commission.total(D(100_000), D(110_000)) == D("2.20")
        symbol.asset_class = "stock"
        assert costs_for(session, symbol, volumes=False).commission.total(D(100), D(5_000)) == D(1)
        # A tenth of a bar whose volume is 1 is no share.
        assert not counts_volume(session, symbol)
        put_costs(session, symbol, PaperCosts(volume_share=1.0), NOW)
        assert counts_volume(session, symbol)
        put_costs(session, symbol, PaperCosts(spread_ticks=4), NOW + timedelta(1))
        assert costs_for(session, symbol, volumes=False).spread == pytest.approx(0.00004)
