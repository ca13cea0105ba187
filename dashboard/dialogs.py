"""Which dialog is open in this session. It lives in the session state, so that no rerun can close it by accident.

A dialog is opened by a callback, drawn by its page on every run while it is open, and closed by its own action or by
the person. While one is open the page does not refresh by itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

_OPEN = "open_dialog"
_ERROR = "dialog_error"
_FLASH = "flash"


@dataclass(frozen=True)
class Dialog:
    """What is open: its name (`accept`, `reject`, `close`) and the id it is about."""

    name: str
    subject: int


def opened() -> Dialog | None:
    found: Dialog | None = st.session_state.get(_OPEN)
    return found


def is_open(name: str, subject: int) -> bool:
    return opened() == Dialog(name, subject)


def show(name: str, subject: int) -> None:
    """Open a dialog; for `on_click`. What was typed into an earlier one is forgotten."""
    for key in [key for key in st.session_state if str(key).startswith("dialog_")]:
        del st.session_state[key]
    st.session_state[_OPEN] = Dialog(name, subject)


def close() -> None:
    """Close the open dialog; for `on_dismiss` and for actions that succeeded."""
    st.session_state.pop(_OPEN, None)
    st.session_state.pop(_ERROR, None)


def fail(sentence: str) -> None:
    """Keep the dialog open with this sentence in it."""
    st.session_state[_ERROR] = sentence


def error() -> str | None:
    found: str | None = st.session_state.get(_ERROR)
    return found


def forgive() -> None:
    """Forget the sentence: what it was about has been changed; for `on_change`."""
    st.session_state.pop(_ERROR, None)


def succeed(sentence: str) -> None:
    """Close the dialog; the sentence is shown once, by the status line of the next run."""
    close()
    st.session_state[_FLASH] = sentence


def take_flash() -> str | None:
    """The sentence of the last success, once."""
    found: str | None = st.session_state.pop(_FLASH, None)
    return found
