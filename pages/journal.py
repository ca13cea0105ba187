"""Journal: every trade, what it made, what the trader says about it, and what all of it says about the trader."""

from __future__ import annotations

import streamlit as st

from dashboard import data, navigation, status
from dashboard.accounts.choice import chosen_account
from dashboard.components import empties, panels
from dashboard.journal import data as journal_data
from dashboard.journal.bar import journal_bar, keep_view
from dashboard.journal.bulk import bulk_dialog
from dashboard.journal.calendar import calendar_view
from dashboard.journal.clear import clear_dialog, undo_line
from dashboard.journal.export import export_menu
from dashboard.journal.figures import figures, symbols_of
from dashboard.journal.filters import keep_choices, trade_filter
from dashboard.journal.imports import import_view
from dashboard.journal.list import trade_list
from dashboard.journal.passed import passed_view
from dashboard.journal.playbooks import playbook_dialog
from dashboard.journal.statistics import statistics_view
from dashboard.trades.closing import close_dialog
from dashboard.trades.dialogs import manual_dialog
from dashboard.trades.panel import trade_panel
from db.store import accounts
from db.views import desk, journal

key = status.page_stamp()
asked = navigation.query_id("trade")
if asked is not None:
    keep_choices(drawn=False)
    keep_view(drawn=False)
    trade_panel(key, asked)
    st.stop()

account = chosen_account()
if account is None or account.id is None:
    empties.no_account()
    st.stop()

keep_view(drawn=True)
view, exports = journal_bar(account)
undo_line(key)
if view == "Import":
    keep_choices(drawn=False)
    import_view(key, account)
else:
    keep_choices(drawn=True)
    wanted = trade_filter(key, account)
    with exports:
        export_menu(account, wanted)
    results = journal_data.everything(key, wanted) if view == "Statistics" else journal_data.results(key, wanted)
    opened = data.cached(key, journal.trades, journal_data.open_only(wanted))
    prices = data.read(desk.last_prices, symbols_of(opened))
    panels.strip(figures(account, data.cached(key, accounts.balance, account.id), results, opened, prices))
    if view == "Trades":
        trade_list(key, account, wanted, results, opened, prices)
    elif view == "Statistics":
        statistics_view(key, account, wanted, results)
    elif view == "Calendar":
        calendar_view(key, account, wanted)
    else:
        passed_view(key, wanted)
    close_dialog(opened, prices)
manual_dialog(key, account)
bulk_dialog(key)
playbook_dialog(key)
clear_dialog(key, account)
