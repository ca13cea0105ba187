"""The Journal's first line: which view, a new trade, and what is done now and then."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import dialogs
from db.models import Account

VIEWS = ("Trades", "Statistics", "Calendar", "Passed on", "Import")
_VIEW, _AWAY = "journal_view", "journal_view_away"


def keep_view(*, drawn: bool) -> None:
    """Let the view outlive runs that do not draw this line; see `journal_filters.keep_choices`."""
    if drawn and not st.session_state.get(_AWAY):
        return
    st.session_state[_AWAY] = not drawn
    st.session_state[_VIEW] = st.session_state.get(_VIEW) or VIEWS[0]


def journal_bar(account: Account) -> tuple[str, DeltaGenerator]:
    """Draw it; returns the chosen view and the place for the exports."""
    assert account.id is not None
    st.session_state.setdefault(_VIEW, VIEWS[0])
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="journal_bar"):
        chosen = st.segmented_control("View", VIEWS, key=_VIEW, label_visibility="collapsed", required=True)
        st.space("stretch")
        st.button("New trade", key="manual", type="primary", on_click=dialogs.show, args=("manual", account.id))
        exports = st.container(width="content")
        # Not in a menu, which would stay open over the dialog.
        st.button("Playbooks", key="playbooks", on_click=dialogs.show, args=("playbooks", 0))
        st.button("Clear history", key="clear", on_click=dialogs.show, args=("clear", account.id))
    return str(chosen or VIEWS[0]), exports
