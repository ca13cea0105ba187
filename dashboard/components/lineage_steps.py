"""The steps of a chain in words: inputs, parameters, output, duration, code version and hash of each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard.components import formats
from dashboard.components.markup import Markup, pill, show, table, tag
from db.models import LineageStep


def step_list(steps: Sequence[LineageStep], edges: Sequence[tuple[int, int]]) -> None:
    """Every step, the earliest first. What failed is open and red."""
    names = {step.id: f"{number}. {step.name}" for number, step in enumerate(steps, start=1)}
    parents: dict[int | None, list[str]] = {}
    for parent, child in edges:
        parents.setdefault(child, []).append(names[parent])
    with st.container(key="lineage_steps", gap=None):
        for step in steps:
            show(_step(step, names[step.id], parents.get(step.id, [])))


def _step(step: LineageStep, title: str, parents: list[str]) -> Markup:
    failed = step.status == "failed"
    took = formats.duration((step.finished_at - step.started_at).total_seconds())
    short = tag("code", step.content_hash[:8], title="first digits of the output's hash")
    state = pill("failed", "down") if failed else ""
    head = tag(
        "summary", tag("b", title), " ", tag("span", f"{step.kind}, {took}", cls="muted"), " ", short, " ", state
    )
    rows: list[tuple[object, object]] = [
        ("Made from", ", ".join(parents) or "stored data"),
        ("Inputs", listed(step.inputs)),
        ("Parameters", listed(step.parameters)),
        ("Output", listed(step.output)),
        ("Finished (UTC)", formats.utc(step.finished_at, seconds=True)),
        ("Code", tag("code", step.code_version)),
        ("Hash of the output", tag("code", step.content_hash)),
    ]
    if step.error:
        rows.append(("Error", tag("span", step.error, cls="down plain")))
    body = table((("", "nowrap muted"), ("", "plain")), rows, cls="pairs")
    opened = {"open": ""} if failed else {}
    return tag("details", head, body, cls="step failed" if failed else "step", **opened)


def listed(values: Mapping[str, Any]) -> str:
    """`key: value` lines of a JSON object."""
    return "\n".join(f"{key}: {_value(value)}" for key, value in values.items()) or "none"


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
