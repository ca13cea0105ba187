"""Edit several trades at once: what is left empty stays as it is."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.errors import ChartroomError
from dashboard import data, dialogs
from dashboard.components.journal_list import CHOSEN
from dashboard.components.markup import markdown
from db.actions.edit_trades import BEST, BulkEdit, edit_trades
from db.views import journal, trades

_KEEP, _NONE = "Leave as it is", "None"


def bulk_dialog(key: data.Stamp) -> None:
    """Draw the dialog when it is open."""
    if dialogs.is_open("bulk", 0):
        _dialog(key, list(st.session_state.get(CHOSEN, ())))


@st.dialog("Edit the chosen trades", width="medium", on_dismiss=dialogs.close)
def _dialog(key: data.Stamp, ids: list[int]) -> None:
    if not dialogs.is_open("bulk", 0):
        st.rerun()
    count = f"{len(ids)} trades" if len(ids) != 1 else "1 trade"
    st.caption(f"{count} chosen. Each change is kept in its trade's history.")
    first, second = st.columns(2, gap="small")
    with first:
        _word("Setup", data.cached(key, journal.setups))
        names = {one.id or 0: one.name for one in data.cached(key, trades.playbooks)}
        options = [_KEEP, _NONE, *names]
        st.selectbox("Playbook", options, format_func=lambda one: names.get(one, one), key="dialog_playbook")
    with second:
        _word("Emotion", data.cached(key, journal.emotions))
        ratings = [_KEEP, _NONE, *range(1, BEST + 1)]
        st.selectbox("Rating", ratings, format_func=_stars, key="dialog_rating")
    known = list(data.cached(key, journal.tag_names).values())
    st.multiselect("Add tags", known, key="dialog_add", accept_new_options=True, placeholder="None; type a new one")
    st.multiselect("Take tags away", known, key="dialog_drop", placeholder="None")
    if dialogs.error():
        st.error(markdown(dialogs.error()))
    st.button(f"Change {count}", type="primary", key="dialog_bulk", on_click=_change, args=(ids,), width="stretch")


def _word(label: str, known: list[str]) -> None:
    key = f"dialog_{label.lower()}"
    st.selectbox(label, [_KEEP, _NONE, *known], key=key, accept_new_options=True)


def _stars(value: str | int) -> str:
    return "★" * value if isinstance(value, int) else value


def _change(ids: list[int]) -> None:
    if not dialogs.is_open("bulk", 0):
        return
    state = st.session_state
    wanted: dict[str, Any] = {}
    for name, field, nothing in (
        ("setup", "setup", ""),
        ("emotion", "emotion", ""),
        ("rating", "rating", None),
        ("playbook", "playbook_id", None),
    ):
        value = state.get(f"dialog_{name}", _KEEP)
        if value != _KEEP:
            wanted[field] = nothing if value == _NONE else value
    try:
        bulk = BulkEdit(wanted, state.get("dialog_add") or (), state.get("dialog_drop") or ())
        changed = edit_trades(data.engine(), ids, bulk, data.now())
    except ChartroomError as error:
        dialogs.fail(error.message)
    else:
        dialogs.succeed(f"{changed} of {len(ids)} trades changed.")
