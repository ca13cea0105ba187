"""The analyst's settings: whether it is asked, where, which model, in which language; and how its server stands."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from core.analyst.settings import LANGUAGES, SECONDS, AnalystSettings
from core.errors import ChartroomError, EditConflictError, SettingsError
from dashboard import data, dialogs
from dashboard.analyst import reach as analyst
from dashboard.components import dialog_parts, formats
from dashboard.components.markup import Markup, show, table, tag
from dashboard.components.panels import Figure, section, strip
from db.actions.opinions import save_settings
from db.store.opinions import StoredSettings, stored_settings

_DIALOG, _SUBJECT = "analyst_settings", 0
_ASKED, _ERROR = "analyst_asked", "analyst_error"
_SEEN, _DIFFERS = "dialog_analyst_seen", "dialog_analyst_differs"
_PATIENCE = timedelta(seconds=60)
NEWEST = "Newest on the server"
_TITLES = {
    "enabled": "Ask about new signals",
    "url": "Address",
    "model": "Model",
    "language": "Language",
    "vision": "Send the chart",
    "seconds": "Time limit",
}


def analyst_settings() -> None:
    """Draw the section, and its dialog while that is open."""
    stored = data.read(stored_settings)
    section("Analyst")
    _facts(stored.settings)
    if _awaited():
        st.fragment(_server, run_every=1.0)(stored.settings)
    else:
        _server(stored.settings)
    dialog_parts.show_kept(_ERROR)
    with st.container(horizontal=True, gap="small"):
        st.button("Change", key="analyst_change", on_click=dialogs.show, args=(_DIALOG, _SUBJECT))
        st.button("Test the server", key="analyst_test", on_click=_look, disabled=_awaited())
    if dialogs.is_open(_DIALOG, _SUBJECT):
        _form(stored)


def _facts(chosen: AnalystSettings) -> None:
    strip(
        (
            Figure(
                "Analyst", "On" if chosen.enabled else "Off",
                "new signals are asked about" if chosen.enabled else "nothing is asked",
                "up" if chosen.enabled else "",
            ),
            Figure("Model", chosen.model or NEWEST, chosen.url),
            Figure("Answers in", chosen.language, "with the chart" if chosen.vision else "words and figures only"),
            Figure("Time limit", f"{chosen.seconds} s", "for one opinion"),
        )
    )  # fmt: skip


def _server(chosen: AnalystSettings) -> None:
    """What the server said last; with a run of the page when a test has come back."""
    try:
        said = analyst.server_said()
    except SettingsError as error:
        show(tag("div", error.message, cls="opinion-missing warning"))
        return
    asked = st.session_state.get(_ASKED)
    if asked is not None and said is not None and said.at >= asked:
        del st.session_state[_ASKED]
        if dialogs.opened() is None:
            st.rerun()
    if _awaited():
        show(tag("div", "Asking the server ...", cls="opinion-missing"))
    elif asked is not None:
        show(tag("div", "No worker has looked yet: see the Jobs page.", cls="opinion-missing warning"))
    else:
        show(_standing(said, chosen))


def _standing(said: analyst.ServerSaid | None, chosen: AnalystSettings) -> Markup:
    if said is None or said.url != chosen.url:
        return tag("div", "Nobody has looked for the server at this address yet.", cls="opinion-missing")
    ago = f"{formats.age((data.now() - said.at).total_seconds())} ago"
    if said.error:
        return tag("div", f"{ago}: {said.error}", cls="opinion-missing warning")
    named = ", ".join(f"{name} (sees charts)" if sees else name for name, sees in said.models)
    count = f"{len(said.models)} {'model' if len(said.models) == 1 else 'models'}"
    there = f"{ago}: Ollama {said.version} answered, {count}"
    tone = "opinion-missing" if said.models else "opinion-missing warning"
    return tag("div", f"{there}: {named}." if named else f"{there}. Pull one there.", cls=tone)


@st.dialog("Analyst", width="large", on_dismiss=dialogs.close)
def _form(stored: StoredSettings) -> None:
    if not dialogs.is_open(_DIALOG, _SUBJECT):
        st.rerun()
    st.session_state.setdefault(_SEEN, stored.saved_at)
    chosen = stored.settings
    names = _models(chosen)
    st.toggle("Ask about every new signal", value=chosen.enabled, key="dialog_analyst_enabled")
    with st.container(key="analyst_fields"):
        st.text_input(
            "Address of the Ollama server", value=chosen.url, max_chars=200, key="dialog_analyst_url",
            on_change=dialogs.forgive,
        )  # fmt: skip
        st.selectbox(
            "Model", names, index=names.index(chosen.model or NEWEST), key="dialog_analyst_model",
            accept_new_options=True, on_change=dialogs.forgive, format_func=_plain,
            help="Those that the server had when it was looked at last; any other name can be typed.",
        )  # fmt: skip
        spoken = list(dict.fromkeys([chosen.language, *LANGUAGES]))
        st.selectbox(
            "Language of the answers", spoken, key="dialog_analyst_language", accept_new_options=True,
            on_change=dialogs.forgive,
        )  # fmt: skip
        st.number_input("Seconds for one opinion", *SECONDS, chosen.seconds, 10, key="dialog_analyst_seconds")
    st.checkbox(
        "Send the signal's chart to a model that sees", value=chosen.vision, key="dialog_analyst_vision",
        help="Models without eyes get words and figures only, whatever is chosen here.",
    )  # fmt: skip
    st.caption("The evidence of a signal goes to this address and nowhere else.")
    _differences()
    dialog_parts.show_error()
    st.button("Save", type="primary", key="dialog_analyst_save", on_click=_save, width="stretch")


def _differences() -> None:
    differs = st.session_state.get(_DIFFERS)
    if differs:
        rows = [(_TITLES[name], str(theirs), str(mine)) for name, (theirs, mine) in differs.items()]
        show(table((("", ""), ("Saved meanwhile", ""), ("Yours", "")), rows))


def _save() -> None:
    if not dialogs.is_open(_DIALOG, _SUBJECT):
        return
    state = st.session_state
    model = str(state.dialog_analyst_model or "")
    wanted = AnalystSettings(
        bool(state.dialog_analyst_enabled),
        str(state.dialog_analyst_url),
        "" if model == NEWEST else model,
        str(state.dialog_analyst_language or ""),
        bool(state.dialog_analyst_vision),
        int(state.dialog_analyst_seconds),
    )
    try:
        save_settings(data.engine(), wanted, state[_SEEN], data.now())
    except EditConflictError as error:
        # Whoever saves again has seen what differs.
        state[_DIFFERS], state[_SEEN] = error.fields, data.read(stored_settings).saved_at
        dialogs.fail(error.message)
    except ChartroomError as error:
        dialogs.fail(error.message)
    else:
        dialogs.succeed("The analyst's settings are saved.")
        if wanted.enabled:
            _look()


def _look() -> None:
    try:
        analyst.look_for_models()
    except SettingsError as error:
        st.session_state[_ERROR] = error.message
    else:
        st.session_state[_ASKED] = data.now()


def _awaited() -> bool:
    asked = st.session_state.get(_ASKED)
    return asked is not None and data.now() - asked < _PATIENCE


def _models(chosen: AnalystSettings) -> list[str]:
    try:
        said = analyst.server_said()
    except SettingsError:
        said = None
    known = [name for name, _ in said.models] if said else []
    return list(dict.fromkeys([NEWEST, *([chosen.model] if chosen.model else []), *known]))


def _plain(name: object) -> str:
    return str(name)
