"""Which account a page is about."""

from __future__ import annotations

import streamlit as st

from dashboard import data
from db.models import Account
from db.views import signals


def chosen_account() -> Account | None:
    """The only account, or the one chosen from several; None when there is none."""
    accounts = data.read(signals.accounts)
    if len(accounts) <= 1:
        return accounts[0] if accounts else None
    names = {one.id: one for one in accounts}
    picked = st.selectbox(
        "Account",
        list(names),
        format_func=lambda one: names[one].name,
        width=240,
        key="account",
        label_visibility="collapsed",
    )
    return names[picked]
