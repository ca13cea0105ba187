"""Two versions beside each other on past signals: what each said, whether they agree, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import data
from dashboard.analyst.opinion_words import SIDES
from dashboard.components import dialog_parts, formats
from dashboard.components.markup import Markup, pill, show, table, tag
from dashboard.components.panels import Figure, empty, note, section, strip, tone
from dashboard.prompts import actions
from db.views.prompts import ComparedSignal, Said, compared, version_names

_COUNTS = (3, 5, 10, 20)
_WAITING = ("queued", "writing")
_HEADS = (
    ("Signal", ""), ("Side", ""), ("Votes", "num"), ("First", ""), ("Second", ""), ("Agree", ""), ("Outcome", "num"),
)  # fmt: skip


def compare_panel(key: data.Stamp) -> None:
    """Draw the choice of two versions, how far it is, and the table."""
    names = data.cached(key, version_names)
    if len(names) < 2:  # noqa: PLR2004
        empty("Nothing to compare yet.", "Save a second version of a prompt, or another prompt.")
        return
    ids = list(names)
    with st.container(key="prompt_fields"):
        first = st.selectbox("First", ids, index=1, format_func=names.__getitem__, key="prompt_first")
        second = st.selectbox("Second", ids, index=0, format_func=names.__getitem__, key="prompt_second")
        count = st.selectbox("Newest signals with a known outcome", _COUNTS, index=1, key="prompt_count")
    rows = data.read(compared, first, second) if first != second else list[ComparedSignal]()
    waiting = [one for row in rows for one in (row.first, row.second) if one is not None and one.status in _WAITING]
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.button(
            "Compare", type="primary", key="prompt_compare", on_click=actions.compare, args=(first, second, count),
            disabled=first == second,
        )  # fmt: skip
        if waiting:
            st.button("Stop", key="prompt_stop", on_click=actions.stop)
    dialog_parts.show_kept(actions.ERROR)
    if first == second:
        note("Choose two different versions.")
    elif not rows:
        empty(
            "Not compared yet.",
            "Both versions are asked about the same signals; what was asked before is not asked again.",
        )
    else:
        _progress(rows, len(waiting))
        strip(_figures("First", [(one, one.first) for one in rows]))
        strip(_figures("Second", [(one, one.second) for one in rows]))
        section(f"{names[first]} and {names[second]}")
        show(table(_HEADS, [_row(one) for one in rows], cls="compared"))
        note("Opinions that were asked for here count for nothing else: no signal, no fusion and no record uses them.")


def _progress(rows: Sequence[ComparedSignal], waiting: int) -> None:
    asked = sum(one is not None for row in rows for one in (row.first, row.second))
    if waiting:
        share = 100 * (asked - waiting) / asked
        bar = tag("div", tag("span", style=f"width:{share:.0f}%"), cls="progress")
        show(tag("div", tag("span", f"{asked - waiting} of {asked} opinions", cls="muted small"), bar))


def _figures(title: str, said: Sequence[tuple[ComparedSignal, Said | None]]) -> list[Figure]:
    answered = [(row, one) for row, one in said if one is not None and one.direction is not None]
    agreed = [row for row, one in answered if SIDES[str(one.direction)][0] == formats.side(row.direction)]
    kept = [row.result_r for row in agreed if row.result_r is not None]
    passed = [row.result_r for row, _ in answered if row not in agreed and row.result_r is not None]
    sure = [one.confidence for _, one in answered if one.confidence is not None]
    net, missed = (sum(kept) if kept else None), (sum(passed) if passed else None)
    return [
        Figure(f"{title}: answers", f"{len(answered)}", f"of {len(said)} signals"),
        Figure("Agrees with the signal", f"{len(agreed)}", f"of {len(answered)}"),
        Figure("Mean confidence", f"{sum(sure) / len(sure):.0f} %" if sure else formats.NOTHING),
        Figure("R where it agreed", formats.multiple(net), f"{len(kept)} signals", tone(net)),
        Figure("R it would have passed on", formats.multiple(missed), f"{len(passed)} signals", tone(missed)),
    ]


def _row(one: ComparedSignal) -> tuple[object, ...]:
    both = one.first is not None and one.second is not None and one.first.direction and one.second.direction
    same = both and one.first is not None and one.second is not None and one.first.direction == one.second.direction
    agree = (pill("yes", "up") if same else pill("no", "warning")) if both else formats.NOTHING
    return (
        f"{one.signal_id} {one.symbol}",
        formats.side(one.direction),
        formats.percent(one.confidence),
        _said(one.first),
        _said(one.second),
        agree,
        tag("span", formats.multiple(one.result_r), cls=tone(one.result_r)),
    )


def _said(said: Said | None) -> Markup | str:
    if said is None:
        return formats.NOTHING
    if said.status in _WAITING and said.direction is None:
        return tag("span", "waits" if said.status == "queued" else "is written", cls="muted")
    if said.direction is None:
        return tag("span", "no answer", cls="warning", title=said.error or "")
    word, tone_of = SIDES[said.direction]
    return tag("span", f"{word} {said.confidence} %", cls=tone_of)
