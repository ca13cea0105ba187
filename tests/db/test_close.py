"""Close a trade."""

import math
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from core.errors import ConflictError, DeskError, NotFoundError
from db.actions.close import close_trade
from db.actions.decide import Ticket, accept_signal
from db.engine import reader
from db.store.accounts import balance
from db.store.revision import current
from tests.db.desk import kinds, open_desk, trade_of
from tests.factories import NOW

D = Decimal
EXIT = NOW + timedelta(hours=1)
LATER = NOW + timedelta(hours=2)


def opened(engine, note="", **desk):
    """A trade of 0.3 lots at 100, stop 98."""
    signal_id = open_desk(engine, symbol={"point_value": D(10), "lot_step": D("0.1")}, **desk)
    return accept_signal(engine, signal_id, Ticket(100.0, D("0.3"), note), NOW)


def test_close_computes_the_result_exactly(engine):
    trade_id = opened(engine, note="In")
    # (100.1 - 100) x 0.3 x 10 = 0.3, which binary floats miss; risk 2 x 0.3 x 10 = 6
    close_trade(engine, trade_id, 100.1, EXIT, " Out early ", LATER)
    trade = trade_of(engine, trade_id)
    assert (trade.status, trade.exit_price, trade.closed_at) == ("closed", 100.1, EXIT)
    assert (trade.pnl, trade.risk, trade.r_multiple) == (D("0.3"), D(6), 0.05)
    assert trade.note == "In\nOut early"
    assert kinds(engine, "trade", trade_id) == ["bars", "signal", "decision", "trade", "close"]
    with reader(engine) as session:
        assert balance(session, trade.account_id) == D("100000.3")
        assert current(session) == 2


@pytest.mark.parametrize(("price", "pnl", "r"), [(98.0, D(-6), -1.0), (100.0, D(0), 0.0), (106.0, D(18), 3.0)])
def test_results_of_a_long(engine, price, pnl, r):
    trade_id = opened(engine)
    close_trade(engine, trade_id, price, EXIT, "", LATER)
    trade = trade_of(engine, trade_id)
    assert (trade.pnl, trade.r_multiple) == (pnl, r)


def test_a_short_gains_when_the_price_falls(engine):
    trade_id = opened(engine, direction=-1, stop=102.0, target=94.0)
    close_trade(engine, trade_id, 97.0, EXIT, "", LATER)
    assert trade_of(engine, trade_id).pnl == D(9)


def test_a_second_close_is_a_conflict_and_changes_nothing(engine):
    trade_id = opened(engine)
    close_trade(engine, trade_id, 101.0, EXIT, "", LATER)
    with pytest.raises(ConflictError, match=r"already closed at 101\.0 with 3\.00"):
        close_trade(engine, trade_id, 99.0, EXIT, "", LATER)
    assert trade_of(engine, trade_id).exit_price == 101.0


@pytest.mark.parametrize(
    ("price", "closed_at", "sentence"),
    [
        (0.0, EXIT, "enter the price of the exit"),
        (-1.0, EXIT, "enter the price of the exit"),
        (math.nan, EXIT, "enter the price of the exit"),
        (math.inf, EXIT, "enter the price of the exit"),
        (1e300, EXIT, "correct the price of the exit"),
        (101.0, NOW - timedelta(seconds=1), "opened at 2026-11-20 12:00:00 UTC"),
        (101.0, LATER + timedelta(seconds=1), "lies in the future"),
        (101.0, datetime(2026, 11, 20, 13), "no time zone"),
    ],
)
def test_a_close_that_cannot_be_is_refused(sqlite_engine, price, closed_at, sentence):
    trade_id = opened(sqlite_engine)
    with pytest.raises(DeskError, match=sentence):
        close_trade(sqlite_engine, trade_id, price, closed_at, "", LATER)
    trade = trade_of(sqlite_engine, trade_id)
    assert (trade.status, trade.pnl, trade.exit_price) == ("open", None, None)


def test_a_trade_may_be_closed_at_the_moment_it_was_opened_and_now(engine):
    trade_id = opened(engine)
    close_trade(engine, trade_id, 101.0, NOW, "", NOW)
    assert trade_of(engine, trade_id).status == "closed"


def test_an_unknown_trade_is_told(engine):
    with pytest.raises(NotFoundError, match="Trade 99 does not exist"):
        close_trade(engine, 99, 1.0, EXIT, "", LATER)
