"""What the buttons of the Dataset page do. Callbacks: they write nothing on the page, the next run does."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core import jobs
from core.dataset.recipe import Recipe
from core.errors import ChartroomError, ParameterError
from core.timeframe import Timeframe
from dashboard import data, dialogs, jobqueue
from dashboard.components.markup import markdown
from dashboard.dataset.files import datasets
from db.actions import dataset as desk

_ANSWER = "dataset_answer"


def show_answer() -> None:
    """Why the last button could not do what it says, once."""
    sentence = st.session_state.pop(_ANSWER, None)
    if sentence:
        st.warning(markdown(sentence))


def start(dialog: str) -> None:
    """Ask for the data set that the form describes."""
    # The second click of a double click finds the dialog closed.
    if not dialogs.is_open(dialog, 0):
        return
    try:
        with jobqueue.connected():
            pass  # without a queue nobody would ever draw it
        build_id = desk.ask_build(data.engine(), _recipe(), datasets(), data.now(), queued=True)
        jobqueue.submit([jobs.dataset_piece(build_id, 0)])
    except ChartroomError as error:
        dialogs.fail(error.message)
        return
    st.query_params.from_dict({"build": str(build_id)})
    dialogs.succeed("The workers draw it now; the images appear here by themselves.")


def cancel(build_id: int) -> None:
    _try(lambda: desk.cancel_build(data.engine(), build_id, data.now()))


def resume(build_id: int) -> None:
    def go_on() -> None:
        part = desk.resume_build(data.engine(), build_id, data.now())
        jobqueue.submit([jobs.dataset_piece(build_id, part)])

    _try(go_on)


def rewrite(build_id: int) -> None:
    if _try(lambda: jobqueue.submit([jobs.dataset_labels(build_id, data.now_ms())])):
        dialogs.succeed("The label files are written again.")


def pack(build_id: int) -> None:
    if _try(lambda: jobqueue.submit([jobs.dataset_archive(build_id, data.now_ms())])):
        dialogs.succeed("The archive is being packed; its download appears here.")


def _try(act: Callable[[], object]) -> bool:
    try:
        act()
    except ChartroomError as error:
        st.session_state[_ANSWER] = error.message
        return False
    return True


def _recipe() -> Recipe:
    state = st.session_state
    width, _, height = str(state.dialog_size).partition(" x ")
    symbols = tuple(state.dialog_symbols)
    if not symbols:
        raise ParameterError("Choose at least one symbol.")
    return Recipe(
        symbols,
        tuple(Timeframe[name] for name in state.dialog_timeframes),
        tuple(state.dialog_types),
        days_back=int(state.dialog_days),
        window=int(state.dialog_window),
        stride=int(state.dialog_stride),
        width=int(width),
        height=int(height),
        families=tuple(state.dialog_families),
        score=float(state.dialog_score),
        gap=int(state.dialog_gap),
        format=str(state.dialog_format),
        annotate=bool(state.dialog_annotate),
    )
