"""An answer about the journal: its sentences with the figures they cite, and every number that is not among them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core import jobs
from core.analyst.citing import READ, RULE, Figure
from core.analyst.question_evidence import Evidence
from core.errors import SettingsError
from dashboard import data, dialogs
from dashboard.analyst import reach as analyst
from dashboard.analyst.opinion_words import reason
from dashboard.components import formats
from dashboard.components.markup import Markup, join, markdown, pill, show, tag
from db.models import DeskQuestion
from db.store.questions import WAITING, get_question

EVERY = 1.0
"""Seconds between two looks at a text that is being written."""
FIGURE, TABLE = "ask_figure", "ask_table"
_RAW = 3000
_REASONS = {"no_evidence": "nothing to answer from"}
_CITES = 8
"""Citations of one sentence that have a button."""


def answer_panel(question: DeskQuestion, evidence: Evidence) -> None:
    """The answer, or what there is of it, or why there is none. While it is written this part runs every second."""
    assert question.id is not None
    if question.status in WAITING:
        st.fragment(_writing, run_every=EVERY)(question.id)
    elif question.answer is not None:
        _answered(question, evidence)
    else:
        _missing(question, evidence)


def open_figure(key: str, table: str) -> None:
    """Show the table of a figure, with the figure picked out; for callbacks."""
    st.session_state[FIGURE], st.session_state[TABLE] = key, table


def sentence(stored: Mapping[str, Any]) -> Markup:
    """A sentence with its numbers: those that are in the evidence cited, and those that are not."""
    text, at = str(stored["text"]), 0
    parts: list[object] = []
    missing: dict[str, list[str]] = {}
    for start, end, key, why in stored["marks"]:
        parts.append(text[at:start])
        if why:
            parts.append(tag("span", text[start:end], cls="bad", title=why))
            missing.setdefault(why, []).append(text[start:end])
        else:
            parts.append(tag("span", text[start:end], cls="held", title=key) if key else text[start:end])
        at = end
    parts.append(text[at:])
    parts += [tag("span", f"{', '.join(several)}: {why}", cls="why") for why, several in missing.items()]
    if not stored["cites"] and not missing:
        parts.append(tag("span", "cites no figure", cls="uncited"))
    if stored["unknown"]:
        parts.append(tag("span", f"{', '.join(stored['unknown'])} not in the evidence", cls="why"))
    return tag("div", *parts, cls="ask-said")


def _answered(question: DeskQuestion, evidence: Evidence) -> None:
    assert question.answer is not None
    for number, one in enumerate(question.answer["sentences"]):
        with st.container(key=f"ask_sentence_{number}"):
            show(sentence(one))
            _cites(number, [evidence.figures[key] for key in one["cites"] if key in evidence.figures])
    failed = question.answer["failed"]
    said = (
        f"{failed} number{'s are' if failed > 1 else ' is'} not in the evidence cited"
        if failed
        else "every number is a figure cited"
    )
    if question.language not in READ:
        said += f", its words in {question.language} are not read"
    show(tag("div", pill(said, "down" if failed else "up"), " ", tag("span", _origin(question), cls="muted small")))
    show(tag("details", tag("summary", "How numbers are checked"), tag("p", RULE), cls="rule"))


def _cites(number: int, figures: list[Figure]) -> None:
    if not figures:
        return
    with st.container(horizontal=True, gap="small"):
        for one in figures[:_CITES]:
            st.button(
                markdown(f"{one.title}: {one.written} ({one.key})"),
                key=f"ask_cite_{number}_{one.key}",
                type="tertiary",
                help=markdown(one.definition),
                on_click=open_figure,
                args=(one.key, one.table),
            )


def _writing(question_id: int) -> None:
    row = data.read(get_question, question_id)
    if row.status not in WAITING:
        if dialogs.opened() is None:
            st.rerun()
        return
    if row.status == "queued":
        show(tag("div", "Waits for the model. The figures below are there already.", cls="opinion-writing muted"))
        return
    try:
        text = analyst.partial_text(jobs.question_key(question_id))
    except SettingsError as error:
        show(tag("div", error.message, cls="opinion-missing warning"))
        return
    seconds = (data.now() - (row.started_at or row.asked_at)).total_seconds()
    head = tag("div", f"{row.model} writes, {formats.age(max(0.0, seconds))}; not checked yet", cls="muted small")
    said = [str(one.get("text", "")) for one in _sentences(text)]
    body = [tag("div", one, cls="ask-said") for one in said if one] or [tag("div", "No word yet.", cls="muted small")]
    show(tag("div", head, *body, cls="opinion-writing"))


def _sentences(text: str) -> list[Mapping[str, Any]]:
    found = analyst.partial_answer(text).get("sentences", []) if text else []
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _missing(question: DeskQuestion, evidence: Evidence) -> None:
    word = _REASONS.get(question.reason or "") or reason(question.reason)
    rest = " The figures below answer by themselves." if evidence.figures and question.reason != "off" else ""
    words = join((pill(word, "warning"), " ", f"No answer: {question.error}{rest}"))
    show(tag("div", words, cls="opinion-missing warning"))
    if question.raw:
        wrote = tag("div", question.raw[:_RAW], cls="opinion-raw")
        show(tag("details", tag("summary", "What the model wrote"), wrote, cls="rule"))


def _origin(question: DeskQuestion) -> str:
    at = f"{formats.utc(question.finished_at)} UTC" if question.finished_at else ""
    return " · ".join(part for part in (question.model, question.language, at) if part)
