"""Replay of a signal: the button, and what the last one said."""

from __future__ import annotations

import streamlit as st

from core import jobs
from dashboard import data, dialogs, jobqueue
from dashboard.components import dialog_parts, formats
from dashboard.components.markup import Markup, pill, show, tag
from db.models import Replay
from db.views.replays import last_replay

_ERROR = "lineage_replay_error"


def replay_button(signal_id: int) -> None:
    """Ask for a replay; the page shows its verdict when it is done."""
    st.button("Replay", key=f"lineage_replay_{signal_id}", on_click=_ask, args=(signal_id,))


def verdict(signal_id: int) -> None:
    """Whether the signal came out the same when it was last computed again."""
    dialog_parts.show_kept(_ERROR)
    last = data.read(last_replay, signal_id)
    if last is None:
        show(tag("div", "Not replayed yet: Replay computes it again from the stored inputs.", cls="verdict muted"))
        return
    show(tag("div", *verdict_words(last), cls="verdict"))


def verdict_words(replay: Replay) -> tuple[Markup, object, Markup]:
    """A pill, what differs, and when it was."""
    when = f" Replayed {formats.utc(replay.finished_at)} UTC with code {replay.code_version}."
    if replay.identical:
        return pill("identical", "up"), "Every step came out as it was recorded.", tag("span", when, cls="muted")
    if replay.step is None:
        return pill("not replayed", "warning"), replay.detail, tag("span", when, cls="muted")
    words = f"First differing step: {replay.step}. {replay.detail}"
    return pill("differs", "down"), tag("span", words, cls="down"), tag("span", when, cls="muted")


def _ask(signal_id: int) -> None:
    with dialog_parts.attempt(_ERROR):
        jobqueue.submit([jobs.replay(signal_id, data.now_ms())])
        dialogs.succeed(f"Signal {signal_id} is being replayed.")
