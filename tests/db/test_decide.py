"""Accept and reject."""

import math
from datetime import UTC, timedelta, timezone
from decimal import Decimal

import pytest
from sqlalchemy import func
from sqlmodel import select

from core.errors import ConflictError, DeskError, NotFoundError
from core.timeframe import Timeframe
from db.actions.decide import Ticket, accept_signal, reject_signal
from db.engine import reader, writer
from db.models import LineageStep, Run, Strategy, Symbol, Trade
from db.store.revision import current
from tests.db.desk import kinds, open_desk, rows, signal_of, trade_of
from tests.factories import HOUR, NOW, NOW_MS, add_bars, make_account, make_bars, make_signal, make_trade

D = Decimal
LATER = NOW + timedelta(minutes=5)


def nothing_written(engine, signal_id, status="new"):
    with reader(engine) as session:
        steps = session.exec(select(func.count()).select_from(LineageStep)).one()
        written = (current(session), steps)
    return signal_of(engine, signal_id).status == status and rows(engine, Trade) == [] and written == (0, 2)


def test_accept_opens_the_proposed_trade(engine):
    signal_id = open_desk(engine)
    trade = trade_of(engine, accept_signal(engine, signal_id, None, LATER))
    assert (trade.signal_id, trade.status, trade.direction) == (signal_id, "open", 1)
    # 0.5 % of 100,000 over 2 a unit
    assert (trade.quantity, trade.risk) == (D(250), D(500))
    assert (trade.entry_price, trade.stop, trade.target) == (100.0, 98.0, 106.0)
    assert trade.opened_at == LATER
    signal = signal_of(engine, signal_id)
    assert (signal.status, signal.decided_at) == ("accepted", LATER)
    assert kinds(engine, "signal", signal_id) == ["bars", "signal", "decision", "trade"]
    with reader(engine) as session:
        assert current(session) == 1


def test_the_size_follows_the_balance(engine):
    signal_id = open_desk(engine)
    with writer(engine) as session:
        signal = signal_of(engine, signal_id)
        account = make_account(session, "Second", initial_balance=D(10_000), risk_percent=D(1))
        symbol = session.get_one(Symbol, signal.symbol_id)
        make_trade(session, account=account, symbol=symbol, status="closed", pnl=D("-200.50"), closed_at=NOW)
        make_trade(session, account=account, symbol=symbol)
        account_id = account.id
    trade = trade_of(engine, accept_signal(engine, signal_id, None, NOW, account_id))
    # 1 % of 9,799.50 = 97.995: 48 units lose 96
    assert (trade.account_id, trade.quantity, trade.risk) == (account_id, D(48), D(96))


def test_a_ticket_says_how_it_was_filled(engine):
    signal_id = open_desk(engine, symbol={"point_value": D(10), "lot_step": D("0.1")})
    trade = trade_of(engine, accept_signal(engine, signal_id, Ticket(100.5, D("3.3"), " On the open "), NOW))
    assert (trade.entry_price, trade.quantity, trade.note) == (100.5, D("3.3"), "On the open")
    assert trade.risk == D("82.5")


def test_a_second_click_gets_the_same_trade(engine):
    signal_id = open_desk(engine)
    ticket = Ticket(100.5, D(10))
    first = accept_signal(engine, signal_id, ticket, NOW)
    assert accept_signal(engine, signal_id, ticket, LATER) == first
    assert accept_signal(engine, signal_id, None, LATER) == first
    assert len(rows(engine, Trade)) == 1


@pytest.mark.parametrize("other", [Ticket(100.5, D(11)), Ticket(100.6, D(10))])
def test_another_fill_of_an_accepted_signal_is_a_conflict(engine, other):
    signal_id = open_desk(engine)
    accept_signal(engine, signal_id, Ticket(100.5, D(10)), NOW)
    with pytest.raises(ConflictError, match=r"already accepted at 100\.5 for 10"):
        accept_signal(engine, signal_id, other, LATER)


def test_another_account_for_an_accepted_signal_is_a_conflict(engine):
    signal_id = open_desk(engine)
    with writer(engine) as session:
        other = make_account(session, "Second").id
    accept_signal(engine, signal_id, None, NOW)
    with pytest.raises(ConflictError, match="already accepted"):
        accept_signal(engine, signal_id, None, NOW, other)


@pytest.mark.parametrize("status", ["rejected", "expired"])
def test_a_settled_signal_cannot_be_accepted(engine, status):
    signal_id = open_desk(engine, status=status, reason="Target reached")
    with pytest.raises(ConflictError, match=r"was already .* \(Target reached\): choose another one"):
        accept_signal(engine, signal_id, None, NOW)
    assert nothing_written(engine, signal_id, status)


@pytest.mark.parametrize(
    ("ticket", "sentence"),
    [
        (Ticket(98.0, D(10)), "stop 98.0 is not below the price 98.0"),
        (Ticket(97.0, D(10)), "stop 98.0 is not below the price 97.0"),
        (Ticket(106.0, D(10)), "target 106.0 is not above the price 106.0"),
        (Ticket(0.0, D(10)), "not a positive number: enter the price"),
        (Ticket(-100.0, D(10)), "not a positive number: enter the price"),
        (Ticket(math.nan, D(10)), "not a positive number: enter the price"),
        (Ticket(math.inf, D(10)), "not a positive number: enter the price"),
        (Ticket(100.0, D(0)), "not a positive number: enter the size"),
        (Ticket(100.0, D(-1)), "not a positive number: enter the size"),
        (Ticket(100.0, D("NaN")), "not a positive number: enter the size"),
        (Ticket(100.0, D("Infinity")), "not a positive number: enter the size"),
        (Ticket(100.0, D("10.5")), "trades in steps of 1: round the size 10.5"),
        (Ticket(100.0, D(10) ** 12), "out of all proportion"),
    ],
)
def test_a_fill_that_cannot_be_is_refused(sqlite_engine, ticket, sentence):
    signal_id = open_desk(sqlite_engine)
    with pytest.raises(DeskError, match=sentence):
        accept_signal(sqlite_engine, signal_id, ticket, NOW)
    assert nothing_written(sqlite_engine, signal_id)


def test_a_short_needs_its_stop_above(sqlite_engine):
    signal_id = open_desk(sqlite_engine, direction=-1, stop=102.0, target=94.0)
    with pytest.raises(DeskError, match=r"stop 102\.0 is not above the price 103\.0"):
        accept_signal(sqlite_engine, signal_id, Ticket(103.0, D(1)), NOW)
    with pytest.raises(DeskError, match=r"target 94\.0 is not below the price 93\.0"):
        accept_signal(sqlite_engine, signal_id, Ticket(93.0, D(1)), NOW)
    assert accept_signal(sqlite_engine, signal_id, Ticket(100.0, D(1)), NOW)


def test_the_currency_has_to_be_the_accounts(engine):
    signal_id = open_desk(engine, account={"currency": "EUR"})
    with pytest.raises(DeskError, match="traded in USD, but the account holds EUR: choose another account"):
        accept_signal(engine, signal_id, None, NOW)
    assert nothing_written(engine, signal_id)


def test_no_size_within_the_risk_is_told(engine):
    signal_id = open_desk(engine, account={"initial_balance": D(100)})
    with pytest.raises(DeskError, match="raise the risk or choose a closer stop"):
        accept_signal(engine, signal_id, None, NOW)
    assert nothing_written(engine, signal_id)


def test_what_does_not_exist_is_told(engine):
    with pytest.raises(NotFoundError, match="There is no account yet"):
        accept_signal(engine, 1, None, NOW)
    signal_id = open_desk(engine)
    with pytest.raises(NotFoundError, match="Signal 99 does not exist"):
        accept_signal(engine, 99, None, NOW)
    with pytest.raises(NotFoundError, match="Account 99 does not exist"):
        accept_signal(engine, signal_id, None, NOW, 99)
    with pytest.raises(NotFoundError, match="Signal 99 does not exist"):
        reject_signal(engine, 99, "No", NOW)


def test_a_signal_expires_by_the_clock_where_bars_keep_coming(engine):
    signal_id = open_desk(engine)
    end = NOW + timedelta(hours=4)
    with pytest.raises(ConflictError, match="Not taken by 2026-11-20 16:00 UTC"):
        accept_signal(engine, signal_id, None, end)
    assert nothing_written(engine, signal_id)
    assert accept_signal(engine, signal_id, None, end - timedelta(milliseconds=1))


def test_a_sample_signal_expires_by_its_bars_not_by_the_clock(engine):
    signal_id = open_desk(engine, symbol={"source": "sample"})
    years_later = NOW + timedelta(days=4000)
    hours = [(100.0, 101.0, 99.0, 100.0)] * 3
    with writer(engine) as session:
        signal = signal_of(engine, signal_id)
        symbol = session.get_one(Symbol, signal.symbol_id)
        add_bars(session, symbol, make_bars(hours, start=NOW_MS, timeframe=Timeframe.H1))
        strategy, run = session.get_one(Strategy, signal.strategy_id), session.get_one(Run, signal.run_id)
        second = make_signal(session, symbol=symbol, strategy=strategy, run=run, source_key="zone-2").id
    assert accept_signal(engine, signal_id, None, years_later)
    with writer(engine) as session:
        symbol = session.get_one(Symbol, signal.symbol_id)
        add_bars(session, symbol, make_bars(hours[:1], start=NOW_MS + 3 * HOUR, timeframe=Timeframe.H1))
    with pytest.raises(ConflictError, match="Not taken by 2026-11-20 16:00 UTC"):
        accept_signal(engine, second, None, years_later)


def test_reject_keeps_the_reason(engine):
    signal_id = open_desk(engine)
    reject_signal(engine, signal_id, "  Against the news ", LATER)
    signal = signal_of(engine, signal_id)
    assert (signal.status, signal.reason, signal.decided_at) == ("rejected", "Against the news", LATER)
    assert kinds(engine, "signal", signal_id) == ["bars", "signal", "decision"]
    assert rows(engine, Trade) == []
    reject_signal(engine, signal_id, "Against the news", LATER)
    with pytest.raises(ConflictError, match=r"already rejected \(Against the news\)"):
        reject_signal(engine, signal_id, "Too late", LATER)
    with reader(engine) as session:
        assert current(session) == 1


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_reject_needs_a_reason(engine, reason):
    signal_id = open_desk(engine)
    with pytest.raises(DeskError, match="needs a reason"):
        reject_signal(engine, signal_id, reason, NOW)
    assert nothing_written(engine, signal_id)


def test_an_accepted_signal_cannot_be_rejected(engine):
    signal_id = open_desk(engine)
    accept_signal(engine, signal_id, None, NOW)
    with pytest.raises(ConflictError, match="already accepted"):
        reject_signal(engine, signal_id, "Changed my mind", LATER)


def test_times_are_stored_as_moments_whatever_their_zone(engine):
    signal_id = open_desk(engine)
    zone = timezone(timedelta(hours=9))
    trade = trade_of(engine, accept_signal(engine, signal_id, None, LATER.astimezone(zone)))
    assert (trade.opened_at, trade.opened_at.tzinfo) == (LATER, UTC)


def test_a_signal_whose_stop_was_reached_cannot_be_taken_even_before_it_was_settled(engine):
    signal_id = open_desk(engine)
    with writer(engine) as session:
        symbol = session.get_one(Symbol, signal_of(engine, signal_id).symbol_id)
        add_bars(session, symbol, make_bars([(100.0, 101.0, 98.0, 99.0)], start=NOW_MS, timeframe=Timeframe.M5))
    with pytest.raises(ConflictError, match="Stop reached at 2026-11-20 12:05 UTC before it was taken"):
        accept_signal(engine, signal_id, None, NOW + timedelta(minutes=6))
    assert signal_of(engine, signal_id).status == "new"
