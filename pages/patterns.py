"""Patterns: every kind of event on any symbol and timeframe, a person's judgement of it, and what it was worth."""

from __future__ import annotations

import streamlit as st

from core.charts.export import ExportRequest
from dashboard import data, navigation, status
from dashboard.charts.exports import export_panel
from dashboard.components import empties
from dashboard.patterns import chart as pattern_chart
from dashboard.patterns import history as pattern_history
from dashboard.patterns import record as pattern_record
from dashboard.patterns import table as pattern_table
from dashboard.patterns import view as pattern_view
from dashboard.patterns.events import events_in, with_verdicts
from dashboard.patterns.filters import event_filters, family_toggles
from dashboard.patterns.review import review
from dashboard.patterns.subject import chosen_subject
from db.views import patterns

SHOWN = 300

key = status.page_stamp()
with st.container(horizontal=True, gap="small", key="pattern_bar"):
    subject = chosen_subject(key)
    view = pattern_view.switch() if subject else pattern_view.EVENTS
    if subject:
        navigation.link("charts", "On the charts", symbol=subject.symbol_id, timeframe=subject.timeframe.name)
found = pattern_history.analysis(key, subject) if subject else None
if subject is None or found is None:
    st.stop()

pattern_view.title(subject, found.history.bars)
families = family_toggles()
bars = found.history.bars[-SHOWN:]
said = data.cached(key, patterns.verdicts, subject.symbol_id, int(subject.timeframe))
every = with_verdicts(events_in(found.history.log, bars), said, subject.symbol_id, int(subject.timeframe))
ours = every[every["family"].isin(families)]

if not families:
    empties.no_families()
elif view == pattern_view.RECORD:
    pattern_record.record(found.records, said, families, len(found.history.bars))
elif view == pattern_view.REVIEW:
    wanted = event_filters(ours)
    if wanted.empty:
        empties.no_matching_events()
    else:
        review(subject, found.history.bars, wanted)
else:
    chart_place, list_place = st.columns([1.45, 1], gap="medium")
    with list_place:
        wanted = event_filters(ours)
        if wanted.empty:
            empties.no_matching_events()
        else:
            pattern_table.event_table(wanted, subject, pattern_chart.HEIGHT - 40)
    with chart_place:
        pattern_chart.overview(subject, bars, wanted, pattern_table.marked(wanted))
    request = ExportRequest(
        subject.symbol_id, subject.timeframe, until=bars.as_of, bars=len(bars), patterns=tuple(families)
    )
    export_panel("patterns", subject.symbol_id, request)
