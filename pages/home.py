"""Home: the account, what the journal says of it, and the newest signals."""

from __future__ import annotations

import streamlit as st

from dashboard import data, status
from dashboard.components import empties, panels
from dashboard.components.account_choice import chosen_account
from dashboard.components.equity import equity
from dashboard.components.journal_figures import figures, open_symbols, split
from dashboard.components.open_summary import open_summary
from dashboard.components.signal_feed import signal_feed
from db.store import accounts
from db.views import desk, journal, signals

NEWEST = 10

key = status.page_stamp()
account = chosen_account()
if account is None or account.id is None:
    empties.no_account()
    st.stop()

trades = data.cached(key, journal.trades, journal.TradeFilter(account.id))
opened, closed = split(trades)
prices = data.read(desk.last_prices, open_symbols(trades))
panels.strip(figures(account, data.cached(key, accounts.balance, account.id), trades, prices))

left, right = st.columns([2, 1.15], gap="medium")
with left:
    equity(account, closed, key="home_equity", height=320)
    panels.section(f"Open trades ({len(opened)})")
    open_summary(opened, prices)
with right:
    panels.section("Newest signals")
    signal_feed(data.cached(key, signals.waiting_first, NEWEST))
