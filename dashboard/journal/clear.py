"""Clear part of the history: counted, confirmed by typing, and put back within the day."""

from __future__ import annotations

import streamlit as st

from core.errors import ChartroomError
from dashboard import data, dialogs
from dashboard.components import dialog_parts
from dashboard.components.markup import markdown, show, tag
from db.actions.clear import UNDO, Scope, clear_history, preview_clearing, undo_clearing, undoable
from db.models import Account
from db.views import accounts, signals

_KINDS = {
    "trades": "All trades of this account",
    "pair": "Trades of this account in one symbol",
    "signals": "Signals of one symbol",
    "challenge": "One challenge",
}


def undo_line(key: data.Stamp) -> None:
    """What was cleared within the day, each with a button that puts it back."""
    dialog_parts.show_kept("undo_error")
    now = data.now()
    for one in data.read(undoable, now):
        hours = max(0, int((one.cleared_at + UNDO - now).total_seconds() // 3600))
        with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"undo_line_{one.id}"):
            words = f"Cleared: {one.label} ({one.count:,}). It can be put back for {hours} h more."
            show(tag("div", words, cls="changed"))
            st.button("Undo", key=f"undo_{one.id}", on_click=_undo, args=(one.id,))


def clear_dialog(key: data.Stamp, account: Account) -> None:
    """Draw the dialog when it is open."""
    if account.id is not None and dialogs.is_open("clear", account.id):
        _dialog(key, account)


@st.dialog("Clear history", width="medium", on_dismiss=dialogs.close)
def _dialog(key: data.Stamp, account: Account) -> None:
    assert account.id is not None
    if not dialogs.is_open("clear", account.id):
        st.rerun()
    st.selectbox("What", list(_KINDS), format_func=lambda one: _KINDS[one], key="dialog_what", on_change=_changed)
    scope = _scope(key, account)
    if scope is None:
        st.info("There is none to clear.")
        return
    try:
        found = preview_clearing(data.engine(), scope)
    except ChartroomError as error:
        st.error(markdown(error.message))
        return
    if not found.count:
        st.info(markdown(f"There are no {found.label} to clear."))
        return
    consequence = tag("b", f"{found.count:,} in all: {found.label}. ")
    rest = "They leave every page and figure at once. For a day this can be undone; after that they are gone for good."
    show(tag("div", consequence, rest, cls="changed"))
    st.text_input(f"Type {markdown(found.confirmation)}", key="dialog_typed", on_change=dialogs.forgive)
    dialog_parts.show_error()
    st.button("Clear them", type="primary", key="dialog_clear", on_click=_clear, args=(account.id, scope))


def _scope(key: data.Stamp, account: Account) -> Scope | None:
    kind = st.session_state.dialog_what
    if kind == "trades":
        return Scope("trades", account_id=account.id)
    if kind == "challenge":
        names = {one.id or 0: one.name for one, _ in data.cached(key, accounts.challenges, account.id or 0)}
    else:
        names = data.cached(key, signals.symbol_names)
    if not names:
        return None
    label = "Challenge" if kind == "challenge" else "Symbol"
    chosen = st.selectbox(
        label, list(names), format_func=lambda one: names[one], key=f"dialog_{kind}_id", on_change=_changed
    )
    if kind == "challenge":
        return Scope("challenge", challenge_id=chosen)
    return Scope("trades", account.id, chosen) if kind == "pair" else Scope("signals", symbol_id=chosen)


def _changed() -> None:
    dialogs.forgive()
    st.session_state.pop("dialog_typed", None)


def _clear(subject: int, scope: Scope) -> None:
    if not dialogs.is_open("clear", subject):
        return
    with dialog_parts.attempt():
        clear_history(data.engine(), scope, str(st.session_state.get("dialog_typed") or ""), data.now())
        dialogs.succeed("Cleared. It can be undone for a day, on this page.")


def _undo(clearing_id: int) -> None:
    with dialog_parts.attempt("undo_error"):
        count = undo_clearing(data.engine(), clearing_id, data.now())
        dialogs.succeed(f"{count} put back.")
