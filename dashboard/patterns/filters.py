"""Which families, kinds, strengths and states of patterns are shown: in the chart, the table and the queue alike."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.patterns.naming import FAMILY_TITLES
from core.patterns.strength import Strength
from dashboard.components.formats import words
from dashboard.patterns.events import FRESH

FAMILIES = "patterns_families"
_FIRST = ("smart_money", "levels", "shapes")


def family_toggles() -> list[str]:
    """One toggle a family; returns those that are on."""
    chosen: list[str] = st.pills(
        "Pattern families",
        list(FAMILY_TITLES),
        selection_mode="multi",
        default=_FIRST,
        format_func=lambda name: FAMILY_TITLES[name],
        label_visibility="collapsed",
        key=FAMILIES,
    )
    return chosen


def event_filters(events: pd.DataFrame) -> pd.DataFrame:
    """Draw the filters over the events of the chosen families; returns those that pass."""
    titles = dict(zip(events["kind"], events["title"], strict=True))
    present = events["kind"].value_counts()
    states = [FRESH, *sorted(set(events["status"]) - {FRESH})]
    with st.container(horizontal=True, gap="small", key="pattern_filters"):
        kinds = _choose(
            "Kind", {str(one): f"{titles[one]} ({count})" for one, count in present.items()}, "patterns_kinds"
        )
        bands = _choose("Strength", {one.value: _band(one) for one in Strength}, "patterns_strengths")
        statuses = _choose("Status", {one: words(one).capitalize() for one in states}, "patterns_statuses")
    passed = events
    for column, allowed in (("kind", kinds), ("strength", bands), ("status", statuses)):
        if allowed:
            passed = passed[passed[column].isin(allowed)]
    return passed.reset_index(drop=True)


def _band(one: Strength) -> str:
    return words(one.value).capitalize()


def _choose(label: str, offered: dict[str, str], key: str) -> list[str]:
    # What is chosen stays on offer, or a family switched off would leave a choice that no longer exists.
    kept = [one for one in st.session_state.get(key, []) if one not in offered]
    chosen: list[str] = st.multiselect(
        label,
        [*offered, *kept],
        format_func=lambda one: offered.get(one, words(one).removeprefix("cdl ").capitalize()),
        placeholder=label,
        label_visibility="collapsed",
        key=key,
    )
    return chosen
