"""Accounts: what each holds and risks, its challenge with floors and room, its limits and its cash."""

from __future__ import annotations

import streamlit as st

from dashboard import data, dialogs, navigation, status
from dashboard.accounts import cash as account_cash
from dashboard.accounts import form as account_form
from dashboard.accounts import panel as account_panel
from dashboard.accounts.list import account_list
from dashboard.challenge import actions as challenge_actions
from dashboard.challenge import clear as challenge_clear
from dashboard.components import empties
from dashboard.components.panels import section
from dashboard.trades import manual as manual_trade
from db.views import accounts

key = status.page_stamp()
lines = data.recent(key, accounts.account_lines)
archived = data.recent(key, accounts.account_lines, archived=True)
line = account_panel.shown(navigation.query_id("account"), lines, archived)

with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    section(f"Accounts ({len(lines)})")
    st.button("New account", key="account_new", on_click=dialogs.show, args=("account_form", account_form.NEW))
if lines:
    account_list(lines, line.account.id if line else None)
else:
    empties.no_account()
account_panel.archive_line(archived)
account = line.account if line else None
movements = data.cached(key, accounts.cash, account.id or 0) if account else []
if line is not None:
    account_panel.account_panel(key, line, movements)
account_form.form_dialogs(account)
account_cash.cash_dialogs(account, movements)
manual_trade.manual_dialog(account)
challenge_actions.action_dialogs(line.challenge if line else None)
challenge_clear.clear_dialog(line.challenge if line else None)
