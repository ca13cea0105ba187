"""The journal's trades for figures: read once for a revision and a filter, and shared by everybody who looks.

Nothing here is copied for its reader, as `data.cached` does: with a hundred thousand trades the copy would cost more
than the reading. Readers leave what they get as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from core.stats.closed import ClosedTrades, closed_trades
from core.stats.groups import Key, Period, by, calendar
from core.stats.journal import JournalStats, journal_stats
from core.stats.returns import ReturnStats, daily_returns, return_stats
from core.stats.trades import TradeStats, trade_stats
from dashboard import data
from db.views import accounts, figures
from db.views.journal import TradeFilter

if TYPE_CHECKING:
    from datetime import datetime

    from db.models import Account

R = "R"
MONEY, PERCENT = "Money", "Percent"
UNITS = (MONEY, PERCENT, R)


@dataclass(frozen=True)
class Results:
    """Trades that match a filter: `frame` has the columns of `db.views.figures`, `trades` the closed ones in time."""

    frame: pd.DataFrame
    trades: ClosedTrades

    @cached_property
    def stats(self) -> JournalStats:
        """The figures that Home and Journal show."""
        return journal_stats(self.trades.exact, self.trades.r)

    @property
    def opened(self) -> int:
        """How many are open."""
        return len(self.frame) - len(self.trades)

    @cached_property
    def realised_open(self) -> Decimal:
        """What the open trades have realised so far, costs included: it is in the balance, but in no figure of closed
        trades.
        """
        parts = self.frame["pnl"][self.frame["closed_at"].isna().to_numpy()]
        return sum((part for part in parts if part is not None), Decimal(0))

    @cached_property
    def in_r(self) -> ClosedTrades:
        """The closed trades that have an R, their results counted in R."""
        known = ~np.isnan(self.trades.r)
        r = self.trades.r[known]
        return ClosedTrades(
            exact=list(map(Decimal, r.tolist())),
            pnl=r,
            r=r,
            opened=self.trades.opened[known],
            closed=self.trades.closed[known],
            row=self.trades.row[known],
        )

    def counted_in(self, unit: str) -> ClosedTrades:
        """The closed trades with results in money, or in R."""
        return self.in_r if unit == R else self.trades


def results(key: data.Stamp, wanted: TradeFilter) -> Results:
    """Results alone: what the strip, the list, the curve and the calendar need."""
    return _results(key, wanted)


def everything(key: data.Stamp, wanted: TradeFilter, *, tags: bool = False) -> Results:
    """All that statistics need; with `tags` also these."""
    return _everything(key, wanted, tags)


def statistics(key: data.Stamp, account: Account, wanted: TradeFilter, unit: str) -> TradeStats:
    """All figures of the closed trades that match, in money or in R."""
    assert account.id is not None
    return _statistics(key, wanted, unit == R, account.id, account.initial_balance)


def returns(key: data.Stamp, account: Account, wanted: TradeFilter) -> ReturnStats:
    """Figures of the account's daily returns by the trades that match."""
    assert account.id is not None
    return _returns(key, wanted, account.id, account.initial_balance, account.time_zone)


def grouped(key: data.Stamp, account: Account, wanted: TradeFilter, group: Key, unit: str) -> pd.DataFrame:
    """The figures of each group, in money or in R."""
    return _grouped(key, wanted, group.value, account.time_zone, unit == R)


def periods(key: data.Stamp, account: Account, wanted: TradeFilter, period: Period, unit: str) -> pd.DataFrame:
    """The figures of each day, month or year in the account's time zone."""
    return _periods(key, wanted, period.value, account.time_zone, unit == R)


def cash(key: data.Stamp, account_id: int) -> list[tuple[datetime, Decimal]]:
    """Deposits and withdrawals with their times."""
    return [(one.at, one.amount) for one in data.cached(key, accounts.cash, account_id)]


@st.cache_resource(max_entries=8, show_spinner=False)
def _results(key: data.Stamp, wanted: TradeFilter) -> Results:
    frame = data.read(figures.figures, wanted, results=True)
    return Results(frame, closed_trades(frame))


@st.cache_resource(max_entries=4, show_spinner=False)
def _everything(key: data.Stamp, wanted: TradeFilter, tags: bool) -> Results:
    frame = data.read(figures.figures, wanted, tags=tags)
    return Results(frame, closed_trades(frame))


@st.cache_data(max_entries=32, show_spinner=False)
def _statistics(key: data.Stamp, wanted: TradeFilter, in_r: bool, account_id: int, initial: Decimal) -> TradeStats:
    found = _everything(key, wanted, tags=False)
    if in_r:
        return trade_stats(found.frame, trades=found.in_r)
    return trade_stats(found.frame, initial, found.trades, cash(key, account_id))


@st.cache_data(max_entries=32, show_spinner=False)
def _returns(key: data.Stamp, wanted: TradeFilter, account_id: int, initial: Decimal, zone: str) -> ReturnStats:
    found = _everything(key, wanted, tags=False)
    daily = daily_returns(found.frame, initial, zone, cash(key, account_id), found.trades)
    return return_stats(daily.values, daily.periods)


@st.cache_data(max_entries=64, show_spinner=False)
def _grouped(key: data.Stamp, wanted: TradeFilter, group: str, zone: str, in_r: bool) -> pd.DataFrame:
    found = _everything(key, wanted, tags=group == Key.TAG)
    return by(found.frame, group, zone, found.counted_in(R if in_r else MONEY))


@st.cache_data(max_entries=64, show_spinner=False)
def _periods(key: data.Stamp, wanted: TradeFilter, period: str, zone: str, in_r: bool) -> pd.DataFrame:
    found = _results(key, wanted)
    return calendar(found.frame, period, zone, found.counted_in(R if in_r else MONEY))


def open_only(wanted: TradeFilter) -> TradeFilter:
    """The open trades among those that match."""
    return replace(wanted, status="open")
