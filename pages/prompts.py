"""Prompts: what the local model is told, in versions; two of them compared; the analyst's settings and record."""

from __future__ import annotations

import streamlit as st

from dashboard import data, navigation, status
from dashboard.analyst.record import analyst_record
from dashboard.analyst.settings import analyst_settings
from dashboard.components.panels import empty
from dashboard.prompts import drafts as prompt_drafts
from dashboard.prompts import list as prompt_list
from dashboard.prompts.compare import compare_panel
from dashboard.prompts.editor import editor, new_prompt
from dashboard.prompts.versions import versions_panel
from db.store.prompts import versions_of
from db.views.prompts import prompt_lines

key = status.page_stamp()
prompt_drafts.keep()
view = st.segmented_control(
    "View", ("Prompts", "Compare", "Analyst"), default="Prompts", required=True, key="prompt_view",
    label_visibility="collapsed",
)  # fmt: skip
if view == "Compare":
    compare_panel(key)
    st.stop()
if view == "Analyst":
    analyst_settings()
    analyst_record(key)
    st.stop()

lines = data.cached(key, prompt_lines)
chosen = prompt_list.chosen_of(navigation.query_id("prompt"), lines)
list_place, detail_place = st.columns([1, 2.6], gap="medium")

with list_place:
    prompt_list.prompt_list(lines, chosen)

with detail_place:
    line = next((one for one in lines if one.prompt.id == chosen), None)
    versions = data.cached(key, versions_of, chosen) if line is not None and chosen else []
    if chosen == prompt_drafts.NEW:
        new_prompt(key)
    elif line is not None and versions:
        part = st.segmented_control(
            "Part", ("Wording", "Versions"), default="Wording", required=True, key="prompt_part",
            label_visibility="collapsed",
        )  # fmt: skip
        if part == "Versions":
            versions_panel(key, line, versions)
        else:
            editor(key, line, versions[0])
    elif chosen:
        empty(f"There is no prompt {chosen}.", "The address names one that does not exist. Choose one of the list.")
