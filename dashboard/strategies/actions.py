"""What the buttons of the Strategies page do. Callbacks: they write nothing on the page, the next run does."""

from __future__ import annotations

import streamlit as st

from core.errors import ChartroomError
from dashboard import data, dialogs, jobqueue
from dashboard.components import dialog_parts
from dashboard.strategies import forms as strategy_forms
from dashboard.strategies.list import choose
from db.actions import strategies as actions
from db.views.signals import strategy_names

_ANSWER = "strategy_answer"


def take_answer() -> str | None:
    """Why the last button could not do what it says, once."""
    found: str | None = st.session_state.pop(_ANSWER, None)
    return found


def save(strategy_id: int) -> None:
    form = strategy_forms.find(strategy_id)
    if form is None:
        return
    try:
        draft = form.draft()
        if strategy_id == strategy_forms.NEW:
            strategy_id = actions.create_strategy(data.engine(), draft, data.now())
            strategy_forms.forget(strategy_forms.NEW)
            choose(strategy_id)
        else:
            actions.edit_strategy(data.engine(), strategy_id, form.version, draft, data.now())
            strategy_forms.forget(strategy_id)
    except ChartroomError as error:
        form.refuse(error.message)
    else:
        dialogs.succeed(f"{draft.name.strip()} is saved.")


def discard(strategy_id: int) -> None:
    strategy_forms.forget(strategy_id)


def copy(strategy_id: int, name: str) -> None:
    """Under the next free name, switched off, and shown."""
    taken = {one.casefold() for one in data.read(strategy_names).values()}
    stem = f"{name[: actions.NAME_LENGTH - 9]} copy"
    free = next(one for one in (stem, *(f"{stem} {n}" for n in range(2, 10_000))) if one.casefold() not in taken)
    with dialog_parts.attempt(_ANSWER):
        made = actions.copy_strategy(data.engine(), strategy_id, free, data.now())
        choose(made)
        dialogs.succeed(f"{free} is made, switched off: change what you like, then switch it on.")


def switch(strategy_id: int, version: int, name: str, active: bool) -> None:
    """On or off at once; what is typed in the form stays."""
    try:
        after = actions.set_active(data.engine(), strategy_id, version, active)
    except ChartroomError as error:
        st.session_state[_ANSWER] = error.message
        return
    form = strategy_forms.find(strategy_id)
    if form is not None and form.version == version:
        form.version, form.active = after, active
    dialogs.succeed(f"{name} is {'on: it runs on its schedule' if active else 'off: it no longer runs by itself'}.")


def run_now(strategy_id: int, name: str) -> None:
    """Ask for one scan of every symbol, before everything that waits."""
    with dialog_parts.attempt(_ANSWER):
        asked = jobqueue.submit(actions.run_now(data.engine(), strategy_id, data.now()))
        noun = "scan is" if asked == 1 else "scans are"
        dialogs.succeed(f"{name}: {asked} {noun} asked for. Their outcome appears under Last runs.")
