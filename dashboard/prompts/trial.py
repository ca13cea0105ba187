"""A wording tried on one signal: asked of the model, watched while it writes, and kept nowhere."""

from __future__ import annotations

import streamlit as st

from core.errors import SettingsError
from dashboard import dialogs
from dashboard.analyst import reach as analyst
from dashboard.analyst.opinion import readable
from dashboard.ask import questions
from dashboard.components.markup import Markup, pill, show, tag
from dashboard.components.panels import note, section
from dashboard.prompts import actions

EVERY = 1.0
_OVER = ("done", "failed", "gone")


def try_panel(prompt_id: int, signal_id: int) -> None:
    """The button, and what came of the last try of this prompt."""
    tried = st.session_state.get(actions.TRIED)
    mine = tried if tried is not None and tried[0] == prompt_id else None
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.button("Try on this signal", key="prompt_try", on_click=actions.try_on, args=(prompt_id, signal_id))
        show(tag("span", "Asks the model with what is typed above; the answer is not stored.", cls="muted small"))
    if mine is None:
        return
    section(f"Try on signal {mine[1]}")
    token = str(mine[2])
    try:
        over = questions.tried(token).status in _OVER
    except SettingsError as error:
        show(tag("div", error.message, cls="opinion-missing warning"))
        return
    if over:
        _shown(token)
    else:
        st.fragment(_watched, run_every=EVERY)(token)


def _watched(token: str) -> None:
    """The try while it is written; the page runs again at its end."""
    try:
        status = questions.tried(token).status
    except SettingsError:
        status = "gone"
    if status in _OVER and dialogs.opened() is None:
        st.rerun()
    _shown(token)


def _shown(token: str) -> None:
    try:
        tried = questions.tried(token)
    except SettingsError as error:
        show(tag("div", error.message, cls="opinion-missing warning"))
        return
    if tried.status == "gone":
        note("The try is forgotten by now: it is kept for a quarter of an hour. Try again.")
    elif tried.status == "queued":
        show(tag("div", "Waits for the model.", cls="opinion-writing muted"))
    elif tried.status == "failed":
        show(tag("div", pill("no answer", "warning"), " ", tried.error, cls="opinion-missing warning"))
        if tried.text:
            show(tag("details", tag("summary", "What it wrote"), tag("div", tried.text, cls="opinion-raw"), cls="rule"))
    elif tried.status == "done":
        show(tag("div", _said(tried), tag("div", f"{tried.model}, not stored", cls="muted small")))
    else:
        show(tag("div", tag("div", f"{tried.model} writes", cls="muted small"), _said(tried), cls="opinion-writing"))


def _said(tried: questions.Tried) -> Markup:
    fields = tried.answer if tried.answer is not None else analyst.partial_answer(tried.text)
    return readable(fields, tried.text) if fields or tried.text else tag("div", "No word yet.", cls="muted small")
