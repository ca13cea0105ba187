"""What the buttons beside an image do. Callbacks: they write nothing on the page, the next run does."""

from __future__ import annotations

import streamlit as st

from core.dataset.labels import Box
from core.errors import ChartroomError
from dashboard import data
from db.actions.dataset_review import LabelVerdict, accept_rest, judge_label, reopen

CURRENT, DONE, ERROR, MOVE = "dataset_label", "dataset_done", "dataset_error", "dataset_move"
_LONGEST = 200


# What Undo takes back: the image, its label and the verdict before; of a click on all of the rest, their ids.
_Step = tuple[int, int, LabelVerdict] | tuple[int, list[int], None]


def steps_on(image_id: int) -> list[_Step]:
    """What was said about the labels of an image in this session, oldest first."""
    steps: list[_Step] = st.session_state.get(DONE, [])
    return [step for step in steps if step[0] == image_id]


def judge(image_id: int, pattern_id: int, said: LabelVerdict) -> None:
    """Write a verdict, and go on to the next label that nobody has judged."""
    try:
        before = judge_label(data.engine(), pattern_id, said, data.now())
    except ChartroomError as error:
        st.session_state[ERROR] = error.message
        return
    _remember((image_id, pattern_id, before))
    st.session_state.pop(CURRENT, None)
    st.session_state[MOVE] = False


def relabelled(image_id: int, pattern_id: int, box: Box | None, picker: str) -> None:
    """The kind that was chosen counts, in the box that counted before."""
    label = st.session_state[picker]
    if label is not None:
        judge(image_id, pattern_id, LabelVerdict("corrected", label, box))


def accept_others(image_id: int) -> None:
    """Accept what nobody has judged: one step for Undo."""
    try:
        accepted = accept_rest(data.engine(), image_id, data.now())
    except ChartroomError as error:
        st.session_state[ERROR] = error.message
        return
    if accepted:
        _remember((image_id, accepted, None))


def undo(image_id: int) -> None:
    """Take the last click on this image back, and show its label, or the first of them, again."""
    mine = steps_on(image_id)
    if not mine:
        return
    _, about, before = mine[-1]
    try:
        if isinstance(about, list):
            reopen(data.engine(), image_id, about)
        elif before is not None:
            judge_label(data.engine(), about, before, data.now())
    except ChartroomError as error:
        st.session_state[ERROR] = error.message
        return
    st.session_state[DONE].remove(mine[-1])
    st.session_state[CURRENT] = about[0] if isinstance(about, list) else about


def _remember(step: _Step) -> None:
    steps: list[_Step] = st.session_state.setdefault(DONE, [])
    steps.append(step)
    del steps[:-_LONGEST]
