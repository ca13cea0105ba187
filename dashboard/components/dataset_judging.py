"""What the buttons beside an image do. Callbacks: they write nothing on the page, the next run does."""

from __future__ import annotations

import streamlit as st

from core.dataset.labels import Box
from core.errors import ChartroomError
from dashboard import data
from db.actions.dataset_review import LabelVerdict, accept_rest, judge_label

CURRENT, DONE, ERROR, MOVE = "dataset_label", "dataset_done", "dataset_error", "dataset_move"
_LONGEST = 200


def judge(pattern_id: int, said: LabelVerdict) -> None:
    try:
        before = judge_label(data.engine(), pattern_id, said, data.now())
    except ChartroomError as error:
        st.session_state[ERROR] = error.message
        return
    steps: list[tuple[int, LabelVerdict]] = st.session_state.setdefault(DONE, [])
    steps.append((pattern_id, before))
    del steps[:-_LONGEST]
    # On to the next one that nobody has judged.
    st.session_state.pop(CURRENT, None)
    st.session_state[MOVE] = False


def relabelled(pattern_id: int, box: Box | None, picker: str) -> None:
    label = st.session_state[picker]
    if label is not None:
        judge(pattern_id, LabelVerdict("corrected", label, box))


def accept_others(image_id: int) -> None:
    try:
        accept_rest(data.engine(), image_id, data.now())
    except ChartroomError as error:
        st.session_state[ERROR] = error.message


def undo() -> None:
    """Take the last verdict back, and show its label again."""
    steps: list[tuple[int, LabelVerdict]] = st.session_state.get(DONE, [])
    if not steps:
        return
    pattern_id, before = steps.pop()
    try:
        judge_label(data.engine(), pattern_id, before, data.now())
    except ChartroomError as error:
        st.session_state[ERROR] = error.message
        return
    st.session_state[CURRENT] = pattern_id
