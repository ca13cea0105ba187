"""What is typed into a prompt and not saved yet: kept for the session, whichever part of the page is looked at."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from db.models import PromptVersion

NEW = 0
_KEPT = "prompt_draft_"
FIELDS = ("system", "template", "note")


@dataclass(frozen=True)
class Draft:
    """The texts as they are typed; `seen` is the number of the version they began from, 0 for a new prompt."""

    system: str
    template: str
    note: str
    seen: int


def keep() -> None:
    """Call once a run: Streamlit forgets what belongs to widgets that are not drawn."""
    for key in [str(one) for one in st.session_state if str(one).startswith(_KEPT)]:
        st.session_state[key] = st.session_state[key]


def key_of(prompt_id: int, field: str) -> str:
    """The widget's key of a field."""
    return f"{_KEPT}{prompt_id}_{field}"


def begin(prompt_id: int, version: PromptVersion | None) -> None:
    """Fill the fields where nothing is typed yet."""
    stored = ("", "") if version is None else (version.system, version.template)
    number = 0 if version is None else version.number
    state, typed = st.session_state, draft(prompt_id)
    overtaken = typed.seen != number and (typed.system, typed.template) == state.get(key_of(prompt_id, "origin"))
    if overtaken:
        # Somebody saved another version meanwhile, and here nothing was typed.
        forget(prompt_id)
    for field, text in zip(FIELDS, (*stored, ""), strict=True):
        state.setdefault(key_of(prompt_id, field), text)
    state.setdefault(key_of(prompt_id, "seen"), number)
    state.setdefault(key_of(prompt_id, "origin"), stored)


def draft(prompt_id: int) -> Draft:
    """What is typed."""
    texts = {field: str(st.session_state.get(key_of(prompt_id, field)) or "") for field in FIELDS}
    return Draft(**texts, seen=int(st.session_state.get(key_of(prompt_id, "seen"), 0)))


def changed(prompt_id: int, version: PromptVersion | None) -> bool:
    """Whether something other than the version is typed."""
    typed = draft(prompt_id)
    if version is None:
        return bool(typed.system or typed.template)
    return (typed.system, typed.template) != (version.system, version.template)


def write(prompt_id: int, system: str, template: str) -> None:
    """Put texts into the fields; for callbacks."""
    st.session_state[key_of(prompt_id, "system")] = system
    st.session_state[key_of(prompt_id, "template")] = template


def see(prompt_id: int, number: int) -> None:
    """From now on the draft is one over this version; for callbacks."""
    st.session_state[key_of(prompt_id, "seen")] = number


def forget(prompt_id: int) -> None:
    """Begin anew from what is stored; for callbacks."""
    for field in (*FIELDS, "seen", "origin"):
        st.session_state.pop(key_of(prompt_id, field), None)
