"""Whose chain the Lineage page shows: the signal, trade or chart in the address, or one that is picked."""

from __future__ import annotations

import streamlit as st

from dashboard import data, navigation
from dashboard.components import formats
from dashboard.components.markup import tag
from dashboard.components.panels import heading
from db.views import lineage

OFFERED = 50
ENTITIES = ("signal", "trade", "chart_export")
_PARAMETERS = {"signal": "signal", "trade": "trade", "chart_export": "export"}
"""What each is called in the address."""


def chosen_subject() -> tuple[str, int | None]:
    """Kind and id to show; the id is None when there is nothing at all."""
    entity, asked = _asked()
    offered = data.read(lineage.newest_subjects, entity, OFFERED)
    by_id = {one.id: one for one in offered}
    chosen = asked or (offered[0].id if offered else None)
    with st.container(horizontal=True, gap="small"):
        st.segmented_control(
            "Kind",
            ENTITIES,
            default=entity,
            required=True,
            format_func=_kind,
            label_visibility="collapsed",
            key=f"lineage_kind_{entity}",
            on_change=_switch,
            args=(f"lineage_kind_{entity}",),
        )
        if by_id:
            picker = f"lineage_pick_{entity}_{chosen}"
            st.selectbox(
                "Which one",
                list(by_id),
                index=list(by_id).index(chosen) if chosen in by_id else None,
                format_func=lambda one: _label(by_id[one]),
                placeholder="Choose one",
                label_visibility="collapsed",
                width=420,
                key=picker,
                on_change=_pick,
                args=(entity, picker),
            )
    return entity, chosen


def title(subject: lineage.Subject) -> None:
    side = tag("b", formats.side(subject.direction), cls="up" if subject.direction > 0 else "down")
    heading(
        f"{_kind(subject.entity)} {subject.id}: {subject.symbol}",
        side if subject.direction else "",
        subject.status,
        f"{formats.utc(subject.moment)} UTC",
        source=subject.source,
    )


def _asked() -> tuple[str, int | None]:
    for entity in reversed(ENTITIES):
        asked = navigation.query_id(_PARAMETERS[entity])
        if asked is not None:
            return entity, asked
    return st.session_state.get("lineage_entity", "signal"), None


def _switch(key: str) -> None:
    st.session_state["lineage_entity"] = st.session_state[key]
    st.query_params.clear()


def _pick(entity: str, key: str) -> None:
    if st.session_state[key] is not None:
        st.query_params.from_dict({_PARAMETERS[entity]: str(st.session_state[key])})


def _label(one: lineage.Subject) -> str:
    side = f" {formats.side(one.direction).lower()}" if one.direction else ""
    return f"{_kind(one.entity)} {one.id}: {one.symbol}{side}, {one.status}"


def _kind(entity: str) -> str:
    return "Chart" if entity == "chart_export" else entity.capitalize()
