"""Lineage: for anything with an id, every step from the bars to the journal, when it was and what it made."""

from __future__ import annotations

import streamlit as st

from dashboard import data, status
from dashboard.components import empties
from dashboard.lineage import address as lineage_address
from dashboard.lineage.compare import compare_picker, comparison
from dashboard.lineage.explorer import explorer
from dashboard.lineage.find import find_bar, results
from dashboard.lineage.overview import overview
from dashboard.lineage.replay import replay_button, verdict
from dashboard.lineage.subject import address, links, name, reason, title
from db.views.lineage import subjects as lineage
from db.views.lineage.chain import trace
from db.views.lineage.search import TITLES

key = status.page_stamp()
wanted = find_bar()
if wanted.anything:
    results(wanted)
    st.stop()
asked = lineage_address.asked()
if asked is None:
    overview(key)
    st.stop()

subject = data.read(lineage.subject, *asked)
if subject is None:
    empties.unknown_subject(TITLES[asked[0]].lower(), asked[1])
    st.stop()
with st.container(horizontal=True, key="lineage_head", gap="small"):
    title(subject)
    other = compare_picker(subject)
    if subject.entity == "signal":
        replay_button(subject.id)
    links(subject)
if subject.entity == "signal":
    verdict(subject.id)
if other is not None:
    address(subject)
    comparison(subject, other)
    st.stop()
chain = data.read(trace, data.read(lineage.own_steps, *asked))
if subject.error and all(step.error != subject.error for step in chain.steps):
    reason(subject.error)
if chain.steps:
    explorer(subject, chain)
else:
    empties.no_steps(name(subject).lower())
