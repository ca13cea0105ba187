"""The Accounts page: forms, cash, challenges; and room before the click, with the same figures on every page."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select
from streamlit.testing.v1 import AppTest

from core.challenge.presets import preset
from core.challenge.stored import to_json
from core.errors import LimitError
from core.risk import money
from db.actions.accounts import AccountDraft, archive_account, create_account, edit_account
from db.actions.challenges import start_challenge
from db.actions.close import close_trade
from db.actions.decide import Ticket, accept_signal
from db.actions.positions import ManualTrade, open_trade
from db.engine import reader
from db.models import Account, CashMovement, Challenge, ChallengePhase, Signal, Trade
from db.views.accounts import newest_challenge
from tests.dashboard.pages_under_test import charts, open_page, run, text

D = Decimal


def rows(engine: Engine, model):
    with reader(engine) as session:
        return session.exec(select(model).order_by(model.id)).all()


def typed(at: AppTest, **fields: str) -> AppTest:
    for name, value in fields.items():
        at.text_input(key=f"dialog_{name}").set_value(value)
    return run(at)


@pytest.fixture
def challenged(sqlite_desk: Engine) -> Engine:
    """The desk's account in FTMO's two-step challenge of 100,000 since two days ago, with a trade lost: 4,500."""
    now = datetime.now(UTC)
    start_challenge(sqlite_desk, 1, preset("ftmo_2_step", D(100_000)), now - timedelta(days=2), now)
    at = now - timedelta(minutes=40)
    lost = open_trade(sqlite_desk, 1, ManualTrade(1, 1, D(450_000), 1.08, at, 1.0), at, limits=False)
    close_trade(sqlite_desk, lost, 1.07, at + timedelta(minutes=1), "", now)
    return sqlite_desk


def test_an_account_is_opened_changed_and_put_away(empty_desk: Engine) -> None:
    at = open_page("accounts")
    run(at, at.button(key="account_new").click())
    typed(at, name="Prop", balance="50,000", risk="0,,25x")
    run(at, at.button(key="dialog_save").click())
    assert "is no number for the risk for one trade" in at.error[0].value.replace("\\", "")
    typed(at, risk="250", max_open="3", max_risk="2.5", zone="Europe/Prague")
    at.selectbox(key="dialog_risk_kind").set_value("fixed")
    run(at, at.button(key="dialog_save").click())
    (account,) = rows(empty_desk, Account)
    assert (account.initial_balance, account.risk_fixed, account.max_open) == (D(50_000), D(250), 3)
    assert (account.max_risk_percent, account.time_zone) == (D("2.5"), "Europe/Prague")
    assert "Risks 250.00 USD a trade; at most 3 open; at most 2.5 % risk in use" in text(at)
    run(at, at.button(key="account_archive").click())
    run(at, at.button(key="dialog_archive").click())
    assert rows(empty_desk, Account)[0].archived_at is not None
    assert 'class="empty"' in text(open_page("home")), "no page chooses an account of the archive"


def test_the_second_editor_sees_what_differs_before_saving(sqlite_desk: Engine) -> None:
    at = open_page("accounts", account="1")
    run(at, at.button(key="account_edit").click())
    with reader(sqlite_desk) as session:
        account = session.get_one(Account, 1)
    edit_account(sqlite_desk, 1, account.version, AccountDraft(account.name, account.initial_balance, max_open=7))
    typed(at, max_open="2")
    run(at, at.button(key="dialog_save").click())
    assert '<td class="">7</td>' in text(at).replace("<td>", '<td class="">')
    assert rows(sqlite_desk, Account)[0].max_open == 7
    run(at, at.button(key="dialog_save").click())
    assert rows(sqlite_desk, Account)[0].max_open == 2


def test_cash_is_booked_with_a_name_and_a_reason_and_reversed(sqlite_desk: Engine) -> None:
    at = open_page("accounts", account="1")
    at.segmented_control(key="account_part").set_value("Cash")
    run(at)
    run(at, at.button(key="cash_new").click())
    typed(at, amount="1,500.25", reason="Bonus")
    run(at, at.button(key="dialog_book").click())
    assert "Say who books it" in at.error[0].value
    typed(at, by="Ada")
    run(at, at.button(key="dialog_book").click())
    (booked,) = rows(sqlite_desk, CashMovement)
    assert (booked.amount, booked.booked_by, booked.reason) == (D("1500.25"), "Ada", "Bonus")
    run(at, at.button(key="cash_undo").click())
    typed(at, reason="Twice", by="Bea")
    run(at, at.button(key="dialog_reverse").click())
    assert [row.amount for row in rows(sqlite_desk, CashMovement)] == [D("1500.25"), D("-1500.25")]
    assert "deposit, reverses 1" in text(at)


def test_the_chosen_account_is_that_of_every_page(sqlite_desk: Engine) -> None:
    second = create_account(sqlite_desk, AccountDraft("Second", D(7000)), datetime.now(UTC))
    at = open_page("accounts")
    run(at, at.button(key=f"account_choose_{second}").click())
    assert "7,000.00 USD" in text(open_page("home")), "also in a session that begins later"
    archive_account(sqlite_desk, second, 1, True, datetime.now(UTC))
    assert "7,000.00 USD" not in text(open_page("home"))


def test_a_challenge_begins_from_a_preset_with_every_rule_in_words(sqlite_desk: Engine) -> None:
    at = open_page("accounts", account="1")
    seen = text(at)
    assert "Equity must not drop below the initial balance less 10 % of the initial balance" in seen
    assert 'href="https://ftmo.com/en/trading-objectives"' in seen
    assert "2026-11-21" in seen
    run(at, at.toggle(key="challenge_change").set_value(True))
    at.text_input(key="rules_evaluation_daily_value").set_value("0")
    run(at)
    assert "above zero" in at.error[0].value
    at.text_input(key="rules_evaluation_daily_value").set_value("4")
    run(at)
    run(at, at.button(key="challenge_begin").click())
    (challenge,) = rows(sqlite_desk, Challenge)
    assert challenge.rules["phases"][0]["daily"]["amount"]["value"] == "4"
    assert "own rule" in text(at)
    assert "Resets in" in text(at)


def test_a_challenge_of_another_size_than_the_account_says_what_counts_by_which(sqlite_desk: Engine) -> None:
    create_account(sqlite_desk, AccountDraft("Half", D(50_000), risk_percent=D(1)), datetime.now(UTC))
    at = open_page("accounts", account="2")
    assert "the challenge is about 100,000.00: floors, target and room are those of the phase" in text(at)
    assert "a trade is sized by 1 % of what the account holds, 500.00" in text(at)
    run(at, at.selectbox(key="challenge_size_ftmo_2_step").set_value(D(50_000)))
    assert "the challenge is about" not in text(at)


def test_rules_travel_as_json(sqlite_desk: Engine) -> None:
    rules = replace(preset("topstep_combine", D(50_000)), name="Mine")
    at = open_page("accounts", account="1")
    run(at, at.selectbox(key="challenge_from").set_value("file"))
    at.file_uploader(key="challenge_file").set_value(
        ("mine.json", json.dumps(to_json(rules)).encode(), "application/json")
    )
    run(at)
    run(at, at.button(key="challenge_begin").click())
    assert rows(sqlite_desk, Challenge)[0].rules == to_json(rules)


def test_every_page_shows_the_same_room(challenged: Engine) -> None:
    with reader(challenged) as session:
        state = newest_challenge(session, 1, datetime.now(UTC))
    assert state is not None
    result = state.evaluation.current
    assert result.daily is not None
    assert result.daily.room is not None
    accounts, home = text(open_page("accounts", account="1")), text(open_page("home"))
    for seen in (accounts, home):
        assert money(result.daily.room) in seen
        assert money(result.overall.room) in seen
    lines = {
        series["options"]["title"]: series["data"]
        for series in charts(open_page("accounts", account="1"))[0][0]["series"]
    }
    assert lines["Daily floor"][-1]["value"] == float(result.daily.floor)
    assert lines["Equity"][-1]["value"] == float(result.equity)
    assert lines["Target"][0]["value"] == 110_000


def test_a_trade_that_would_breach_is_refused_before_the_click_and_by_the_action(challenged: Engine) -> None:
    at = open_page("signals", signal="6")
    run(at, at.button(key="accept").click())
    seen = text(at)
    assert not at.button(key="dialog_accept").disabled
    assert "Daily loss leaves" in seen, "the proposed size is bound by the room of the day"
    proposed = at.number_input(key="dialog_quantity").value
    run(at, at.number_input(key="dialog_quantity").set_value(proposed + 1000))
    assert at.button(key="dialog_accept").disabled
    assert "refuses this trade" in at.error[0].value
    assert "Daily loss" in at.error[0].value
    with reader(challenged) as session:
        entry = session.get_one(Signal, 6).entry
    with pytest.raises(LimitError, match="Daily loss"):
        accept_signal(challenged, 6, Ticket(entry, D(str(proposed + 1000))), datetime.now(UTC))
    run(at, at.number_input(key="dialog_quantity").set_value(proposed))
    run(at, at.button(key="dialog_accept").click())
    assert rows(challenged, Trade)[-1].signal_id == 6


def test_a_size_between_lots_is_shown_as_it_was_typed(sqlite_desk: Engine) -> None:
    at = open_page("signals", signal="6")
    run(at, at.button(key="accept").click())
    run(at, at.number_input(key="dialog_quantity").set_value(1000.5))
    assert at.number_input(key="dialog_quantity").proto.format == "%g"
    assert "trades in steps of 1000: 1000.5 cannot be booked" in text(at).replace("\\", "")


def test_a_manual_trade_shows_its_room_and_is_booked_anyway_once_it_has_happened(challenged: Engine) -> None:
    at = open_page("accounts", account="1")
    run(at, at.button(key="trade_new").click())
    at.selectbox(key="dialog_symbol").set_value(1)
    run(at)
    typed(at, entry="1.08", stop="1.07", quantity="400000")
    assert at.button(key="dialog_trade").disabled
    assert "Daily loss" in at.error[0].value
    run(at, at.toggle(key="dialog_anyway").set_value(True))
    run(at, at.button(key="dialog_trade").click())
    booked = rows(challenged, Trade)[-1]
    assert (booked.signal_id, booked.quantity, booked.stop) == (None, D(400_000), 1.07)


def test_a_breach_names_its_instant_and_its_rule_and_a_passed_phase_leads_to_the_next(challenged: Engine) -> None:
    now = datetime.now(UTC)
    at_ = now - timedelta(minutes=30)
    lost = open_trade(challenged, 1, ManualTrade(1, 1, D(100_000), 1.08, at_, 1.0), at_, limits=False)
    close_trade(challenged, lost, 1.07, at_ + timedelta(minutes=1), "", now)
    seen = text(open_page("accounts", account="1"))
    assert "Daily loss: equity" in seen
    assert "The phase failed here." in seen
    second = create_account(challenged, AccountDraft("Winner", D(50_000)), now - timedelta(days=3))
    start_challenge(challenged, second, preset("ftmo_1_step", D(50_000)), now - timedelta(days=2), now)
    for days in (2, 1):
        opened = now - timedelta(days=days) + timedelta(minutes=5)
        won = open_trade(challenged, second, ManualTrade(1, 1, D(300_000), 1.08, opened, 1.0), opened, limits=False)
        close_trade(challenged, won, 1.09, opened + timedelta(minutes=1), "", now)
    at = open_page("accounts", account=str(second))
    run(at, at.button(key="challenge_next").click())
    run(at, at.button(key="dialog_next").click())
    with Session(challenged) as session:
        states = [one.state for one in session.exec(select(ChallengePhase).where(ChallengePhase.challenge_id == 2))]
    assert states == ["passed", "running"]
    assert "FTMO 1-Step: funded" in text(at)


def test_a_challenge_that_ended_is_cleared_by_typing_and_comes_back(challenged: Engine) -> None:
    at = open_page("accounts", account="1")
    run(at, at.button(key="challenge_end").click())
    run(at, at.button(key="dialog_end").click())
    run(at, at.button(key="challenge_clear").click())
    run(at, at.button(key="dialog_clear").click())
    confirmation = at.text_input(key="dialog_typed").label.removeprefix("Type ").replace("\\", "")
    typed(at, typed=confirmation)
    run(at, at.button(key="dialog_clear").click())
    assert "Start a challenge on this account" in text(at)
    at.segmented_control(key="account_part").set_value("Past challenges")
    run(at)
    run(at, at.button(key="clear_undo_1").click())
    assert rows(challenged, Challenge)[0].deleted_at is None
