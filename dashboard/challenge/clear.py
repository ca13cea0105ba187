"""Clear a challenge that is over: counted, confirmed by typing, undone within the day."""

from __future__ import annotations

import streamlit as st

from core.errors import ChartroomError
from dashboard import data, dialogs
from dashboard.components import formats
from dashboard.components.markup import markdown, show, tag
from db.actions.clear import Scope, clear_history, preview_clearing, undo_clearing, undoable
from db.views.accounts import ChallengeState

_ERROR = "challenge_clear_error"


def clear_button(state: ChallengeState) -> None:
    """For a challenge that no longer runs."""
    if state.state != "running":
        args = ("challenge_clear", state.challenge.id)
        st.button("Clear", key="challenge_clear", on_click=dialogs.show, args=args)


def clear_dialog(state: ChallengeState | None) -> None:
    """Draw the dialog when it is open about this challenge."""
    if state is not None and dialogs.is_open("challenge_clear", state.challenge.id or 0):
        _dialog(state)


def undo_line() -> None:
    """What was cleared within the day, with the way back."""
    error = st.session_state.pop(_ERROR, None)
    if error:
        st.error(markdown(error))
    for one in data.read(undoable, data.now()):
        if one.kind != "challenge":
            continue
        with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"cleared_{one.id}"):
            show(tag("div", f"Cleared {formats.utc(one.cleared_at)} UTC: ", tag("b", one.label), cls="small"))
            st.button("Undo", key=f"clear_undo_{one.id}", on_click=_undo, args=(one.id,))


@st.dialog("Clear this challenge", on_dismiss=dialogs.close)
def _dialog(state: ChallengeState) -> None:
    challenge = state.challenge
    if not dialogs.is_open("challenge_clear", challenge.id or 0):
        st.rerun()
    found = preview_clearing(data.engine(), Scope("challenge", challenge_id=challenge.id))
    show(tag("div", tag("b", found.label), f": {found.count} will be gone from every page; its trades stay."))
    st.caption("It can be undone within the day, under Past challenges.")
    st.text_input(f"Type {markdown(found.confirmation)}", key="dialog_typed", on_change=dialogs.forgive)
    if dialogs.error():
        st.error(markdown(dialogs.error()))
    st.button("Clear it", type="primary", key="dialog_clear", on_click=_clear, args=(challenge.id,), width="stretch")


def _clear(challenge_id: int) -> None:
    # The second click of a double click finds the dialog closed.
    if not dialogs.is_open("challenge_clear", challenge_id):
        return
    typed = str(st.session_state.get("dialog_typed") or "")
    try:
        clear_history(data.engine(), Scope("challenge", challenge_id=challenge_id), typed, data.now())
    except ChartroomError as error:
        dialogs.fail(error.message)
    else:
        dialogs.succeed("The challenge is cleared; it can be undone within the day.")


def _undo(clearing_id: int) -> None:
    try:
        undo_clearing(data.engine(), clearing_id, data.now())
    except ChartroomError as error:
        st.session_state[_ERROR] = error.message
    else:
        dialogs.succeed("The challenge is back.")
