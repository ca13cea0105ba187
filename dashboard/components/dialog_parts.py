"""What dialogs and panels share: the sentence of what was refused, a field to type into, an act that may be refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from core.errors import ChartroomError
from dashboard import dialogs
from dashboard.components.markup import markdown


@contextmanager
def attempt(key: str | None = None) -> Iterator[None]:
    """What the block refuses is told in the open dialog, or kept under `key` for `show_kept`; for callbacks.

    The rest of the block is left out then, and what follows it is not: say in the block what was achieved.
    """
    try:
        yield
    except ChartroomError as error:
        if key is None:
            dialogs.fail(error.message)
        else:
            st.session_state[key] = error.message


def show_error() -> None:
    """What was refused in the open dialog, until something is changed or it closes."""
    sentence = dialogs.error()
    if sentence:
        st.error(markdown(sentence))


def show_kept(key: str) -> None:
    """What was refused and kept under this key, once."""
    sentence = st.session_state.pop(key, None)
    if sentence:
        st.error(markdown(sentence))


def field(label: str, name: str, value: str = "") -> None:
    """A text field that begins with `value`: without being told so, the browser would go on with an earlier text."""
    st.session_state.setdefault(f"dialog_{name}", value)
    st.text_input(label, key=f"dialog_{name}", on_change=dialogs.forgive)
