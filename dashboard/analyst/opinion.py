"""The analyst's opinion on a signal: the votes, what the model says, and both together; or why there is nothing."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import jobs
from core.analyst.answer import Answer
from core.errors import ChartroomError, SettingsError
from core.signals.fusion import RULE
from dashboard import data, dialogs, navigation
from dashboard.analyst import reach as analyst
from dashboard.analyst.opinion_words import OUTCOMES, SIDES, reason
from dashboard.components import dialog_parts, formats
from dashboard.components.markup import Markup, join, pill, show, table, tag
from dashboard.components.panels import Figure, note, section, strip
from dashboard.signals.card import targets_of
from db.models import Opinion, SignalFusion
from db.views.opinions import OpinionView, signal_opinion
from db.views.signals import SignalDetail

_ERROR = "opinion_error"
_RAW = 3000
_SHARE = range(101)
"""What a confidence can be, in percent."""
"""Characters shown of a text that is no answer."""
EVERY = 1.0
"""Seconds between two looks at a text that is being written."""


def opinion_panel(detail: SignalDetail) -> None:
    """Draw the section. While an opinion is written it looks for more text every second, and nothing else reruns."""
    assert detail.signal.id is not None
    found = data.read(signal_opinion, detail.signal.id)
    section("Opinion of the analyst")
    if found.answer is not None and found.fusion is not None:
        _both(detail, found.answer, found.fusion, found)
    if found.pending is not None:
        st.fragment(_writing, run_every=EVERY)(detail.signal.id)
    else:
        _missing(found)
    _ask_button(detail, found)


def readable(fields: dict[str, Any], text: str) -> Markup:
    """The beginning of an answer: what it holds already as words, else the text as it is."""
    side, tone = SIDES.get(str(fields.get("direction", "")), ("", ""))
    parts: list[Markup] = []
    if side:
        sure = fields.get("confidence")
        share = f" {sure} %" if type(sure) is int and sure in _SHARE else ""
        parts.insert(0, tag("p", tag("b", f"{side}{share}", cls=tone), cls="verdict"))
    for name, title in (("reasons", "Reasons"), ("risks", "Risks")):
        if isinstance(fields.get(name), list) and fields[name]:
            parts.append(_list(title, [str(one) for one in fields[name]]))
    if isinstance(fields.get("invalidation"), str) and fields["invalidation"]:
        parts.append(tag("div", tag("h4", "Proven wrong by"), tag("p", fields["invalidation"])))
    if not parts:
        return tag("div", text, cls="opinion-raw")
    return tag("div", *parts, cls="opinion")


def _both(detail: SignalDetail, answer: Answer, fusion: SignalFusion, found: OpinionView) -> None:
    signal, opinion = detail.signal, found.standing
    assert opinion is not None
    own = formats.side(signal.direction)
    said, said_tone = SIDES[answer.direction]
    word, tone = OUTCOMES[fusion.outcome]
    held = fusion.direction == 0
    strip(
        (
            Figure("Votes", f"{own} {formats.percent(signal.confidence)}", formats.words(signal.band).lower()),
            Figure("Opinion", f"{said} {answer.confidence} %", opinion.model, said_tone),
            Figure(
                "Together",
                "Held back" if held else f"{own} {formats.percent(fusion.confidence)}",
                f"contradicts, {formats.percent(fusion.confidence)} left" if held else f"{word}, {_band(fusion.band)}",
                tone,
            ),
        )
    )
    note(fusion.sentence)
    wrong = tag("div", tag("h4", "Proven wrong by"), tag("p", answer.invalidation))
    risks = _list("Risks", answer.risks) if answer.risks else Markup("")
    prices = _prices(detail, answer) if answer.direction != "none" else Markup("")
    show(tag("div", _list("Reasons", answer.reasons), tag("div", risks, wrong), prices, cls="opinion"))
    show(tag("div", _origin(opinion, found.prompt), cls="muted small"))
    show(tag("details", tag("summary", "How the two combine"), tag("p", RULE), cls="rule"))


def _prices(detail: SignalDetail, answer: Answer) -> Markup:
    signal, tick = detail.signal, detail.symbol.tick_size
    own = [one.price for one in targets_of(signal)]
    rows: list[tuple[str, float | None, float | None]] = [
        ("Entry", signal.entry, answer.entry),
        ("Stop", signal.stop, answer.stop),
    ]
    for number in range(max(len(own), len(answer.targets))):
        ours = own[number] if number < len(own) else None
        theirs = answer.targets[number] if number < len(answer.targets) else None
        rows.append((f"Target {number + 1}", ours, theirs))
    written = [(name, formats.price(ours, tick), formats.price(theirs, tick)) for name, ours, theirs in rows]
    compared = table((("Price", ""), ("Signal", "num"), ("Opinion", "num")), written)
    return tag("div", compared, tag("small", "For comparison: orders and sizes use the signal's own.", cls="muted"))


def _origin(opinion: Opinion, prompt: str) -> str:
    at = formats.utc(opinion.finished_at) if opinion.finished_at else ""
    tries = f"{opinion.tries} tries" if opinion.tries > 1 else ""
    seen = "with the chart" if opinion.vision else ""
    asked = f"prompt {prompt}" if prompt else ""
    parts = (opinion.model, asked, opinion.language, seen, tries, f"{at} UTC" if at else "")
    return " · ".join(part for part in parts if part)


def _writing(signal_id: int) -> None:
    """What is there of an opinion that is being written; the page runs again when it is done."""
    pending = data.read(signal_opinion, signal_id).pending
    if pending is None:
        if dialogs.opened() is None:
            st.rerun()
        return
    if pending.status == "queued":
        show(tag("div", "Waits for the model: other opinions come first.", cls="opinion-writing muted"))
        return
    try:
        text = analyst.partial_text(jobs.partial_key(pending.id or 0))
    except SettingsError as error:
        show(tag("div", error.message, cls="opinion-missing warning"))
        return
    seconds = (data.now() - (pending.started_at or pending.created_at)).total_seconds()
    head = tag("div", f"{pending.model} writes, {formats.age(max(0.0, seconds))}", cls="muted small")
    body = readable(analyst.partial_answer(text), text) if text else tag("div", "No word yet.", cls="muted small")
    show(tag("div", head, body, cls="opinion-writing"))


def _missing(found: OpinionView) -> None:
    """Why there is no opinion, or no newer one."""
    failed = found.attempt
    if failed is not None:
        begin = "Asking again gave nothing" if found.answer is not None else "No opinion"
        stands = "" if found.answer is not None else " The signal stands as the votes gave it."
        words = join((pill(reason(failed.reason), "warning"), " ", f"{begin}: {failed.error}{stands}"))
        show(tag("div", words, cls="opinion-missing warning"))
        if failed.raw and found.answer is None:
            wrote = tag("div", failed.raw[:_RAW], cls="opinion-raw")
            show(tag("details", tag("summary", "What it wrote"), wrote, cls="rule"))
    elif found.answer is None and not found.settings.enabled:
        show(tag("div", "The analyst is switched off. Signals stand as the votes give them.", cls="opinion-missing"))
    elif found.answer is None:
        show(tag("div", "Not asked yet. The desk asks about new signals by itself.", cls="opinion-missing"))


def _ask_button(detail: SignalDetail, found: OpinionView) -> None:
    dialog_parts.show_kept(_ERROR)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if found.settings.enabled:
            st.button(
                "Ask again" if found.standing is not None or found.attempt is not None else "Ask now",
                key="opinion_ask",
                on_click=_ask,
                args=(detail.signal.id,),
                disabled=found.pending is not None,
            )
        navigation.link("prompts", "Prompts and settings of the analyst")


def _ask(signal_id: int) -> None:
    try:
        analyst.ask(signal_id)
    except ChartroomError as error:
        st.session_state[_ERROR] = error.message


def _list(title: str, lines: list[str]) -> Markup:
    return tag("div", tag("h4", title), tag("ul", *(tag("li", line) for line in lines)))


def _band(name: str) -> str:
    return formats.words(name).lower()
