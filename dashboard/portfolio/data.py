"""What the Portfolio page reads. The replay of the fills is kept until a record changes, not until anything does."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import streamlit as st
from sqlmodel import Session, select

from core.ledger import Method
from dashboard import data
from db.actions.portfolio import ensure_default
from db.models import Account, Portfolio
from db.store.portfolio import portfolios as store
from db.store.portfolio.flows import Flows, flows_of
from db.store.portfolio.ledger import Ledger, read_ledger
from db.views.desk import last_prices
from db.views.portfolio import curve as portfolio_curve
from db.views.portfolio import positions as views
from db.views.portfolio.curve import Curve
from db.views.portfolio.performance import Performance, performance
from db.views.portfolio.positions import Summary


def portfolios(key: data.Stamp) -> list[Portfolio]:
    """Those in use, the default first. On a data base of before there were any, the first one is made now."""
    found = data.cached(key, store.portfolios)
    if found or not data.read(_has_accounts):
        return found
    ensure_default(data.engine(), data.now())
    return data.read(store.portfolios)


def ledger_of(key: data.Stamp, portfolio: Portfolio) -> tuple[Ledger, Flows, tuple[Any, ...]]:
    """The books of a portfolio, their changes in time, and what stands for both in the key of another cache."""
    accounts = data.cached(key, store.accounts_of, portfolio.id or 0)
    records = data.cached(key, store.fingerprint, [one.id or 0 for one in accounts])
    mark = (key[0], portfolio.method, *records)
    ledger, flows = _ledger(mark, accounts, Method(portfolio.method))
    return ledger, flows, mark


def summary_of(portfolio: Portfolio, ledger: Ledger) -> Summary:
    """At the newest prices, always fresh."""
    return data.read(views.summary, portfolio, ledger, data.now_ms())


def curve_of(
    key: data.Stamp, mark: tuple[Any, ...], portfolio: Portfolio, ledger: Ledger, flows: Flows
) -> Curve | None:
    """Day by day, kept for a minute."""
    minute = data.now().replace(second=0, microsecond=0)
    return _curve(key, mark, minute, portfolio.id or 0, portfolio, ledger, flows)


def performance_of(portfolio: Portfolio, summary: Summary, past: Curve | None) -> Performance:
    chosen = portfolio.benchmark_id
    price = data.read(last_prices, (chosen,)).get(chosen) if chosen is not None else None
    return performance(summary, past, price, data.now_ms())


# Shared by all who look, and changed by nobody: copies of a hundred thousand fills would take longer than the page.
@st.cache_resource(max_entries=8, show_spinner=False)
def _ledger(mark: tuple[Any, ...], _accounts: list[Account], _method: Method) -> tuple[Ledger, Flows]:
    ledger = data.read(read_ledger, _accounts, _method)
    return ledger, flows_of(ledger)


@st.cache_data(max_entries=16, show_spinner=False)
def _curve(
    key: data.Stamp,
    mark: tuple[Any, ...],
    minute: datetime,
    portfolio_id: int,
    _portfolio: Portfolio,
    _ledger: Ledger,
    _flows: Flows,
) -> Curve | None:
    return data.read(portfolio_curve.curve, _portfolio, _ledger.symbols, _flows, data.now_ms())


def _has_accounts(session: Session) -> bool:
    return session.exec(select(Account.id).limit(1)).first() is not None
