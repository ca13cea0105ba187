"""Journal: open and closed trades, what they made in money and in R, and the way to close one."""

from __future__ import annotations

import streamlit as st

from dashboard import data, navigation, status
from dashboard.components import empties, journal_figures, panels, trade_tables
from dashboard.components.account_choice import chosen_account
from dashboard.components.closing import close_dialog
from dashboard.components.equity import equity
from dashboard.components.filters import trade_filter
from dashboard.components.trade_charts import trade_charts
from db.store import accounts
from db.views import desk, journal

key = status.page_stamp()
account = chosen_account()
if account is None or account.id is None:
    empties.no_account()
    st.stop()

everything = journal.TradeFilter(account.id)
whole = data.cached(key, journal.trades, everything)
prices = data.read(desk.last_prices, journal_figures.open_symbols(whole))
balance = data.cached(key, accounts.balance, account.id)
panels.strip(journal_figures.figures(account, balance, whole, prices))

wanted = trade_filter(key, account.id)
trades = whole if wanted == everything else data.cached(key, journal.trades, wanted)
opened, closed = journal_figures.split(trades)
if wanted != everything:
    panels.note(journal_figures.matching_line(trades, account.currency))
panels.section(f"Open trades ({len(opened)})")
if opened.empty:
    empties.no_open_trades()
else:
    trade_tables.open_trades(opened, prices, navigation.query_id("trade"))

equity(account, journal_figures.split(whole)[1], key="journal_equity", height=220)

panels.section(f"Closed trades ({len(closed)})")
if closed.empty:
    empties.no_closed_trades()
else:
    trade_tables.closed_trades(closed)
if not trades.empty:
    st.download_button("Download CSV", trade_tables.csv(trades), "chartroom-journal.csv", "text/csv", key="csv")
trade_charts(trades, navigation.query_id("trade"))
close_dialog(opened, prices)
