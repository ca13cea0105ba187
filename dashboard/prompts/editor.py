"""The editor of a prompt: two texts, the variables beside them, what they become on a signal, and a try."""

from __future__ import annotations

import streamlit as st

from core.analyst.evidence import SignalEvidence
from core.analyst.prompt_text import export_prompt
from core.analyst.settings import LANGUAGES
from core.analyst.template import NOTHING, VARIABLES, check, render, system_text
from core.errors import ChartroomError, PromptError
from dashboard import data, navigation
from dashboard.components import dialog_parts, formats
from dashboard.components.markup import Markup, pill, show, table, tag
from dashboard.components.panels import heading, note, section
from dashboard.prompts import actions
from dashboard.prompts import drafts as prompt_drafts
from dashboard.prompts.diff import diff
from dashboard.prompts.list import slot_words, state_pill
from dashboard.prompts.trial import try_panel
from db.actions.prompts import NAME_LENGTH, NOTE_LENGTH, SYSTEM_LENGTH, TEMPLATE_LENGTH
from db.models import PromptVersion
from db.store.evidence import signal_evidence
from db.store.prompts import defaults, text_of
from db.views.prompts import PromptLine, SignalChoice, signal_choices
from db.views.signals import strategy_names

_SIGNALS = 50


def editor(key: data.Stamp, line: PromptLine, version: PromptVersion) -> None:
    """The newest wording of a prompt, to be worded anew."""
    known = line.prompt.id or 0
    _head(line)
    _buttons(line, version)
    prompt_drafts.begin(known, version)
    evidence = _texts(key, known, line.prompt.language)
    _overtaken()
    label = "Save mine over it" if actions.difference() else "Save as the next version"
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        differs = prompt_drafts.changed(known, version)
        st.button(label, type="primary", key="prompt_save", on_click=actions.save, args=(known,), disabled=not differs)
        if differs:
            st.button("Discard changes", key="prompt_discard", on_click=actions.discard, args=(known,))
        else:
            show(tag("span", _saved(version), cls="muted small"))
    dialog_parts.show_kept(actions.ERROR)
    _preview(known, line.prompt.language, evidence)


def new_prompt(key: data.Stamp) -> None:
    """The form of a prompt that is not stored yet; it begins with the words that the desk comes with."""
    heading("New prompt")
    first = next((one for one in defaults() if one.language == "English"), None)
    prompt_drafts.begin(prompt_drafts.NEW, None)
    if first is not None and not prompt_drafts.changed(prompt_drafts.NEW, None):
        prompt_drafts.write(prompt_drafts.NEW, first.system, first.template)
    names = data.cached(key, strategy_names)
    with st.container(key="prompt_fields"):
        st.text_input("Name", key="prompt_name", max_chars=NAME_LENGTH)
        choices = [None, *names]
        st.selectbox("For", choices, format_func=lambda one: names.get(one, "All strategies"), key="prompt_strategy")
        st.selectbox("Language of the answer", LANGUAGES, key="prompt_language", accept_new_options=True)
    evidence = _texts(key, prompt_drafts.NEW, str(st.session_state.get("prompt_language") or "English"))
    st.button("Create the prompt", type="primary", key="prompt_create", on_click=actions.create)
    dialog_parts.show_kept(actions.ERROR)
    _preview(prompt_drafts.NEW, str(st.session_state.get("prompt_language") or "English"), evidence)


def _head(line: PromptLine) -> None:
    heading(line.prompt.name, state_pill(line), f"for {slot_words(line)}")


def _buttons(line: PromptLine, version: PromptVersion) -> None:
    known, prompt = line.prompt.id or 0, line.prompt
    away = prompt.archived_at is not None
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if not away:
            label = "Let it rest" if prompt.active else "Make active"
            st.button(label, key="prompt_activate", on_click=actions.activate, args=(known, not prompt.active))
        label = "Restore" if away else "Archive"
        st.button(label, key="prompt_archive", on_click=actions.archive, args=(known, not away))
        text = export_prompt(data.read(text_of, prompt, version))
        st.download_button(
            "Export", text, file_name=f"prompt-{known}-v{version.number}.txt", mime="text/plain", key="prompt_export",
            on_click="ignore",
        )  # fmt: skip
        navigation.link("lineage", "Where it was used", prompt=version.id)


def _texts(key: data.Stamp, known: int, language: str) -> SignalEvidence | None:
    """Both texts with the variables beside them; the evidence of the signal that was chosen for the preview."""
    texts, beside = st.columns([1.7, 1], gap="medium")
    with texts, st.container(key=f"prompt_editor_{known}"):
        field = prompt_drafts.key_of
        st.text_area("System: who the model is", key=field(known, "system"), height=170, max_chars=SYSTEM_LENGTH)
        st.text_area("Template: what it is told", key=field(known, "template"), height=330, max_chars=TEMPLATE_LENGTH)
        st.text_input(
            "What changed", key=field(known, "note"), max_chars=NOTE_LENGTH, placeholder="A line for the list"
        )
        _fault(known)
    with beside:
        evidence = _signal(key)
        _variables(known, evidence)
    return evidence


def _fault(known: int) -> None:
    try:
        check(prompt_drafts.draft(known).template)
    except PromptError as error:
        show(tag("div", pill("cannot be used", "down"), " ", error.message, cls="opinion-missing warning"))


def _signal(key: data.Stamp) -> SignalEvidence | None:
    """The choice of a signal, and what is known about it."""
    choices = {one.id: one for one in data.cached(key, signal_choices, _SIGNALS)}
    if not choices:
        note("There is no signal yet to look at this prompt with.")
        return None
    if st.session_state.get("prompt_signal") not in choices:
        st.session_state.pop("prompt_signal", None)
    chosen = st.selectbox(
        "Shown with signal",
        list(choices),
        format_func=lambda one: _signal_words(choices[one]),
        key="prompt_signal",
    )
    try:
        return data.cached(key, signal_evidence, chosen)
    except ChartroomError as error:
        show(tag("div", error.message, cls="opinion-missing warning"))
        return None


def _signal_words(one: SignalChoice) -> str:
    return f"{one.id}: {one.symbol} {formats.side(one.direction).lower()}, {formats.utc(one.as_of)}"


def _variables(known: int, evidence: SignalEvidence | None) -> None:
    try:
        used = set(check(prompt_drafts.draft(known).template))
    except PromptError:
        used = set()
    section(f"Variables ({len(VARIABLES)}, {len(used)} used)")
    rows = []
    for name, one in VARIABLES.items():
        unit = f", {one.unit}" if one.unit else ""
        fence = ", fenced" if one.outside else ""
        about = tag("span", one.description, tag("small", f"{one.kind}{unit}{fence}: {_sample(name, evidence)}"))
        rows.append((tag("code", f"{{{{{name}}}}}", cls="up" if name in used else ""), about))
    show(
        tag(
            "div",
            table((("Name", ""), ("What it is, with this signal", "")), rows, cls="variables"),
            cls="variables-scroll",
        )
    )


def _sample(name: str, evidence: SignalEvidence | None) -> str:
    text = VARIABLES[name].example if evidence is None else VARIABLES[name].write(evidence) or NOTHING
    first, _, rest = text.partition("\n")
    return f"{first[:70]} ..." if rest or len(first) > 70 else first  # noqa: PLR2004


def _preview(known: int, language: str, evidence: SignalEvidence | None) -> None:
    if evidence is None:
        return
    draft = prompt_drafts.draft(known)
    section(f"What the model is told about signal {evidence.signal_id}")
    try:
        text = render(draft.template, evidence)
    except PromptError as error:
        show(tag("div", error.message, cls="opinion-missing warning"))
        return
    system = _block(system_text(draft.system, language))
    told = tag("details", tag("summary", "System text, with what holds for all"), system, cls="rule")
    show(tag("div", told, _block(text)))
    try_panel(known, evidence.signal_id)


def _block(text: str) -> Markup:
    return tag("pre", text, cls="prompt-text")


def _overtaken() -> None:
    for name, (theirs, mine) in (actions.difference() or {}).items():
        section(f"{name.capitalize()}: saved meanwhile, and yours")
        show(diff(str(theirs), str(mine)))


def _saved(version: PromptVersion) -> str:
    used = f"first asked {formats.utc(version.used_at)} UTC" if version.used_at else "not asked yet"
    return f"Version {version.number} of {formats.utc(version.created_at)} UTC, {used}"
