"""Accounts, their cash and their challenges."""

from datetime import timedelta
from decimal import Decimal

import pytest

from core.challenge.presets import preset
from core.errors import ConflictError, DeskError, EditConflictError, LimitError
from core.timeframe import Timeframe
from db.actions.accounts import (
    AccountDraft,
    Cash,
    archive_account,
    book_cash,
    create_account,
    edit_account,
    reverse_cash,
)
from db.actions.challenges import follow_challenges, next_phase, record_result, start_challenge, stop_challenge
from db.actions.clear import Scope, clear_history, preview_clearing, undo_clearing
from db.actions.close import close_trade
from db.actions.portfolio_facts import ActionDraft, book_action
from db.actions.positions import ManualTrade, move_stop, open_trade
from db.engine import reader, writer
from db.models import Account, CashMovement, Challenge, ChallengePhase, Symbol
from db.store.accounts import balance
from db.store.standing import run_of
from db.views.accounts import account_line
from tests.db.desk import rows
from tests.factories import NOW, NOW_MS, add_bars, make_bars, make_symbol, make_trade

D = Decimal


def held(engine):
    with reader(engine) as session:
        return balance(session, 1)


def test_an_account_is_opened_and_edited(engine):
    account_id = create_account(engine, AccountDraft("Swing", D(5000), "EUR", max_open=3, sessions=["london"]), NOW)
    draft = AccountDraft("Swing 2", D(6000), "EUR", risk_fixed=D(50), time_zone="Europe/Berlin")
    assert edit_account(engine, account_id, 1, draft) == 2
    (account,) = rows(engine, Account)
    assert (account.name, account.initial_balance, account.risk_fixed) == ("Swing 2", D(6000), D(50))
    assert (account.max_open, account.sessions, account.version) == (None, [], 2)


def test_the_second_of_two_editors_sees_the_difference(sqlite_engine):
    create_account(sqlite_engine, AccountDraft("Swing", D(5000)), NOW)
    edit_account(sqlite_engine, 1, 1, AccountDraft("Swing", D(5000), max_open=2))
    with pytest.raises(EditConflictError, match="changed in the meantime") as told:
        edit_account(sqlite_engine, 1, 1, AccountDraft("Day trades", D(5000)))
    assert told.value.fields == {"name": ("Swing", "Day trades"), "max_open": (2, None)}
    assert rows(sqlite_engine, Account)[0].name == "Swing"


@pytest.mark.parametrize(
    ("draft", "sentence"),
    [
        (AccountDraft(" ", D(1)), "needs a name"),
        (AccountDraft("A", D(-1)), "sum above zero"),
        (AccountDraft("A", D(1), "dollars"), "no currency"),
        (AccountDraft("A", D(1), risk_percent=D(0)), "no risk"),
        (AccountDraft("A", D(1), max_risk_percent=D(101)), "no risk"),
        (AccountDraft("A", D(1), risk_fixed=D("NaN")), "cannot be"),
        (AccountDraft("A", D(1), max_open=0), "archive it"),
        (AccountDraft("A", D(1), time_zone="Europe/Nowhere"), "no time zone"),
        (AccountDraft("A", D(1), symbols=[3]), "no symbol 3"),
    ],
)
def test_an_account_that_cannot_be_is_refused(sqlite_engine, draft, sentence):
    with pytest.raises(DeskError, match=sentence):
        create_account(sqlite_engine, draft, NOW)
    assert rows(sqlite_engine, Account) == []


def test_a_name_is_given_once(engine):
    create_account(engine, AccountDraft("A", D(1)), NOW)
    with pytest.raises(ConflictError, match="'A' already"):
        create_account(engine, AccountDraft("A", D(1)), NOW)


def test_cash_is_reversed_and_never_deleted(engine):
    create_account(engine, AccountDraft("A", D(1000)), NOW)
    deposit = book_cash(engine, 1, Cash("deposit", D(500), NOW, "Bonus", "Ada"), NOW)
    book_cash(engine, 1, Cash("withdrawal", D("100.25"), NOW, "Rent", "Ada"), NOW)
    book_cash(engine, 1, Cash("adjustment", D("-0.75"), NOW, "Rounding", "Ada"), NOW)
    assert held(engine) == D(1399)
    reverse_cash(engine, deposit, "Booked twice", "Bea", NOW + timedelta(days=1))
    assert held(engine) == D(899)
    with pytest.raises(ConflictError, match="reversed already"):
        reverse_cash(engine, deposit, "Again", "Bea", NOW)
    booked = [(row.amount, row.booked_by, row.reason, row.reverses_id) for row in rows(engine, CashMovement)]
    assert booked[0] == (D(500), "Ada", "Bonus", None)
    assert booked[3] == (D(-500), "Bea", "Booked twice", deposit)
    with pytest.raises(DeskError, match="history: its currency and initial balance stay"):
        edit_account(engine, 1, 1, AccountDraft("A", D(2000)))


@pytest.mark.parametrize(
    "cash",
    [
        Cash("gift", D(1), NOW, "a", "b"),
        Cash("deposit", D(-1), NOW, "a", "b"),
        Cash("deposit", D(0), NOW, "a", "b"),
        Cash("deposit", D(1), NOW + timedelta(1), "a", "b"),
        Cash("deposit", D(1), NOW, " ", "b"),
        Cash("deposit", D(1), NOW, "a", ""),
    ],
)
def test_cash_that_cannot_be_is_refused(sqlite_engine, cash):
    create_account(sqlite_engine, AccountDraft("A", D(1)), NOW)
    with pytest.raises(DeskError):
        book_cash(sqlite_engine, 1, cash, NOW)
    assert rows(sqlite_engine, CashMovement) == []


@pytest.fixture
def challenged(sqlite_engine):
    """An account in FTMO's two-step challenge of 100,000 since NOW, and a symbol."""
    create_account(sqlite_engine, AccountDraft("Prop", D(100_000)), NOW)
    with writer(sqlite_engine) as session:
        make_symbol(session)
    start_challenge(sqlite_engine, 1, preset("ftmo_2_step", D(100_000)), NOW, NOW)
    return sqlite_engine


def trade(engine, quantity, minute, stop=90.0):
    at = NOW + timedelta(minutes=minute)
    return open_trade(engine, 1, ManualTrade(1, 1, D(quantity), 100.0, at, stop), at, limits=False)


def state(engine, minutes):
    with reader(engine) as session:
        return run_of(session, session.get_one(Challenge, 1), NOW + timedelta(minutes=minutes)).evaluation.current


def test_the_room_of_a_challenge_is_asked_before_a_trade(challenged):
    trade(challenged, 400, 1)  # 4,000 at its stop; the day's floor is 95,000
    later = NOW + timedelta(minutes=2)
    with pytest.raises(LimitError, match=r"94,500\.00") as told:
        open_trade(challenged, 1, ManualTrade(1, 1, D(150), 100.0, later, 90.0), later)
    assert told.value.subject == "daily_loss"
    open_trade(challenged, 1, ManualTrade(1, 1, D(100), 100.0, later, 90.0), later)
    with pytest.raises(LimitError, match="no stop"):
        open_trade(challenged, 1, ManualTrade(1, 1, D(1), 100.0, later), later)


def test_open_profit_and_loss_are_known_at_stored_closes(challenged):
    trade(challenged, 400, 0)
    with writer(challenged) as session:
        bars = [(100.0, 100.0, 95.0, 95.0), (95.0, 96.0, 88.0, 88.0)]
        add_bars(session, session.get_one(Symbol, 1), make_bars(bars, start=NOW_MS, timeframe=Timeframe.M1))
    assert state(challenged, 1).equity == D(98_000)
    # 88: 4,800 lost.
    assert (state(challenged, 2).equity, state(challenged, 2).failed) == (D(95_200), None)
    unpriced = trade(challenged, 1, 5)
    found = state(challenged, 6)
    assert (found.equity, found.unknown_since) == (None, NOW_MS + 5 * 60_000)
    close_trade(challenged, unpriced, 101.0, NOW + timedelta(minutes=7), "", NOW + timedelta(minutes=8))
    assert state(challenged, 8).equity == D(95_201)


def test_a_split_breaches_no_challenge(challenged):
    """400 at 100 become 1,600 at 25 with the second bar."""
    trade(challenged, 400, 0)
    with writer(challenged) as session:
        bars = [(100.0, 100.0, 100.0, 100.0), (25.0, 25.0, 25.0, 24.5)]
        add_bars(session, session.get_one(Symbol, 1), make_bars(bars, start=NOW_MS, timeframe=Timeframe.M1))
    minute = NOW + timedelta(minutes=1)
    book_action(challenged, ActionDraft(1, "split", minute, 4, 1), NOW + timedelta(minutes=2))
    assert [state(challenged, one).equity for one in (1, 2)] == [D(100_000), D(99_200)]


def test_open_profit_of_another_currency_counts_by_the_rate_of_its_trade(sqlite_engine):
    create_account(sqlite_engine, AccountDraft("A", D(1000)), NOW)
    with writer(sqlite_engine) as session:
        bars = make_bars([(110.0, 110.0, 110.0, 110.0)], start=NOW_MS, timeframe=Timeframe.M1)
        for name, currency, rate in (("HERE", "USD", "1"), ("THERE", "EUR", "1.25")):
            symbol = make_symbol(session, name, currency=currency)
            add_bars(session, symbol, bars)
            # A statement may bring such a trade; by hand none is opened.
            account = session.get_one(Account, 1)
            make_trade(session, account=account, symbol=symbol, quantity=D(1), fx_rate=D(rate))
    with reader(sqlite_engine) as session:
        assert account_line(session, 1, NOW + timedelta(minutes=2)).floating == D("22.5")


def test_a_breach_is_recorded_once_and_stays(challenged):
    lost = trade(challenged, 600, 1)
    moment = NOW + timedelta(minutes=2)
    close_trade(challenged, lost, 90.0, moment, "", NOW + timedelta(minutes=3))
    with reader(challenged) as session:
        evaluation = run_of(session, session.get_one(Challenge, 1), NOW + timedelta(minutes=3)).evaluation
    assert record_result(challenged, 1, evaluation)
    assert not record_result(challenged, 1, evaluation)
    (phase,) = rows(challenged, ChallengePhase)
    assert (phase.state, phase.breach_rule, phase.breached_at) == ("failed", "daily_loss", moment)
    assert "94,000.00" in (phase.breach_detail or "")
    with pytest.raises(LimitError, match="has failed"):
        open_trade(challenged, 1, ManualTrade(1, 1, D(1), 100.0, moment, 99.0), NOW + timedelta(minutes=3))


def test_phases_follow_each_other_with_a_balance_of_their_own(challenged):
    won = trade(challenged, 1000, 1)
    close_trade(challenged, won, 110.0, NOW + timedelta(minutes=2), "", NOW + timedelta(minutes=2))
    carried = trade(challenged, 10, 3)
    begun = NOW + timedelta(days=1)
    assert next_phase(challenged, 1, 1, begun, begun) == "verification"
    with pytest.raises(ConflictError, match="changed in the meantime"):
        next_phase(challenged, 1, 1, begun, begun)
    close_trade(challenged, carried, 200.0, begun + timedelta(minutes=1), "", begun + timedelta(minutes=1))
    found = state(challenged, 1500)
    assert (found.phase.name, found.initial, found.balance) == ("verification", D(100_000), D(100_000))
    assert held(challenged) == D(111_000)
    assert [phase.state for phase in rows(challenged, ChallengePhase)] == ["passed", "running"]
    stop_challenge(challenged, 1, 2, begun)
    with pytest.raises(DeskError, match="No phase"):
        stop_challenge(challenged, 1, 3, begun)


def test_a_cash_movement_that_was_reversed_is_as_if_it_had_not_been(challenged):
    moved = book_cash(challenged, 1, Cash("deposit", D(1000), NOW, "Wrong account", "Ada"), NOW)
    book_cash(challenged, 1, Cash("fee", D(10), NOW, "Data", "Ada"), NOW)
    reverse_cash(challenged, moved, "Wrong account", "Ada", NOW)
    found = state(challenged, 1)
    assert (found.balance, found.profit) == (D(99_990), D(-10))
    with pytest.raises(DeskError, match="began at 2026-11-20 12:00 UTC: choose a later time"):
        next_phase(challenged, 1, 1, NOW, NOW)
    assert follow_challenges(challenged, NOW + timedelta(minutes=1)) == 0
    loss = trade(challenged, 600, 1)
    close_trade(challenged, loss, 90.0, NOW + timedelta(minutes=2), "", NOW + timedelta(minutes=2))
    assert follow_challenges(challenged, NOW + timedelta(minutes=3)) == 1
    assert follow_challenges(challenged, NOW + timedelta(minutes=3)) == 0


def test_one_challenge_runs_on_an_account_at_a_time(challenged):
    with pytest.raises(ConflictError, match="is running on Prop"):
        start_challenge(challenged, 1, preset("ftmo_2_step", D(100_000)), NOW, NOW)
    stop_challenge(challenged, 1, 1, NOW)
    start_challenge(challenged, 1, preset("ftmo_1_step", D(50_000)), NOW, NOW)


def test_a_stop_moved_up_gives_room_back(challenged):
    first = trade(challenged, 490, 1)
    at = NOW + timedelta(minutes=2)
    with pytest.raises(LimitError):
        open_trade(challenged, 1, ManualTrade(1, 1, D(100), 100.0, at, 90.0), at)
    move_stop(challenged, first, 1, 95.0, at, at)
    open_trade(challenged, 1, ManualTrade(1, 1, D(100), 100.0, at, 90.0), at)


def cleared(engine, scope):
    return clear_history(engine, scope, preview_clearing(engine, scope).confirmation, NOW)


def test_what_was_cleared_comes_back_only_where_it_could_begin(challenged):
    gone = cleared(challenged, Scope("challenge", challenge_id=1))
    start_challenge(challenged, 1, preset("ftmo_1_step", D(100_000)), NOW, NOW)
    with pytest.raises(ConflictError, match="FTMO 1-Step is running on Prop"):
        undo_clearing(challenged, gone, NOW)
    stop_challenge(challenged, 2, 1, NOW)
    assert undo_clearing(challenged, gone, NOW) == 1
    trade(challenged, 10, 0)
    gone = cleared(challenged, Scope("trades", account_id=1))
    archive_account(challenged, 1, 1, True, NOW)
    with pytest.raises(DeskError, match="Prop is archived"):
        undo_clearing(challenged, gone, NOW)
    archive_account(challenged, 1, 2, False, NOW)
    assert undo_clearing(challenged, gone, NOW) == 1
