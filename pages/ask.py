"""Ask the desk: questions about one's own journal and signals, answered over figures that code computed."""

from __future__ import annotations

import streamlit as st

from core.analyst.question_evidence import Evidence
from dashboard import data, navigation, status
from dashboard.accounts.choice import chosen_account
from dashboard.ask import list as ask_list
from dashboard.ask.answer import answer_panel
from dashboard.ask.figures import figure_tables
from dashboard.components import empties
from dashboard.components.markup import show, tag
from dashboard.components.panels import empty
from db.store.questions import questions_of

key = status.page_stamp()
account = chosen_account()
if account is None or account.id is None:
    empties.no_account()
    st.stop()

ask_list.ask_bar(account.id)
asked = data.cached(key, questions_of, account.id)
by_id = {one.id: one for one in asked}
wanted = navigation.query_id("question")
chosen = by_id.get(wanted) if wanted is not None else next(iter(asked), None)
detail_place, list_place = st.columns([2.6, 1], gap="medium")

with list_place:
    ask_list.history(asked, chosen.id if chosen else None)

with detail_place:
    if chosen is not None and chosen.id is not None:
        evidence = Evidence.from_json(chosen.evidence)
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            show(tag("div", chosen.question, cls="ask-question"))
            st.button("Ask again", key="ask_again", on_click=ask_list.ask, args=(account.id, chosen.question))
        answer_panel(chosen, evidence)
        cited = frozenset(one for said in (chosen.answer or {}).get("sentences", ()) for one in said["cites"])
        figure_tables(chosen.id, evidence, cited)
        navigation.link("lineage", "Where this answer comes from", question=chosen.id)
    elif wanted is not None:
        empty(f"There is no question {wanted} about this account.", "Choose one of the list.")
    else:
        empty(
            "Ask about your own trades and signals.",
            "Code computes the figures; the local model may only speak of those, and every number it writes is looked "
            "up. Without a model the figures are shown all the same.",
        )
        ask_list.suggestions(account.id)
