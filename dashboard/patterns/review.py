"""The queue of events to judge: one at a time, one click each, and on to the next."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from core.bars import Bars
from core.errors import ChartroomError
from dashboard import data
from dashboard.components import dialog_parts, empties
from dashboard.components.formats import price, utc, words
from dashboard.components.frames import records
from dashboard.components.markup import Markup, show, tag
from dashboard.patterns import chart as pattern_chart
from dashboard.patterns.events import event_key
from dashboard.patterns.kind_picker import kind_picker
from dashboard.patterns.subject import Subject
from db.actions.review import EventKey, Verdict, review_event, take_back_review

_CURRENT, _SKIPPED, _DONE, _ERROR = "review_current", "review_skipped", "review_done", "review_error"
_LATER = "review_later"
_LONGEST = 200

# What Undo takes back: symbol and timeframe, the event's token, and (key, verdict before), None for a skip.
_Step = tuple[str, str, tuple[EventKey, Verdict | None] | None]


def review(subject: Subject, history: Bars, events: pd.DataFrame) -> None:
    """Draw the event that is next, its buttons, and how far the queue is."""
    waiting = events[events["verdict"] == ""]
    skipped = _skipped(subject) & set(waiting["token"])
    open_ = waiting[~waiting["token"].isin(skipped)]
    current = _current(open_)
    with st.container(key="review_panel"):
        place, side = st.columns([2, 1], gap="medium")
    with side:
        _progress(len(events) - len(waiting), len(events), len(skipped))
        dialog_parts.show_kept(_ERROR)
        _buttons(subject, current)
        if current is not None:
            _facts(current, subject.symbol.tick_size)
        elif skipped:
            st.button(f"Show the {len(skipped)} skipped", key="review_again", on_click=_forget_skips, args=(subject,))
    with place:
        if current is None:
            empties.review_done(len(events) - len(waiting), len(skipped))
            return
        chart = st.container()
        later = st.toggle("Show what followed", key=_LATER)
        with chart:
            pattern_chart.close_up(subject, history, current, later=later)


def _current(waiting: pd.DataFrame) -> dict[str, Any] | None:
    """The event in front of the person; it stays, whatever becomes known meanwhile."""
    found = waiting[waiting["token"] == st.session_state.get(_CURRENT)]
    rows = found if len(found) else waiting
    if rows.empty:
        return None
    row = records(rows.head(1))[0]
    st.session_state[_CURRENT] = row["token"]
    return row


def _buttons(subject: Subject, current: dict[str, Any] | None) -> None:
    if current is not None:
        key = event_key(current, subject.symbol_id, int(subject.timeframe))
        left, right = st.container(horizontal=True, gap="small", key="review_verdicts"), st.container()
        with left:
            for label, verdict in (("Valid", "valid"), ("Not valid", "invalid")):
                st.button(
                    label,
                    key=f"review_{verdict}",
                    type="primary" if verdict == "valid" else "secondary",
                    on_click=_judge,
                    args=(subject, key, current["token"], verdict),
                    width="stretch",
                )
        with right:
            _relabel(subject, key, current["token"])
    with st.container(horizontal=True, gap="small", key="review_moves"):
        if current is not None:
            skip = (subject, current["token"])
            st.button("Skip", key="review_skip", on_click=_skip, args=skip, width="stretch")
        steps = [step for step in st.session_state.get(_DONE, []) if step[0] == subject.name]
        st.button("Undo", key="review_undo", on_click=_undo, args=(subject,), disabled=not steps, width="stretch")


def _relabel(subject: Subject, key: EventKey, token: str) -> None:
    """Choosing the right kind is the click that judges."""
    picker = f"review_label_{token}"
    kind_picker("Relabel", key.kind, picker, _relabelled, (subject, key, token, picker))


def _progress(judged: int, total: int, skipped: int) -> None:
    share = 100 * judged / total if total else 0
    left = f", {skipped} skipped" if skipped else ""
    bar = tag("div", tag("span", style=f"width:{share:.0f}%"), cls="progress")
    show(tag("div", tag("b", f"{judged} of {total}"), f" judged{left}", bar))


def _facts(event: dict[str, Any], tick_size: float) -> None:
    up = event["direction"] > 0
    rows: list[tuple[str, object]] = [
        ("Direction", tag("b", "Up" if up else "Down", cls="up" if up else "down")),
        ("Level", price(event["level"], tick_size)),
        ("Range", f"{price(event['price_low'], tick_size)} to {price(event['price_high'], tick_size)}"),
        ("Score", f"{event['score']:.2f} {words(event['strength']).lower()}"),
        ("Bars", f"{utc(event['start'])} to {utc(event['end'])}"),
        ("Known", f"{utc(event['known_at'])} UTC"),
    ]
    # What became of it would tell the verdict before the chart does.
    if st.session_state.get(_LATER):
        rows.append(("Status", words(event["status"])))
    listed = tag("dl", *(_fact(name, value) for name, value in rows), cls="trade")
    show(tag("div", tag("h3", event["title"]), listed, cls="review"))


def _fact(name: str, value: object) -> Markup:
    return tag("div", tag("dt", name), tag("dd", value))


def _judge(subject: Subject, key: EventKey, token: str, verdict: str, label: str | None = None) -> None:
    try:
        before = review_event(data.engine(), key, Verdict(verdict, label), data.now())
    except ChartroomError as error:
        st.session_state[_ERROR] = error.message
        return
    _remember(subject, token, (key, before))


def _relabelled(subject: Subject, key: EventKey, token: str, picker: str) -> None:
    label = st.session_state[picker]
    if label is not None:
        _judge(subject, key, token, "relabelled", label)


def _skip(subject: Subject, token: str) -> None:
    _skipped(subject).add(token)
    _remember(subject, token, None)


def _undo(subject: Subject) -> None:
    """Take the last step on this symbol and timeframe back, and show its event again."""
    steps: list[_Step] = st.session_state.get(_DONE, [])
    mine = [step for step in steps if step[0] == subject.name]
    if not mine:
        return
    _, token, written = mine[-1]
    if written is not None:
        try:
            take_back_review(data.engine(), *written, data.now())
        except ChartroomError as error:
            st.session_state[_ERROR] = error.message
            return
    steps.remove(mine[-1])
    _skipped(subject).discard(token)
    st.session_state[_CURRENT] = token


def _forget_skips(subject: Subject) -> None:
    _skipped(subject).clear()


def _remember(subject: Subject, token: str, written: tuple[EventKey, Verdict | None] | None) -> None:
    steps: list[_Step] = st.session_state.setdefault(_DONE, [])
    steps.append((subject.name, token, written))
    del steps[:-_LONGEST]


def _skipped(subject: Subject) -> set[str]:
    every: dict[str, set[str]] = st.session_state.setdefault(_SKIPPED, {})
    return every.setdefault(subject.name, set())
