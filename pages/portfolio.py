"""Portfolio: what is held over all its accounts, what it is worth, how it went and what it risks."""

from __future__ import annotations

import streamlit as st

from dashboard import data, navigation, status
from dashboard.components import empties
from dashboard.portfolio import bar as portfolio_bar
from dashboard.portfolio import data as portfolio_data
from dashboard.portfolio import facts as portfolio_facts
from dashboard.portfolio import form as portfolio_form
from dashboard.portfolio.cards import cards
from dashboard.portfolio.history import export_menu, history
from dashboard.portfolio.overview import overview
from dashboard.portfolio.risk import risk_panel
from db.models import Symbol
from db.store.portfolio import portfolios as store
from db.views.portfolio.positions import held_shares
from db.views.signals import symbol_names

key = status.page_stamp()
archived = data.cached(key, store.portfolios, archived=True)
known = portfolio_data.portfolios(key)
portfolio = portfolio_bar.chosen(known, archived)
if portfolio is None or portfolio.id is None:
    empties.no_account()
    st.stop()

view, exports = portfolio_bar.portfolio_bar(known, portfolio)
ledger, flows, mark = portfolio_data.ledger_of(key, portfolio)
summary = portfolio_data.summary_of(portfolio, ledger)
past = portfolio_data.curve_of(key, mark, portfolio, ledger, flows)
result = portfolio_data.performance_of(portfolio, summary, past)
benchmark_id = portfolio.benchmark_id
benchmark = data.read(lambda session: session.get(Symbol, benchmark_id)) if benchmark_id else None
held = held_shares(summary)

with exports:
    export_menu(portfolio.id, ledger, summary, result.curve)
portfolio_bar.figures(summary, result, benchmark)
portfolio_bar.notices(summary, result, held)
if view == portfolio_bar.OVERVIEW:
    overview(summary, result, benchmark)
elif view == portfolio_bar.POSITIONS:
    cards(summary)
elif view == portfolio_bar.RISK:
    risk_panel(summary, past, benchmark, held)
elif view == portfolio_bar.HISTORY:
    history(ledger)
else:
    portfolio_facts.facts(key, portfolio.currency)
navigation.link("lineage", "What was set for this portfolio, and when", portfolio=portfolio.id)
portfolio_bar.archive_line(archived)
portfolio_form.form_dialogs(portfolio)
portfolio_facts.fact_dialogs(portfolio.currency, data.cached(key, symbol_names))
