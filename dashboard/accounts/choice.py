"""Which account a page is about: chosen once, kept from page to page and for the next visit."""

from __future__ import annotations

import streamlit as st

from core.errors import ChartroomError
from dashboard import data
from db.actions.choose import choose_account
from db.models import Account
from db.store.accounts import chosen
from db.views import signals

_CHOSEN = "chosen_account"
_WIDGET = "account"


def chosen_account() -> Account | None:
    """The only account, or the one chosen from several; None when there is none. An archived one is never chosen."""
    accounts = data.read(signals.accounts)
    current = chosen_of(accounts)
    if current is None or len(accounts) == 1:
        return current
    names = {one.id: one for one in accounts}
    # The widget forgets on other pages, and an account may have been chosen elsewhere or archived since.
    st.session_state[_WIDGET] = current.id
    st.selectbox(
        "Account",
        list(names),
        format_func=lambda one: names[one].name,
        width=240,
        key=_WIDGET,
        label_visibility="collapsed",
        on_change=_choose_widget,
    )
    return current


def chosen_of(accounts: list[Account]) -> Account | None:
    """The one of these accounts that was chosen in this session, else at the last visit, else the first."""
    names = {one.id: one for one in accounts}
    for candidate in (st.session_state.get(_CHOSEN), data.read(chosen)):
        if candidate in names:
            return names[candidate]
    return accounts[0] if accounts else None


def choose(account_id: int) -> None:
    """Make this account the one that every page is about; for callbacks."""
    try:
        choose_account(data.engine(), account_id, data.now())
    except ChartroomError:
        # Archived or gone in the meantime: the page shows what there is.
        return
    st.session_state[_CHOSEN] = account_id


def _choose_widget() -> None:
    choose(int(st.session_state[_WIDGET]))
