"""A chain to walk through: the graph above, the time line and the lit step below."""

from __future__ import annotations

import streamlit as st

from dashboard import navigation
from dashboard.components.panels import note, section
from dashboard.lineage.layout import EVERY, WHOLE
from dashboard.lineage.step import step_panel
from dashboard.lineage.subject import address
from dashboard.lineage.view import graph, time_line
from db.views.lineage.chain import MOST, Trace
from db.views.lineage.subjects import Subject

STEP = "step"


@st.fragment
def explorer(subject: Subject, chain: Trace) -> None:
    """Draw the chain; a click runs this part of the page only."""
    lit = _lit(chain)
    failed = sum(step.failed for step in chain.steps)
    every = False
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        words = f"{len(chain.steps):,} steps" + (f", {failed} failed" if failed else "")
        section(words)
        if WHOLE < len(chain.steps) <= EVERY:
            every = st.toggle("Every step", key="lineage_every", help="Equal steps share a box while this is off.")
        address(subject)
    if chain.cut:
        note(f"Only the {MOST:,} steps nearest to it are shown: choose a step to see what is around that one.")
    graph(chain, lit, pick, every=every)
    lines, step = st.columns([1.15, 1], gap="medium")
    with lines:
        section("Time line")
        time_line(chain, lit, pick)
    with step:
        step_panel(chain, lit, pick)


def pick(step_id: int) -> None:
    """Light a step; for callbacks."""
    st.query_params[STEP] = str(step_id)


def _lit(chain: Trace) -> int:
    """The step of the address, else the first that failed, else what made the subject, else the last one."""
    asked = navigation.query_id(STEP)
    if asked in chain.by_id:
        return asked
    failed = next((step.id for step in chain.steps if step.failed), None)
    return failed or (min(chain.own) if chain.own else chain.steps[-1].id)
