"""The questions that were asked about an account, and the place to ask another."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.analyst.question_prompt import LONGEST
from dashboard.ask import questions
from dashboard.components import dialog_parts, formats
from dashboard.components.markup import Markup, markdown, show, tag
from dashboard.components.panels import empty, section
from db.models import DeskQuestion

SUGGESTIONS = (
    "Why did I lose on Mondays?",
    "At what time of day do I lose?",
    "Which session suits me best?",
    "Am I improving month by month?",
    "Which of my setups pays?",
    "Which signals did I reject that would have won?",
)
_ERROR, _FIELD = "ask_error", "ask_text"
_STATUS = {"queued": ("waits", "accent"), "writing": ("is written", "accent"), "failed": ("figures only", "warning")}


def ask_bar(account_id: int) -> None:
    """The field, and questions that many ask."""
    form = st.form("ask_form", border=False)
    with form.container(horizontal=True, vertical_alignment="bottom", key="ask_bar", gap="small"):
        st.text_input(
            "Question",
            key=_FIELD,
            max_chars=LONGEST,
            placeholder="Ask about your trades and signals: why did I lose on Mondays?",
            label_visibility="collapsed",
        )
        st.form_submit_button("Ask", type="primary", key="ask_send", on_click=_ask_typed, args=(account_id,))
    dialog_parts.show_kept(_ERROR)


def suggestions(account_id: int) -> None:
    """Questions to begin with."""
    with st.container(horizontal=True, gap="small", key="ask_suggestions"):
        for number, one in enumerate(SUGGESTIONS):
            st.button(one, key=f"ask_suggestion_{number}", on_click=ask, args=(account_id, one))


def history(asked: Sequence[DeskQuestion], chosen: int | None) -> None:
    """The questions so far, the newest first."""
    section(f"Asked ({len(asked)})")
    if not asked:
        empty("Nothing asked yet.", "Every question stays here with its figures as they were.")
    for one in asked:
        known = one.id or 0
        mark = "on" if known == chosen else "off"
        with st.container(key=f"ask_pick_{mark}_{known}", gap=None):
            st.button(
                markdown(one.question), key=f"ask_open_{known}", type="tertiary", on_click=open_question, args=(known,)
            )
            show(tag("div", _state(one), f"{formats.utc(one.asked_at)} UTC", cls="muted small"))


def ask(account_id: int, question: str) -> None:
    """Ask, and show what comes; for callbacks."""
    with dialog_parts.attempt(_ERROR):
        open_question(questions.ask(account_id, question))


def open_question(question_id: int) -> None:
    """Show this question; for callbacks."""
    st.query_params["question"] = str(question_id)


def _ask_typed(account_id: int) -> None:
    ask(account_id, str(st.session_state.get(_FIELD) or ""))


def _state(one: DeskQuestion) -> Markup:
    if one.answer is not None and one.answer.get("failed"):
        return tag("span", "numbers marked · ", cls="down")
    word, tone = _STATUS.get(one.status, ("", ""))
    return tag("span", f"{word} · ", cls=tone) if word else Markup("")
