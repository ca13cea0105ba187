"""Orders that only reduce share what is open of a trade, whatever else happens to it and however it is looked at."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from core.errors import ChartroomError, OrderError
from core.orders import Leg, OrderType, Terms, bracket
from db.actions.guards import kill
from db.actions.orders import modify_order
from db.actions.positions import Part, close_part
from db.engine import engine_for
from db.models import BrokerOrder, OrderExecution, OrderTicket, Trade, TradeFill
from db.store.orders.terms import terms_of
from tests.db.desk import rows
from tests.db.orders_desk import BUY, CALM, SELL, at, bars, fills, journal, ms, one, open_market, order, send, statuses
from workers.broker.paper import step_paper

D = Decimal
LIMIT, STOP = OrderType.LIMIT, OrderType.STOP
LONG = bracket(Terms(BUY, D(10)), 95.0, 110.0, "")
SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
PRICE = st.integers(94, 106).map(float)
QUANTITY = st.integers(1, 12)
SIDE = st.sampled_from([BUY, SELL])
ACTION = st.one_of(
    st.tuples(st.just("bracket"), SIDE, QUANTITY, st.one_of(st.none(), PRICE)),
    st.tuples(st.just("close"), st.integers(1, 3), QUANTITY, st.one_of(st.none(), PRICE)),
    st.tuples(st.just("single"), SIDE, QUANTITY, st.one_of(st.none(), PRICE)),
    st.tuples(st.just("by hand"), st.integers(1, 3), QUANTITY, st.none()),
    st.tuples(st.just("kill"), st.none(), st.none(), st.none()),
)
BAR = st.tuples(PRICE, PRICE, PRICE, PRICE).map(lambda four: (four[0], max(four), min(four), four[3]))
MINUTE_OF_TRADING = st.tuples(st.lists(ACTION, max_size=2), BAR)


def opened(engine: Engine, legs: dict[Leg, Terms] = LONG, **market: Any) -> Engine:
    open_market(engine, **market)
    send(engine, "buy", legs)
    bars(engine, CALM)
    step_paper(engine, ms(1))
    return engine


@pytest.mark.parametrize(
    ("closer", "bar"),
    [
        (one(SELL, 10), (96.0, 96.5, 90.0, 91.0)),
        (one(SELL, 10, LIMIT, limit=101.0), (100.0, 101.5, 94.0, 94.5)),
        (one(SELL, 5, LIMIT, limit=105.0), (100.0, 111.0, 100.0, 110.0)),
    ],
)
def test_a_closing_order_and_the_exits_close_a_trade_once_within_a_bar(engine, closer, bar):
    opened(engine)
    send(engine, "out", closer, at(1), closes=1)
    bars(engine, bar, after=1)
    step_paper(engine, ms(2))
    assert [row[:3] for row in journal(engine)] == [(1, 10, 0)]


def test_an_order_that_was_let_through_because_it_closes_never_opens(sqlite_engine):
    opened(sqlite_engine)
    kill(sqlite_engine, 1, at(1))
    send(sqlite_engine, "sell", one(SELL, 10, LIMIT, limit=105.0), at(1))
    bars(sqlite_engine, (95.0, 95.0, 94.0, 94.5), (104.0, 106.0, 104.0, 104.5), after=1)
    step_paper(sqlite_engine, ms(3))
    assert [row[:3] for row in journal(sqlite_engine)] == [(1, 10, 0)]
    assert statuses(sqlite_engine)["cr:2:entry"] == "cancelled"


def test_exits_sell_what_is_open_while_their_entry_goes_on(sqlite_engine):
    open_market(sqlite_engine, {"volume_share": 1.0}, volume=1_000)
    send(sqlite_engine, "buy", bracket(Terms(BUY, D(100), LIMIT, limit=99.0), 95.0, 110.0, ""))
    bars(sqlite_engine, (100.0, 100.0, 98.0, 98.5), volume=10)
    step_paper(sqlite_engine, ms(1))
    close_part(sqlite_engine, 1, rows(sqlite_engine, Trade)[0].version, Part(D(10), 98.5, at(1)), at(1))
    assert (order(sqlite_engine, "cr:1:stop").quantity, statuses(sqlite_engine)["cr:1:entry"]) == (
        90, "partially_filled",
    )  # fmt: skip
    bars(sqlite_engine, (98.5, 98.6, 94.0, 94.5), after=1, volume=1_000)
    step_paper(sqlite_engine, ms(2))
    assert [row[:3] for row in journal(sqlite_engine)] == [(1, 10, 0), (1, 90, 0)]


@pytest.mark.parametrize(
    ("entry", "exits", "leg", "level"),
    [
        (Terms(BUY, D(10), LIMIT, limit=90.0), (85.0, 110.0), "target", {"limit": 95.0}),
        (Terms(BUY, D(10), STOP, stop=110.0), (105.0, 120.0), "stop", {"stop": 104.0}),
    ],
)
def test_an_exit_waits_for_its_entry_where_the_market_stands_still(sqlite_engine, entry, exits, leg, level):
    open_market(sqlite_engine, source="csv")
    send(sqlite_engine, "buy", bracket(entry, *exits, ""))
    row = order(sqlite_engine, f"cr:1:{leg}")
    with suppress(OrderError):
        modify_order(sqlite_engine, row.id, row.version, replace(terms_of(row), **level), at(1))
    assert (journal(sqlite_engine), set(statuses(sqlite_engine).values())) == ([], {"submitted"})


@settings(max_examples=6, derandomize=True, suppress_health_check=SLOW)
@given(st.lists(MINUTE_OF_TRADING, min_size=2, max_size=6), st.booleans())
def test_whatever_happens_only_what_may_open_opens_and_every_partition_is_the_same(sqlite_template, minutes, thin):
    """One desk is looked at after every bar, the other only when somebody acts."""
    with TemporaryDirectory() as folder:
        ends = []
        for often in (True, False):
            path = Path(folder) / f"{often}.db"
            copyfile(sqlite_template, path)
            engine = engine_for(f"sqlite:///{path}")
            open_market(engine, {"volume_share": 0.5 if thin else None}, volume=8)
            for minute, (actions, bar) in enumerate(minutes):
                for number, action in enumerate(actions):
                    with suppress(ChartroomError):
                        _act(engine, f"{minute}.{number}", action, minute)
                bars(engine, bar, after=minute, volume=8)
                if often:
                    step_paper(engine, ms(minute + 1))
            step_paper(engine, ms(len(minutes)))
            _check(engine)
            ends.append((journal(engine), fills(engine), statuses(engine)))
            engine.dispose()
        engine_for.cache_clear()
        assert ends[0] == ends[1]


def _act(engine: Engine, key: str, action: tuple[Any, ...], minute: int) -> None:
    what, which, quantity, price = action
    kind = {} if price is None else {"type": LIMIT, "limit": price}
    if what == "kill":
        kill(engine, 1, at(minute))
    elif what == "by hand":
        step_paper(engine, ms(minute))
        known = {trade.id: trade for trade in rows(engine, Trade)}
        if which in known:
            close_part(engine, which, known[which].version, Part(D(quantity), 100.0, at(minute)), at(minute))
    elif what == "close":
        step_paper(engine, ms(minute))
        side = {trade.id: trade.direction for trade in rows(engine, Trade)}.get(which)
        if side is not None:
            send(
                engine,
                key,
                {Leg.ENTRY: Terms(SELL if side > 0 else BUY, D(quantity), **kind)},
                at(minute),
                closes=which,
            )
    else:
        entry = Terms(which, D(quantity), **kind)
        around = price or 100.0
        legs = {Leg.ENTRY: entry} if what == "single" else bracket(entry, around - 3 * which, around + 4 * which, "")
        send(engine, key, legs, at(minute))


def _check(engine: Engine) -> None:
    """Executions are the journal's fills; nothing but an entry that was let through to open has opened anything."""
    tickets = {one.id: one for one in rows(engine, OrderTicket)}
    orders = {one.id: one for one in rows(engine, BrokerOrder)}
    booked: defaultdict[str, Decimal] = defaultdict(D)
    traded = {one.execution: (orders[one.order_id], one.quantity) for one in rows(engine, OrderExecution)}
    position = D(0)
    trades = {one.id: one for one in rows(engine, Trade)}
    for fill in rows(engine, TradeFill):
        sign = trades[fill.trade_id].direction * (1 if fill.kind == "entry" else -1)
        position += sign * fill.quantity
        if fill.external_id is None:
            continue
        name = fill.external_id.split("/")[0]
        booked[name] += fill.quantity
        assert traded[name][0].side == sign
        if fill.kind == "entry":
            assert traded[name][0].leg == Leg.ENTRY
            assert not tickets[traded[name][0].ticket_id].reduces
    assert booked == {name: quantity for name, (_, quantity) in traded.items()}
    assert position == sum(one.direction * one.open_quantity for one in trades.values())
