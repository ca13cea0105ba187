"""IBKR login: the connection to Interactive Brokers, its contracts, and what does not agree with it."""

from __future__ import annotations

import streamlit as st

from dashboard import data, status
from dashboard.broker import contracts as broker_contracts
from dashboard.broker import form as broker_form
from dashboard.broker import gaps as broker_gaps
from dashboard.broker import panel as broker_panel
from db.views.broker import broker_view

view = data.cached(status.page_stamp(), broker_view)

broker_panel.head(view)
if view.saved:
    broker_panel.state_strip(view)
    left, right = st.columns([1, 1], gap="medium")
    with left:
        broker_gaps.difference_panel(view)
        broker_gaps.history_panel(view)
    with right:
        broker_panel.test_panel(view)
        broker_contracts.contract_panel(view)
else:
    broker_panel.first_steps()
broker_panel.passwords_line()
broker_form.login_dialogs(view)
broker_gaps.difference_dialogs(view)
