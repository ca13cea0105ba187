"""Two signals or runs side by side: the first step that differs, parameters, outputs and indicator values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import streamlit as st

from dashboard import data, navigation
from dashboard.components import formats
from dashboard.components.markup import Markup, pill, show, table, tag
from dashboard.components.panels import note, section
from dashboard.lineage.address import href
from dashboard.lineage.content import facts_value
from db.actions.scan_trace import PACKED
from db.models import LineageStep
from db.views.lineage import compare as lineage_compare
from db.views.lineage.compare import Comparison, Pair
from db.views.lineage.subjects import Subject, subjects

OFFERED = 50
WITH = "with"


def compare_picker(subject: Subject) -> int | None:
    """The other one: from the address, or chosen among the newest of the same strategy and symbol."""
    ids = data.read(lineage_compare.comparable, subject.entity, subject.id, OFFERED)
    chosen = navigation.query_id(WITH)
    if chosen is not None and chosen not in ids and data.read(subjects, subject.entity, [chosen]):
        ids = [chosen, *ids]
    if not ids:
        return None
    named = {one.id: one for one in data.read(subjects, subject.entity, ids)}
    key = f"lineage_with_{subject.entity}_{subject.id}_{chosen or 0}"
    st.selectbox(
        "Compare with",
        list(named),
        index=list(named).index(chosen) if chosen in named else None,
        format_func=lambda one: f"{subject.entity.capitalize()} {one}, {formats.utc(named[one].moment)} UTC",
        placeholder="Compare with",
        label_visibility="collapsed",
        width=280,
        key=key,
        on_change=_choose,
        args=(key,),
    )
    return chosen if chosen in named else None


def comparison(subject: Subject, other: int) -> None:
    """Draw the differences."""
    found = data.read(lineage_compare.compare, subject.entity, subject.id, other)
    names = tuple(f"{subject.entity.capitalize()} {one}" for one in (subject.id, other))
    section(f"{names[0]} beside {names[1]}")
    _verdict(found)
    facts, steps = st.columns([1, 1.4], gap="medium")
    with facts:
        show(table(_heads("", names), (_fact(*fact) for fact in found.facts), cls="diff"))
    with steps:
        _steps(found, names)
    _details(found, names)
    _values(found, names)


def _verdict(found: Comparison) -> None:
    first = found.first
    if not found.pairs:
        note("Neither recorded steps: a scan that suggests nothing keeps its outcome and the hash of its bars.")
    elif first is None:
        show(tag("div", pill("identical", "up"), " Every step made the same.", cls="verdict"))
    else:
        only = " is there on one side only" if first.left is None or first.right is None else ""
        words = f" First difference: {first.label}{only}."
        show(tag("div", pill("differs", "warning"), words, cls="verdict"))


def _steps(found: Comparison, names: tuple[str, ...]) -> None:
    rows = []
    for pair in found.pairs:
        state = pill("same", "") if pair.same else pill("differs", "warning")
        cells = (pair.label, _hash(pair.left), _hash(pair.right), state)
        cls = "first" if pair is found.first else ""
        rows.append(tag("tr", *(tag("td", cell) for cell in cells), cls=cls))
    heads = tag("tr", *(tag("th", head) for head in ("Step", *names, "")))
    if rows:
        body = tag("table", tag("thead", heads), tag("tbody", *rows), cls="desk diff lineage")
        show(tag("div", body, cls="scroll"))


def _details(found: Comparison, names: tuple[str, ...]) -> None:
    for title, part in (("Parameters that differ", "parameters"), ("Inputs that differ", "inputs")):
        rows = [row for pair in found.pairs for row in _differing(pair, part)]
        if rows:
            section(title)
            show(table((("Step", "nowrap"), *_heads("Name", names)), rows, cls="diff"))
    outputs = [row for pair in found.pairs if pair.kind != "indicators" for row in _differing(pair, "output")]
    if outputs:
        section("Outputs that differ")
        show(table((("Step", "nowrap"), *_heads("Name", names)), outputs, cls="diff"))


def _values(found: Comparison, names: tuple[str, ...]) -> None:
    if not found.values:
        return
    section("Indicator values")
    heads = (("", "nowrap"), ("Indicator", ""), (names[0], "num"), (names[1], "num"), ("Difference", "num"))
    rows = (
        (
            one.timeframe,
            one.name,
            facts_value("", one.left),
            facts_value("", one.right),
            _difference(one.left, one.right),
        )
        for one in found.values
    )
    show(table(heads, rows, cls="diff"))


def _differing(pair: Pair, part: str) -> Iterable[tuple[object, ...]]:
    left: Mapping[str, Any] = getattr(pair.left, part) if pair.left else {}
    right: Mapping[str, Any] = getattr(pair.right, part) if pair.right else {}
    if pair.left is None or pair.right is None:
        return
    for name in dict.fromkeys([*left, *right]):
        if name != PACKED and left.get(name) != right.get(name):
            yield pair.label, formats.words(name), facts_value(name, left.get(name)), facts_value(name, right.get(name))


def _fact(name: str, left: object, right: object) -> tuple[object, ...]:
    key = name.lower()
    cls = "" if left == right or name in ("Run", "Slot") else "warning"
    return name, facts_value(key, left), tag("span", facts_value(key, right), cls=cls)


def _hash(step: LineageStep | None) -> Markup:
    if step is None:
        return tag("span", "none", cls="muted")
    return tag("a", step.content_hash[:12], href=href("step", step.id or 0), target="_self", title=step.content_hash)


def _difference(left: float | None, right: float | None) -> str:
    if left is None or right is None:
        return formats.NOTHING
    return "0" if left == right else f"{right - left:+.6g}"


def _heads(first: str, names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return ((first, "nowrap"), *((name, "value") for name in names))


def _choose(key: str) -> None:
    chosen = st.session_state[key]
    if chosen is None:
        st.query_params.pop(WITH, None)
    else:
        st.query_params[WITH] = str(chosen)
