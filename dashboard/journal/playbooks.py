"""Playbooks: a name, what it is about, and rules that are checked trade by trade."""

from __future__ import annotations

import streamlit as st

from core.errors import ChartroomError, EditConflictError
from dashboard import data, dialogs
from dashboard.components import dialog_parts
from db.actions.playbooks import NAME_LENGTH, RULE_LENGTH, Rule, archive_playbook, save_playbook
from db.models import Playbook
from db.views import trades

_NEW = 0


def playbook_dialog(key: data.Stamp) -> None:
    """Draw the dialog when it is open."""
    if dialogs.is_open("playbooks", 0):
        _dialog(key)


@st.dialog("Playbooks", width="medium", on_dismiss=dialogs.close)
def _dialog(key: data.Stamp) -> None:
    if not dialogs.is_open("playbooks", 0):
        st.rerun()
    books = {one.id or 0: one for one in data.cached(key, trades.playbooks)}
    names = {_NEW: "New playbook"} | {one: book.name for one, book in books.items()}
    chosen = st.selectbox(
        "Playbook", list(names), format_func=lambda one: names[one], key="dialog_book_id", on_change=_forget
    )
    book = books.get(chosen)
    rules = data.cached(key, trades.rules, chosen) if book else []
    _fill(book, [one.text for one in rules])
    st.text_input("Name", key="dialog_book_name", max_chars=NAME_LENGTH, on_change=dialogs.forgive)
    st.text_area("What it is about", key="dialog_book_about", height=70)
    st.text_area(
        "Rules, one a line",
        key="dialog_book_rules",
        height=170,
        placeholder="Higher timeframe agrees\nNo news within the hour\nStop beyond the structure",
        help=f"At most {RULE_LENGTH} characters each. A rule in other words is another rule: trades that were checked "
        "by the old one keep it.",
    )
    dialog_parts.show_error()
    known = {one.text: one.id for one in rules}
    with st.container(horizontal=True, gap="small"):
        version = book.version if book else 0
        st.button("Save", type="primary", key="dialog_book_save", on_click=_save, args=(chosen, version, known))
        if book:
            st.button("Put away", key="dialog_book_archive", on_click=_archive, args=(chosen,))


def _fill(book: Playbook | None, rules: list[str]) -> None:
    state = st.session_state
    state.setdefault("dialog_book_name", book.name if book else "")
    state.setdefault("dialog_book_about", book.description if book else "")
    state.setdefault("dialog_book_rules", "\n".join(rules))


def _forget() -> None:
    dialogs.forgive()
    for name in ("name", "about", "rules"):
        st.session_state.pop(f"dialog_book_{name}", None)


def _save(chosen: int, version: int, known: dict[str, int | None]) -> None:
    state = st.session_state
    lines = [" ".join(line.split()) for line in str(state.dialog_book_rules or "").splitlines()]
    rules = [Rule(line, known.get(line)) for line in dict.fromkeys(lines) if line]
    name, about = str(state.dialog_book_name or ""), str(state.dialog_book_about or "")
    try:
        save_playbook(data.engine(), chosen or None, version, name, about, rules, data.now())
    except EditConflictError as error:
        differs = "; ".join(f"{field}: now '{theirs}'" for field, (theirs, _) in error.fields.items())
        dialogs.fail(f"{error.message} {differs}".strip())
    except ChartroomError as error:
        dialogs.fail(error.message)
    else:
        dialogs.succeed("The playbook is saved.")


def _archive(chosen: int) -> None:
    with dialog_parts.attempt():
        archive_playbook(data.engine(), chosen, True, data.now())
        dialogs.succeed("The playbook is put away. Trades keep it.")
