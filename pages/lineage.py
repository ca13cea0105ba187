"""Lineage: for a signal or a trade, every step from the bars to the decision."""

from __future__ import annotations

import streamlit as st

from dashboard import data, status
from dashboard.components import empties, panels
from dashboard.components.lineage_graph import graph
from dashboard.components.lineage_steps import step_list
from dashboard.components.subject_picker import chosen_subject, title
from db.store.lineage import chain
from db.views import lineage

status.page_stamp()
entity, entity_id = chosen_subject()
if entity_id is None:
    empties.no_lineage()
    st.stop()
subject = data.read(lineage.subject, entity, entity_id)
if subject is None:
    empties.unknown_subject(entity, entity_id)
    st.stop()

title(subject)
found = data.read(chain, entity, entity_id)
if not found.steps:
    empties.no_steps(entity, entity_id)
    st.stop()
picture, words = st.columns([1, 1.15], gap="medium")
with picture:
    panels.section("From bars to decision")
    st.graphviz_chart(graph(found.steps, found.edges), width="stretch", alt="Graph of the steps listed beside it")
with words:
    panels.section(f"{len(found.steps)} steps")
    step_list(found.steps, found.edges)
