"""One step in full: what it made, from what, with which parameters, by which code, and when."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.lineage_kinds import KINDS
from dashboard import data
from dashboard.components.markup import Markup, join, pill, show, table, tag
from dashboard.components.panels import section
from dashboard.lineage.address import href
from dashboard.lineage.content import content, facts
from dashboard.lineage.timeline import duration
from db.actions.scan_trace import PACKED
from db.models import LineageStep
from db.views.lineage import content as lineage_content
from db.views.lineage.chain import Trace

_SHOWN = 6
"""Neighbours that are named; the rest are counted."""


def step_panel(chain: Trace, step_id: int, on_pick: Callable[[int], None]) -> None:
    """Draw the step, with ways to the ones before and after it in time."""
    step = data.read(lineage_content.step, step_id)
    if step is None:
        return
    with st.container(key="lineage_step", gap="small"):
        _head(step, chain, on_pick)
        if step.error:
            show(tag("div", step.error, cls="reason"))
        content(step, chain)
        for title, values in (("Output", step.output), ("Parameters", step.parameters), ("Inputs", step.inputs)):
            told = {name: value for name, value in values.items() if name != PACKED}
            if told and not (title == "Output" and step.kind == "indicators"):
                section(title)
                show(facts(told))
        section("Record")
        show(_record(step, chain))


def _head(step: LineageStep, chain: Trace, on_pick: Callable[[int], None]) -> None:
    order = sorted(chain.steps, key=lambda one: (one.started_at, one.id))
    place = next((at for at, one in enumerate(order) if one.id == step.id), 0)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        state = pill(step.status, "down" if step.status == "failed" else "up")
        kind = tag("span", KINDS.get(step.kind, step.kind), cls="muted")
        show(tag("div", tag("h3", step.name), kind, state, cls="stephead"))
        for label, at in (("Before", place - 1), ("After", place + 1)):
            there = 0 <= at < len(order)
            target = (order[at].id,) if there else (0,)
            st.button(label, key=f"lineage_{label.lower()}", disabled=not there, on_click=on_pick, args=target)


def _record(step: LineageStep, chain: Trace) -> Markup:
    took = duration((step.finished_at - step.started_at).total_seconds())
    rows: list[tuple[object, object]] = [
        ("Made from", _named(chain, chain.parents.get(step.id or 0, []), "stored data")),
        ("Led to", _named(chain, chain.children.get(step.id or 0, []), "nothing yet")),
        ("Started (UTC)", _precise(step, "started_at")),
        ("Finished (UTC)", f"{_precise(step, 'finished_at')}, took {took}"),
        ("Code", tag("code", step.code_version)),
        ("Hash of the output", tag("code", step.content_hash)),
        ("Step", tag("a", f"{step.id}", href=href("step", step.id or 0), target="_self")),
    ]
    if step.run_id is not None:
        rows.append(("Run", tag("a", f"{step.run_id}", href=href("run", step.run_id), target="_self")))
    return table((("", "nowrap muted"), ("", "plain")), rows, cls="pairs lineage")


def _named(chain: Trace, ids: list[int], nothing: str) -> object:
    if not ids:
        return nothing
    parts: list[object] = []
    for one in ids[:_SHOWN]:
        parts += [", " if parts else "", tag("a", chain.by_id[one].name, href=href("step", one), target="_self")]
    if len(ids) > _SHOWN:
        parts.append(f" and {len(ids) - _SHOWN} more")
    return join(parts)


def _precise(step: LineageStep, name: str) -> str:
    moment = getattr(step, name)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03d}"
