"""Positions that are scaled in and out, stops that move, and trades without a signal."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from core.errors import ConflictError, DeskError, EditConflictError, LimitError, NotFoundError
from db.actions.accounts import Cash, archive_account, book_cash
from db.actions.close import close_trade
from db.actions.decide import Ticket, accept_signal
from db.actions.positions import (
    ManualTrade,
    Part,
    close_part,
    move_stop,
    move_to_break_even,
    open_trade,
    scale_in,
)
from db.engine import reader, writer
from db.models import Account, Signal, Trade, TradeChange, TradeFill
from db.store.accounts import balance
from tests.db.desk import kinds, open_desk, rows, signal_of, trade_of
from tests.factories import NOW, make_account, make_symbol

D = Decimal


def after(minutes):
    return NOW + timedelta(minutes=minutes)


LATER = after(600)


@pytest.fixture
def desk(sqlite_engine):
    """An account of 100,000 USD and a symbol."""
    with writer(sqlite_engine) as session:
        make_account(session)
        make_symbol(session)
    return sqlite_engine


def manual(**fields):
    plain = {"symbol_id": 1, "direction": 1, "quantity": D(100), "price": 100.0, "opened_at": NOW, "stop": 98.0}
    return ManualTrade(**plain | fields)


def limit(engine, **fields):
    with writer(engine) as session:
        account = session.get_one(Account, 1)
        for name, value in fields.items():
            setattr(account, name, value)


def test_a_position_scaled_in_and_out(engine):
    with writer(engine) as session:
        make_account(session)
        make_symbol(session)
    trade_id = open_trade(engine, 1, manual(fee=D(2)), NOW)
    version = scale_in(engine, trade_id, 1, Part(D(100), 104.0, after(1), D(2)), after(2))
    version = move_to_break_even(engine, trade_id, version, after(3), after(3))
    version = close_part(engine, trade_id, version, Part(D(50), 110.0, after(4), D(1), D("0.5")), after(5))
    trade = trade_of(engine, trade_id)
    # The average is 102; half a quarter made 50 x 8 = 400, less 1.50; the entries cost 4.
    assert (trade.status, trade.open_quantity, trade.entry_price, trade.stop) == ("open", D(150), 102.0, 102.0)
    assert (trade.pnl, trade.r_multiple, trade.version) == (D("394.5"), None, version)
    close_trade(engine, trade_id, 102.0, after(6), "Rest at break-even", LATER, D(3))
    trade = trade_of(engine, trade_id)
    # 100 x 2 to the first stop, 100 x 6 for what was added.
    assert (trade.status, trade.pnl, trade.fees, trade.swap) == ("closed", D("391.5"), D(8), D("0.5"))
    assert (trade.risk, trade.r_multiple, trade.first_stop) == (D(800), 391.5 / 800, 98.0)
    assert [fill.realised for fill in rows(engine, TradeFill)] == [D(-2), D(-2), D("398.5"), D(-3)]
    stops = [(row.before, row.after, row.note) for row in rows(engine, TradeChange) if row.field == "stop"]
    assert stops == [(98.0, 102.0, "Break-even")]
    assert kinds(engine, "trade", trade_id) == ["settings", "trade", "fill", "stop", "fill", "close"]
    with reader(engine) as session:
        assert balance(session, 1) == D("100391.5")


def test_the_balance_counts_cash_and_what_a_partial_close_realised(desk):
    trade_id = open_trade(desk, 1, manual(), NOW)
    close_part(desk, trade_id, 1, Part(D(50), 101.0, after(1), D(5)), after(2))
    book_cash(desk, 1, Cash("deposit", D(1000), NOW, "Savings", "Ada"), NOW)
    book_cash(desk, 1, Cash("fee", D(20), NOW, "Data feed", "Ada"), NOW)
    with reader(desk) as session:
        assert balance(session, 1) == D(100_000) + 50 - 5 + 1000 - 20


def test_a_trade_without_a_stop_has_no_r_until_it_gets_one(desk):
    trade_id = open_trade(desk, 1, manual(stop=None), NOW)
    assert trade_of(desk, trade_id).risk is None
    move_stop(desk, trade_id, 1, 95.0, after(1), after(2))
    move_stop(desk, trade_id, 2, 99.0, after(3), after(4))
    trade = trade_of(desk, trade_id)
    assert (trade.risk, trade.first_stop, trade.stop) == (D(500), 95.0, 99.0)
    other = open_trade(desk, 1, manual(stop=None), NOW)
    close_trade(desk, other, 90.0, after(1), "", LATER)
    assert (trade_of(desk, other).pnl, trade_of(desk, other).r_multiple) == (D(-1000), None)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"stop": 100.0}, "stop 100.0 is not below the price 100.0"),
        ({"direction": -1}, "stop 98.0 is not above"),
        ({"target": 99.0}, "target 99.0 is not above"),
        ({"direction": 0}, "no side"),
        ({"quantity": D("0.5")}, "steps of 1"),
        ({"opened_at": after(1)}, "future"),
        ({"fee": D("NaN")}, "no amount of money"),
    ],
)
def test_a_trade_that_cannot_be_is_refused(desk, fields, sentence):
    with pytest.raises(DeskError, match=sentence):
        open_trade(desk, 1, manual(**fields), NOW)
    assert rows(desk, Trade) == []


def test_fills_that_cannot_be_are_refused(desk):
    trade_id = open_trade(desk, 1, manual(), after(5))
    for part, sentence in [
        (Part(D(101), 100.0, after(6)), "Only 100 is open"),
        (Part(D(1), 100.0, after(-1)), "last fill was at"),
        (Part(D(1), 0.0, after(6)), "not a positive number"),
    ]:
        with pytest.raises(DeskError, match=sentence):
            close_part(desk, trade_id, 1, part, LATER)
    with pytest.raises(EditConflictError, match="changed in the meantime"):
        close_part(desk, trade_id, 7, Part(D(1), 100.0, after(6)), LATER)
    close_part(desk, trade_id, 1, Part(D(100), 100.0, after(6)), LATER)
    with pytest.raises(ConflictError, match="is closed"):
        scale_in(desk, trade_id, 2, Part(D(1), 100.0, after(7)), LATER)
    with pytest.raises(NotFoundError):
        move_stop(desk, 99, 1, 1.0, NOW, NOW)


@pytest.mark.parametrize(
    ("fields", "rule", "sentence"),
    [
        ({"max_open": 1}, "max_trades", "would be number 2, the account allows 1"),
        ({"max_risk_percent": D("0.3")}, "max_risk", r"400\.00 with this trade, the account allows 300\.00"),
        ({"symbols": [7]}, "symbols", "SIM-EURUSD is none of its 1 allowed symbols"),
        # It is 12:00 in London, 07:00 in New York and 21:00 in Tokyo.
        ({"sessions": ["tokyo", "new_york"]}, "sessions", "Tokyo, New York. At 2026-11-20 12:00 UTC none is open"),
    ],
)
def test_the_accounts_limits_refuse_with_rule_and_figure(desk, fields, rule, sentence):
    open_trade(desk, 1, manual(), NOW)
    limit(desk, **fields)
    with pytest.raises(LimitError, match=sentence) as refused:
        open_trade(desk, 1, manual(), NOW)
    assert refused.value.subject == rule
    assert open_trade(desk, 1, manual(), NOW, limits=False) == 2


def test_an_account_may_be_limited_and_still_trade(desk):
    limit(desk, max_open=2, max_risk_percent=D("0.4"), symbols=[1], sessions=["london"])
    first = open_trade(desk, 1, manual(), NOW)
    open_trade(desk, 1, manual(), NOW)
    move_to_break_even(desk, first, 1, NOW, NOW)
    # Two are open and one of them risks nothing any more: adding is no third trade.
    scale_in(desk, first, 2, Part(D(50), 104.0, after(1)), after(1))
    with pytest.raises(LimitError, match="Risk in use"):
        scale_in(desk, first, 3, Part(D(50), 104.0, after(1)), after(1))


def test_a_risk_without_a_bound_is_refused_where_risk_is_limited(desk):
    limit(desk, max_risk_percent=D(5))
    with pytest.raises(LimitError, match="no stop, so its risk has no bound"):
        open_trade(desk, 1, manual(stop=None), NOW)
    open_trade(desk, 1, manual(stop=None), NOW, limits=False)
    with pytest.raises(LimitError, match=r"there is no stop on trade 1"):
        open_trade(desk, 1, manual(), NOW)


def test_a_signal_is_accepted_within_the_limits_only(engine):
    signal_id = open_desk(engine, account={"max_risk_percent": D("0.4")})
    with pytest.raises(LimitError, match=r"500\.00 with this trade, the account allows 400\.00"):
        accept_signal(engine, signal_id, Ticket(100.0, D(250)), NOW)
    assert (signal_of(engine, signal_id).status, rows(engine, Trade)) == ("new", [])
    assert accept_signal(engine, signal_id, Ticket(100.0, D(200)), NOW)


def test_an_accepted_signal_may_have_been_filled_earlier(sqlite_engine):
    signal_id = open_desk(sqlite_engine)
    ticket = Ticket(100.0, D(10), opened_at=after(-3), fee=D("1.5"))
    with pytest.raises(DeskError, match="future"):
        accept_signal(sqlite_engine, signal_id, replace(ticket, opened_at=after(1)), NOW)
    trade = trade_of(sqlite_engine, accept_signal(sqlite_engine, signal_id, ticket, NOW))
    assert (trade.opened_at, trade.fees, trade.pnl) == (after(-3), D("1.5"), D("-1.5"))
    assert rows(sqlite_engine, Signal)[0].decided_at == NOW


def test_an_archived_account_takes_no_trade(desk):
    archive_account(desk, 1, 1, True, NOW)
    with pytest.raises(LimitError, match="archived"):
        open_trade(desk, 1, manual(), NOW)
    archive_account(desk, 1, 2, False, NOW)
    open_trade(desk, 1, manual(), NOW)
    with pytest.raises(DeskError, match="open trades"):
        archive_account(desk, 1, 3, True, NOW)
