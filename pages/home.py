"""Home: the account, what the journal says of it, and the newest signals."""

from __future__ import annotations

import streamlit as st

from dashboard import data, status
from dashboard.accounts.choice import chosen_account
from dashboard.challenge import gauges as challenge_gauges
from dashboard.components import empties, panels
from dashboard.components.equity import equity
from dashboard.journal import data as journal_data
from dashboard.journal.figures import figures, symbols_of
from dashboard.signals.feed import signal_feed
from dashboard.trades.open_summary import open_summary
from db.store import accounts
from db.views import desk, journal, signals
from db.views.accounts import newest_challenge

NEWEST = 10

key = status.page_stamp()
account = chosen_account()
if account is None or account.id is None:
    empties.no_account()
    st.stop()

results = journal_data.results(key, journal.TradeFilter(account.id))
opened = data.cached(key, journal.trades, journal.TradeFilter(account.id, status="open"))
prices = data.read(desk.last_prices, symbols_of(opened))
panels.strip(figures(account, data.cached(key, accounts.balance, account.id), results, opened, prices))

challenge_gauges.strip(data.recent(key, newest_challenge, account.id))

left, right = st.columns([2, 1.15], gap="medium")
with left:
    equity(account, results.trades, journal_data.cash(key, account.id), key="home_equity", height=320)
    panels.section(f"Open trades ({len(opened)})")
    open_summary(opened, prices)
with right:
    panels.section("Newest signals")
    signal_feed(data.cached(key, signals.waiting_first, NEWEST))
