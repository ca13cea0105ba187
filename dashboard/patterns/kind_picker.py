"""The choice of what an event should have been called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.patterns.events import Kind
from core.patterns.naming import title


def kind_picker(word: str, current: str, key: str, on_change: Callable[..., None], args: tuple[Any, ...]) -> None:
    """Every kind but `current`, by title; `word` says what choosing one does."""
    kinds = {kind.name.lower(): title(kind) for kind in Kind if kind.name.lower() != current}
    st.selectbox(
        word,
        sorted(kinds, key=kinds.__getitem__),
        index=None,
        format_func=lambda one: kinds[one],
        placeholder=f"{word}: it is a ...",
        label_visibility="collapsed",
        key=key,
        on_change=on_change,
        args=args,
    )
