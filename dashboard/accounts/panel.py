"""The account that the Accounts page shows: its challenge, its limits, its cash."""

from __future__ import annotations

import streamlit as st

from dashboard import data, dialogs, navigation
from dashboard.accounts import cash as account_cash
from dashboard.accounts import choice as account_choice
from dashboard.accounts.list import choose, limits_line
from dashboard.challenge.board import board
from dashboard.challenge.clear import undo_line
from dashboard.challenge.start import start_panel
from dashboard.challenge.words import STATE_TONES
from dashboard.components import formats
from dashboard.components.markup import markdown, pill, show, table, tag
from dashboard.components.panels import note
from dashboard.trades import manual as manual_trade
from db.models import CashMovement
from db.views import accounts
from db.views.accounts import AccountLine

CHALLENGE, CASH, PAST = "Challenge", "Cash", "Past challenges"
_ASKED = "account_asked"


def shown(asked: int | None, lines: list[AccountLine], archived: list[AccountLine]) -> AccountLine | None:
    """The account in the address, also one of the archive, else the chosen one.

    An address names an account for all pages when it is opened, as a click on it does.
    """
    known = {line.account.id: line for line in [*lines, *archived]}
    if asked in known and st.session_state.get(_ASKED) != asked:
        st.session_state[_ASKED] = asked
        if known[asked].account.archived_at is None:
            account_choice.choose(asked or 0)
    if asked in known:
        return known[asked]
    current = account_choice.chosen_of([line.account for line in lines])
    return known[current.id] if current is not None else None


def archive_line(archived: list[AccountLine]) -> None:
    """The archive, closed until it is wanted."""
    if not archived:
        return
    with st.expander(f"Archive ({len(archived)})", key="account_archive_list"):
        for line in archived:
            known = line.account.id or 0
            st.button(
                markdown(line.account.name),
                key=f"account_choose_{known}",
                type="tertiary",
                on_click=choose,
                args=(known,),
            )


def account_panel(key: data.Stamp, line: AccountLine, movements: list[CashMovement]) -> None:
    """Head and limits, then what was chosen of challenge, cash and past challenges."""
    _head(line)
    part = st.segmented_control(
        "Part", (CHALLENGE, CASH, PAST), default=CHALLENGE, required=True, key="account_part",
        label_visibility="collapsed",
    )  # fmt: skip
    if part == CASH:
        account_cash.cash_panel(line.account, movements)
    elif part == PAST:
        _past(key, line)
    else:
        _challenge(line)


def _head(line: AccountLine) -> None:
    account = line.account
    put_away = account.archived_at is not None
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="account_head"
    ):
        name = tag("h2", account.name, pill("archived", "warning") if put_away else "")
        show(tag("div", name, tag("span", limits_line(line), cls="muted"), cls="head"))
        with st.container(horizontal=True, width="content", gap="small"):
            if not put_away:
                manual_trade.new_trade_button(account)
            st.button("Change", key="account_edit", on_click=dialogs.show, args=("account_form", account.id))
            label = "Restore" if put_away else "Archive"
            st.button(label, key="account_archive", on_click=dialogs.show, args=("account_archive", account.id))
            navigation.link("lineage", "Lineage", account=account.id)


def _challenge(line: AccountLine) -> None:
    state = line.challenge
    if state is not None:
        board(state)
    if state is not None and state.state == "running":
        return
    if line.account.archived_at is not None:
        note("An account in the archive takes no challenge.")
        return
    if state is None:
        start_panel(line.account, line.balance)
        return
    if st.toggle("Start another challenge", key="challenge_another"):
        start_panel(line.account, line.balance)


def _past(key: data.Stamp, line: AccountLine) -> None:
    undo_line()
    found = data.cached(key, accounts.challenges, line.account.id or 0)
    if not found:
        note("This account was not put to a challenge yet.")
        return
    heads = (
        ("Challenge", ""),
        ("Began (UTC)", "nowrap"),
        ("Last phase", ""),
        ("State", ""),
        ("Ended (UTC)", ""),
        ("Why", ""),
    )
    rows = [
        (
            challenge.name,
            formats.utc(challenge.created_at),
            phase.name,
            pill(phase.state, STATE_TONES.get(phase.state, "")),
            formats.utc(phase.ended_at),
            phase.breach_detail or "",
        )
        for challenge, phase in found
    ]
    show(table(heads, rows))
