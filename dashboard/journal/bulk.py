"""Edit several trades at once: what is left empty stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.errors import ChartroomError
from dashboard import data, dialogs
from dashboard.components import dialog_parts
from dashboard.components.markup import show, table
from dashboard.journal.list import SEEN
from dashboard.trades.facts import said
from db.actions.edit_trades import BEST, BulkEdit, edit_trades
from db.store.changes import changes_of
from db.views import journal, trades

_KEEP, _NONE, _MISSED = "Leave as it is", "None", "dialog_bulk_missed"
_HEADS = (("Trade", "num"), ("Field", ""), ("You saw", ""), ("Now", ""))


def bulk_dialog(key: data.Stamp) -> None:
    """Draw the dialog when it is open."""
    if dialogs.is_open("bulk", 0):
        _dialog(key)


@st.dialog("Edit the chosen trades", width="medium", on_dismiss=dialogs.close)
def _dialog(key: data.Stamp) -> None:
    if not dialogs.is_open("bulk", 0):
        st.rerun()
    seen: dict[int, int] = st.session_state.get(SEEN, {})
    count = _count(len(seen))
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
    dialog_parts.show_error()
    if st.session_state.get(_MISSED):
        _missed(key, st.session_state[_MISSED])
    st.button(f"Change {count}", type="primary", key="dialog_bulk", on_click=_change, args=(seen,), width="stretch")


def _count(number: int) -> str:
    return f"{number} trades" if number != 1 else "1 trade"


def _missed(key: data.Stamp, since: Mapping[int, int]) -> None:
    """What was changed in each trade since the version that the person saw of it."""
    names = {
        "playbook_id": {str(one.id): one.name for one in data.cached(key, trades.playbooks)},
        "rules": {str(rule): text for rule, text in data.cached(key, trades.all_rules)},
    }
    rows = [
        (
            str(trade_id),
            one.field.removesuffix("_id"),
            said(one.field, one.before, names),
            said(one.field, one.after, names),
        )
        for trade_id, version in since.items()
        for one in data.read(changes_of, trade_id)
        if one.version > version
    ]
    show(table(_HEADS, rows, cls="changes"))


def _word(label: str, known: list[str]) -> None:
    key = f"dialog_{label.lower()}"
    st.selectbox(label, [_KEEP, _NONE, *known], key=key, accept_new_options=True)


def _stars(value: str | int) -> str:
    return "★" * value if isinstance(value, int) else value


def _change(seen: dict[int, int]) -> None:
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
        done = edit_trades(data.engine(), seen, bulk, data.now())
    except ChartroomError as error:
        dialogs.fail(error.message)
        return
    told = f"{done.changed} of {len(seen)} trades changed."
    if not done.missed:
        dialogs.succeed(told)
        return
    # Whoever presses again has seen what became of them.
    state[SEEN], state[_MISSED] = dict(done.missed), {one: seen[one] for one in done.missed}
    dialogs.fail(
        f"{told} Left alone, because changed in the meantime: {', '.join(map(str, done.missed))}. "
        "Look below at what they are now; press again to change them too."
    )
