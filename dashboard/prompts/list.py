"""The prompts beside the editor: which is asked with, for what, in which version; and the way in for a text file."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.analyst.prompt_text import LONGEST
from dashboard import dialogs
from dashboard.components import dialog_parts
from dashboard.components.markup import Markup, markdown, pill, show, tag
from dashboard.components.panels import empty, note, section
from dashboard.prompts import actions
from dashboard.prompts import drafts as prompt_drafts
from db.views.prompts import PromptLine


def chosen_of(asked: int | None, lines: Sequence[PromptLine]) -> int | None:
    """The prompt of the address, else the one chosen last, else the first; `NEW` for the form of a new one."""
    known = {line.prompt.id for line in lines}
    kept: int | None = st.session_state.get(actions.CHOSEN)
    if asked is not None:
        return asked
    if kept is not None and (kept == prompt_drafts.NEW or kept in known):
        return int(kept)
    return next((line.prompt.id for line in lines), None)


def prompt_list(lines: Sequence[PromptLine], chosen: int | None) -> None:
    """Draw the list with its buttons."""
    current = [line for line in lines if line.prompt.archived_at is None]
    past = [line for line in lines if line.prompt.archived_at is not None]
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        section(f"Prompts ({len(current)})")
        with st.container(horizontal=True, width="content", gap="small"):
            st.button("Import", key="prompt_import", on_click=dialogs.show, args=(actions.IMPORT, 0))
            st.button("New prompt", key="prompt_new", on_click=actions.choose, args=(prompt_drafts.NEW,))
    for line in current:
        _line(line, chosen)
    if not current:
        empty("No prompts.", "Press New prompt; without one that is active no signal gets an opinion.")
    if past:
        with st.expander(f"Archive ({len(past)})", key="prompt_archive_list"):
            for line in past:
                _line(line, chosen)
    if dialogs.is_open(actions.IMPORT, 0):
        _import()


def slot_words(line: PromptLine) -> str:
    """`SMC daily, English`."""
    return f"{line.strategy or 'all strategies'}, {line.prompt.language}"


def state_pill(line: PromptLine) -> Markup:
    if line.prompt.archived_at is not None:
        return pill("archived", "warning")
    return pill("active", "up") if line.prompt.active else pill("rests", "")


def _line(line: PromptLine, chosen: int | None) -> None:
    known = line.prompt.id or 0
    mark = "on" if known == chosen else "off"
    with st.container(key=f"prompt_{mark}_{known}", gap="small"):
        name = markdown(line.prompt.name)
        st.button(name, key=f"prompt_choose_{known}", type="tertiary", on_click=actions.choose, args=(known,))
        told = (
            f"version {line.newest} · {line.asked:,} asked" if line.asked else f"version {line.newest} · not asked yet"
        )
        show(tag("div", state_pill(line), f"{slot_words(line)} · {told}", cls="prompt-line"))


@st.dialog("Import a prompt", on_dismiss=dialogs.close)
def _import() -> None:
    if not dialogs.is_open(actions.IMPORT, 0):
        st.rerun()
    file = st.file_uploader("Text file", type=["txt"], key="dialog_prompt_file")
    st.text_area("Or its text", key="dialog_prompt_text", height=180, max_chars=LONGEST, on_change=dialogs.forgive)
    note("A prompt of the same name gets the next version; another name makes a new prompt.")
    dialog_parts.show_error()
    given = file.getvalue().decode("utf-8", errors="replace") if file is not None else None
    st.button("Import", type="primary", key="dialog_prompt_import", on_click=_bring_in, args=(given,), width="stretch")


def _bring_in(given: str | None) -> None:
    actions.bring_in(given if given is not None else str(st.session_state.get("dialog_prompt_text") or ""))
