"""The figures of a question in their tables: each with the key by which an answer cites it."""

from __future__ import annotations

import streamlit as st

from core.analyst.citing import Figure
from core.analyst.question_evidence import Evidence
from core.analyst.question_figures import Table
from dashboard import navigation
from dashboard.ask.answer import FIGURE, TABLE
from dashboard.components.markup import Markup, show, table, tag
from dashboard.components.panels import note, section, tone

_SIGNED = ("Net", "Average R", "Expectancy", "P&L", "R,", "Largest")
"""Titles of figures that are green above zero and red below."""
_SHORT = {"summary": "Summary", "course": "Runs and drawdown", "trades": "Largest trades", "signals": "Signals"}


def figure_tables(question_id: int, evidence: Evidence, cited: frozenset[str]) -> None:
    """Draw the choice of tables and the one that is chosen; `cited` are the keys that the answer stands on."""
    if not evidence.tables:
        return
    section(f"Figures ({len(evidence.figures)})")
    note(evidence.scope)
    tables = {one.key: one for one in evidence.tables}
    if st.session_state.get("ask_tables_of") != question_id:
        st.session_state["ask_tables_of"] = question_id
        st.session_state[FIGURE] = None
        st.session_state[TABLE] = next(iter(tables))
    if st.session_state.get(TABLE) not in tables:
        st.session_state[TABLE] = next(iter(tables))
    chosen = st.pills(
        "Table",
        list(tables),
        format_func=lambda key: _short(tables[key]),
        key=TABLE,
        label_visibility="collapsed",
        required=True,
    )
    shown = tables[chosen] if chosen in tables else evidence.tables[0]
    picked = evidence.figures.get(st.session_state.get(FIGURE) or "")
    _table(shown, evidence, cited, picked.key if picked else "")
    if picked is not None and picked.table == shown.key:
        note(f"{picked.key}: {picked.title}, {picked.written}. {_defined(picked)}")
    if shown.key == "trades" and evidence.trades:
        with st.container(horizontal=True, gap="small"):
            for trade_id in evidence.trades:
                navigation.link("journal", f"Trade {trade_id}", trade=trade_id)
    _notes(evidence)


def _table(shown: Table, evidence: Evidence, cited: frozenset[str], picked: str) -> None:
    # A single row of many figures reads as a list.
    if len(shown.rows) == 1 and len(shown.columns) > 5:  # noqa: PLR2004
        group, keys = shown.rows[0]
        heads = ((shown.title, ""), (group, "num"), ("", ""))
        facts = [
            (column.title, _cell(evidence.figures.get(key), cited, picked), tag("span", column.definition, cls="muted"))
            for column, key in zip(shown.columns, keys, strict=True)
            if key
        ]
        show(table(heads, facts, cls="figures"))
        return
    titles = [(shown.title, ""), *((column.title, "num") for column in shown.columns)]
    rows = [(group, *(_cell(evidence.figures.get(key), cited, picked) for key in keys)) for group, keys in shown.rows]
    show(table(titles, rows, cls="figures"))


def _cell(figure: Figure | None, cited: frozenset[str], picked: str) -> Markup:
    if figure is None:
        return tag("span", "-", cls="muted")
    signed = not isinstance(figure.value, str) and figure.title.startswith(_SIGNED)
    mark = "chosen" if figure.key == picked else "cited" if figure.key in cited else ""
    value = tag("span", figure.written, cls=tone(figure.value) if signed and not mark else "")
    return tag("span", value, tag("small", figure.key), cls=mark, title=figure.definition)


def _short(one: Table) -> str:
    if one.key.startswith("by_"):
        return f"By {one.key.removeprefix('by_')}"
    return {"summary": "Summary", "course": "Runs and drawdown", "trades": "Largest trades", "signals": "Signals"}[
        one.key
    ]


def _defined(figure: Figure) -> str:
    return f"{figure.definition[:1].upper()}{figure.definition[1:]}." if figure.definition else ""


def _notes(evidence: Evidence) -> None:
    if evidence.notes:
        said = [tag("p", tag("b", f"Trade {one.trade_id} "), one.text[:300]) for one in evidence.notes]
        show(tag("details", tag("summary", f"Notes the model was shown ({len(said)})"), *said, cls="rule"))
