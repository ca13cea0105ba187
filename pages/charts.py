"""Charts: any symbol in any type, up to four timeframes at once, as of now or as of any moment in the past."""

from __future__ import annotations

import streamlit as st

from dashboard import status
from dashboard.charts import bar as chart_bar
from dashboard.charts import moment as chart_moment
from dashboard.charts import page as chart_page
from dashboard.charts import state as chart_state
from dashboard.charts.indicator_form import indicator_form
from dashboard.components import empties

key = status.page_stamp()
shown = chart_state.opened(key)
if not shown.symbols:
    empties.no_chart_symbols()
    st.stop()

subject = chart_page.subject_of(key, shown)
with st.container(horizontal=True, gap="small", key="chart_bar"):
    chart_bar.chart_bar(shown)
    if shown.moment is not None:
        chart_bar.brick_fields(chart_page.proposed(subject, shown))
chart_page.complaints(shown)
if shown.symbol is None or shown.moment is None:
    chart_page.nothing_to_chart(shown)
    st.stop()

with st.container(horizontal=True, gap="small", vertical_alignment="center", key="chart_moment"):
    chart_moment.moment_control(shown)
    indicator_form()
    chart_bar.shown_toggles()
chart_page.title(subject, shown)
chart_page.panels(subject, shown)
chart_page.missing(shown)
if subject is not None:
    chart_page.links(subject)
    chart_page.export(subject, shown.stored)
