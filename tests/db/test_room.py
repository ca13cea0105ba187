"""Room before the click counts what trades cost until they are closed."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

from core.challenge.presets import preset
from core.challenge.results import Status
from core.errors import LimitError
from core.orders import Leg, OrderType, Side, Terms
from core.timeframe import Timeframe
from db.actions.accounts import Cash, book_cash
from db.actions.challenges import follow_challenges, start_challenge, stop_challenge
from db.actions.clear import Scope, clear_history, preview_clearing
from db.actions.close import close_trade
from db.actions.orders import OrderRequest, check_order
from db.actions.positions import ManualTrade, Part, open_trade, scale_in
from db.engine import reader, writer
from db.models import Symbol
from db.store.challenge.room_fees import commissions, there_and_back
from db.store.limits import Intent
from db.store.standing import governing
from db.views.accounts import newest_challenge
from db.views.room import after_move, known, proposal_for, room_for
from tests.factories import NOW, add_bars, make_account, make_bars, make_symbol

D = Decimal
BEGAN = NOW - timedelta(hours=10)


@pytest.fixture
def desk(sqlite_engine):
    """100,000 in FTMO's two-step challenge, 5 % risked on a trade, and a share."""
    with writer(sqlite_engine) as session:
        make_account(session, risk_percent=D(5))
        make_symbol(session, "X", asset_class="stock", tick_size=0.01)
    start_challenge(sqlite_engine, 1, preset("ftmo_2_step", D(100_000)), BEGAN, NOW)
    return sqlite_engine


def test_a_typed_fee_is_paid_twice_in_the_worst_case(desk):
    fees = there_and_back(D(35))
    with reader(desk) as session:
        account, symbol = known(session, 1, NOW), session.get_one(Symbol, 1)
        assert proposal_for(account, symbol, 1, 100.0, 99.0).quantity == 5_000
        proposed = proposal_for(account, symbol, 1, 100.0, 99.0, fees)
        room = room_for(account, symbol, Intent(1, D(5_000), 100.0, 99.0, NOW, fees=fees))
    assert (proposed.quantity, proposed.risk) == (4_930, 5_000)
    assert (room.fees, room.refused.worst_case) == (70, 94_930)
    opened = NOW - timedelta(hours=5)
    trade = open_trade(desk, 1, ManualTrade(1, 1, D(4_930), 100.0, opened, 99.0, fee=D(35)), NOW)
    with reader(desk) as session:
        state = known(session, 1, NOW).state
    assert state.balance + state.at_stops == 95_000
    close_trade(desk, trade, 99.0, opened + timedelta(hours=1), "", NOW, D(35))
    with reader(desk) as session:
        found = governing(session, 1, NOW).evaluation.current
    assert (found.status, found.balance) == (Status.RUNNING, 95_000)


def test_booking_and_scaling_in_count_the_typed_fee(desk):
    opened = NOW - timedelta(hours=5)
    with pytest.raises(LimitError, match=r"Daily loss: .*94,930\.00"):
        open_trade(desk, 1, ManualTrade(1, 1, D(5_000), 100.0, opened, 99.0, fee=D(35)), NOW)
    trade = open_trade(desk, 1, ManualTrade(1, 1, D(4_000), 100.0, opened, 99.0), NOW)
    more = Part(D(1_000), 100.0, opened + timedelta(hours=1), D(35))
    with pytest.raises(LimitError, match=r"Daily loss: .*94,930\.00"):
        scale_in(desk, trade, 1, more, NOW)
    assert scale_in(desk, trade, 1, replace(more, quantity=D(900)), NOW)


def test_a_paper_order_pays_the_commission_of_the_cost_model_both_ways(desk):
    """0.005 a share: 24.50 each way for 4,900; the same, and at least 1, is what a smaller order pays."""
    limit = Terms(Side.BUY, D(4_900), OrderType.LIMIT, limit=100.0)
    stop = Terms(Side.SELL, D(4_900), OrderType.STOP, stop=99.0)
    request = OrderRequest("one", 1, 1, {Leg.ENTRY: limit, Leg.STOP: stop})
    with reader(desk) as session:
        daily = next(one for one in check_order(session, request, NOW) if one.rule == "daily_loss")
        cost = commissions(session, session.get_one(Symbol, 1), 100.0, 99.0)
    assert (daily.worst_case, daily.ok) == (100_000 - 4_900 - 49, True)
    assert [cost.of(D(size)) for size in (0, 10, 4_900)] == [0, 2, 49]


def test_a_stop_that_is_moved_past_a_floor_says_so_with_the_figure(desk):
    opened = NOW - timedelta(hours=5)
    trade = open_trade(desk, 1, ManualTrade(1, 1, D(4_000), 100.0, opened, 99.0), NOW)
    with reader(desk) as session:
        assert after_move(session, trade, 98.75, NOW) == []
        daily, overall = after_move(session, trade, 90.0, NOW)
    assert daily == "Daily loss: with every stop hit equity drops below the floor 95,000.00: 60,000.00."
    assert "the floor 90,000.00: 60,000.00" in overall


@pytest.mark.parametrize("change", ["clearing", "adjustment"])
def test_a_recorded_breach_stays_whatever_is_booked_later(desk, change):
    opened = NOW - timedelta(hours=9)
    lost = open_trade(desk, 1, ManualTrade(1, 1, D(1_000), 100.0, opened, 99.0), NOW)
    close_trade(desk, lost, 94.0, opened + timedelta(hours=1), "", NOW)
    assert follow_challenges(desk, NOW) == 1
    if change == "clearing":
        scope = Scope("trades", account_id=1)
        clear_history(desk, scope, preview_clearing(desk, scope).confirmation, NOW)
    else:
        book_cash(desk, 1, Cash("adjustment", D(3_000), opened, "Bonus", "Ada"), NOW)
    with pytest.raises(LimitError, match=r"has failed \(Daily loss: equity 94,000\.00 dropped below"):
        open_trade(desk, 1, ManualTrade(1, 1, D(10), 100.0, NOW - timedelta(hours=1), 99.0), NOW)
    with reader(desk) as session:
        for run in (governing(session, 1, NOW), newest_challenge(session, 1, NOW)):
            found = run.evaluation.current
            assert (found.status, found.failed.rule) == (Status.FAILED, "daily_loss")
            assert found.failed.at == round((opened + timedelta(hours=1)).timestamp() * 1000)


def hours(desk, bars, opened):
    with writer(desk) as session:
        start = round(opened.timestamp() * 1000)
        add_bars(session, session.get_one(Symbol, 1), make_bars(bars, start=start, timeframe=Timeframe.H1))


def held(desk, at, key="X", quantity=1_000, stop=1.0):
    with reader(desk) as session:
        symbol = session.exec(select(Symbol).where(Symbol.name == key)).one().id
    return open_trade(desk, 1, ManualTrade(symbol, 1, D(quantity), 100.0, at, stop), NOW, limits=False)


def evaluated(desk):
    with reader(desk) as session:
        return governing(session, 1, NOW).evaluation.current


def test_a_breach_within_a_bar_is_seen_where_one_trade_alone_was_open(desk):
    """1,000 at 100: the low of 90 is 10,000 lost, under the floor 95,000; the bar closes at 99.9."""
    opened = NOW - timedelta(hours=5)
    hours(desk, [(100.0, 100.0, 99.0, 99.9), (99.9, 100.0, 90.0, 99.9)], opened)
    held(desk, opened)
    found = evaluated(desk)
    assert (found.status, found.failed.figure, found.equity) == (Status.FAILED, 90_000, 99_900)
    assert found.failed.at == round((opened + timedelta(hours=2)).timestamp() * 1000) - 1


@pytest.mark.parametrize("late", [timedelta(minutes=30), timedelta(0)])
def test_a_low_that_may_have_come_before_the_trade_or_beside_another_is_no_breach(desk, late):
    opened = NOW - timedelta(hours=5)
    hours(desk, [(100.0, 100.0, 90.0, 99.9)], opened)
    held(desk, opened + late)
    if not late:
        with writer(desk) as session:
            make_symbol(session, "Y", source="file")
        held(desk, opened, "Y", 1)
    assert evaluated(desk).status is Status.RUNNING


def test_where_equity_lifts_the_floor_the_best_price_of_a_bar_comes_first(desk):
    """Apex 50K: 100 at 125 is 2,500 up, the floor 50,500; at 103 equity is 50,300."""
    opened = NOW - timedelta(hours=5)
    hours(desk, [(104.0, 125.0, 103.0, 104.0)], opened)
    stop_challenge(desk, 1, 1, BEGAN + timedelta(hours=1))
    start_challenge(desk, 1, preset("apex_intraday", D(50_000)), BEGAN + timedelta(hours=1), NOW)
    held(desk, opened, quantity=100)
    found = evaluated(desk)
    assert (found.failed.floor, found.failed.figure, found.overall.floor) == (50_500, 50_300, 50_500)
