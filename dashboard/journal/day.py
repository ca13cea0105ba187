"""What the trader writes about a day; two tabs that write at once are told of each other."""

from __future__ import annotations

from datetime import date, timedelta

import streamlit as st

from core.errors import ChartroomError, EditConflictError
from dashboard import data, dialogs
from dashboard.components import dialog_parts
from dashboard.components.markup import show, tag
from db.actions.playbooks import TEXT_LENGTH, write_day_note
from db.models import Account
from db.views import trades


def day_note(key: data.Stamp, account: Account, day: date) -> None:
    """Draw the note and the field it is written in."""
    account_id = account.id or 0
    found = data.cached(key, trades.day_notes, account_id, day, day + timedelta(days=1)).get(day)
    stored, version = (found.text, found.version) if found else ("", 0)
    name = f"daynote_{account_id}_{day}"
    base = st.session_state.get(f"{name}_base")
    if base is None:
        st.session_state[name] = stored
    if base is None or base["text"] == stored:
        base = st.session_state[f"{name}_base"] = {"version": version, "text": stored}
    theirs = base["text"] != stored
    if theirs:
        show(tag("div", tag("b", "Changed in another place. It says there:"), cls="changed"))
        st.markdown((stored or "Nothing any more.").replace("![", "["))
    st.text_area("Note (Markdown)", key=name, height=140, max_chars=TEXT_LENGTH, label_visibility="collapsed")
    dialog_parts.show_kept(f"{name}_error")
    with st.container(horizontal=True, gap="small"):
        if theirs:
            st.button("Keep mine", type="primary", key="note_mine", on_click=_save, args=(account_id, day, version))
            st.button("Take theirs", key="note_theirs", on_click=_forget, args=(name,))
        else:
            arguments = (account_id, day, base["version"])
            st.button("Save the note", type="primary", key="note_save", on_click=_save, args=arguments)
    text = str(st.session_state[name] or "")
    if text.strip():
        st.markdown(text.replace("![", "["))


def _save(account_id: int, day: date, version: int) -> None:
    name = f"daynote_{account_id}_{day}"
    try:
        write_day_note(data.engine(), account_id, day, version, str(st.session_state[name] or ""), data.now())
    except EditConflictError:
        # The run that follows shows what is stored beside what was typed.
        st.session_state[f"{name}_error"] = "It was changed in the meantime. Nothing of yours is written yet."
    except ChartroomError as error:
        st.session_state[f"{name}_error"] = error.message
    else:
        _forget(name)
        dialogs.succeed(f"The note of {day} is saved.")


def _forget(name: str) -> None:
    st.session_state.pop(f"{name}_base", None)
