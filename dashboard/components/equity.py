"""The equity curve: the balance after each closed trade, from the same function on every page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from streamlit_lightweight_charts import renderLightweightCharts

from core.charts import theme
from core.stats.closed import ClosedTrades
from core.stats.journal import equity_curve
from dashboard.charts.candles import options
from dashboard.components import empties
from dashboard.components.panels import section
from db.models import Account

MOST = 2_000
"""Points of a curve that the eye can tell apart, with a good margin."""


def equity(
    account: Account,
    trades: ClosedTrades,
    cash: Sequence[tuple[datetime, Decimal]],
    key: str,
    height: int = 260,
) -> None:
    """Draw the balance of an account: its closed trades, deposits and withdrawals."""
    section(f"Equity ({account.currency}), after each closed trade")
    if not len(trades):
        empties.no_equity()
        return
    curve = balance_curve(trades, account.initial_balance, account.created_at, cash)
    renderLightweightCharts(equity_payload(curve, height), key=key)


def sum_of(trades: ClosedTrades, unit: str, key: str, height: int = 260, share_of: float | None = None) -> None:
    """Draw what trades add up to, from 0 on; `share_of` turns amounts into percent of it."""
    section(f"Results added up ({unit})")
    if not len(trades):
        empties.no_equity()
        return
    curve = balance_curve(trades, Decimal(0))
    if share_of:
        curve["balance"] *= 100 / share_of
    renderLightweightCharts(equity_payload(curve, height), key=key)


def balance_curve(
    trades: ClosedTrades,
    initial: Decimal,
    created: datetime | None = None,
    cash: Sequence[tuple[datetime, Decimal]] = (),
) -> pd.DataFrame:
    """`core.stats.journal.equity_curve` of these trades, from the first entry or from `created` on."""
    times = pd.to_datetime(trades.closed, unit="ms", utc=True)
    known = trades.opened[trades.opened > 0]
    began = pd.Timestamp(int(known.min()) if len(known) else int(trades.closed[0]), unit="ms", tz="UTC")
    since = began if created is None else min(pd.Timestamp(created), began)
    if cash:
        closed = pd.DataFrame({"closed_at": times, "pnl": pd.Series(trades.exact, dtype=object)})
        return equity_curve(initial, closed, since, cash)
    # The trades stand in the order of time already: without cash between them their sums are the curve.
    balance = np.array(trades.balances(initial), dtype=np.float64)
    return pd.DataFrame({"time": pd.DatetimeIndex([since]).append(times), "balance": balance})


def equity_payload(curve: pd.DataFrame, height: int) -> list[dict[str, Any]]:
    """The curve (`time` aware, `balance`) as a chart. Of trades closed within one second the last balance counts."""
    seconds = ((curve["time"] - pd.Timestamp(0, tz="UTC")) // pd.Timedelta("1s")).to_numpy(dtype=np.int64)
    balance = curve["balance"].to_numpy(dtype=np.float64)
    kept = _last_of_each(seconds)
    if len(kept) > MOST:
        # The last balance of as many equal pieces of time: the curve keeps its ends and its steps.
        width = max(1, (int(seconds[-1]) - int(seconds[0])) // MOST)
        kept = np.unique(np.concatenate([[0], _last_of_each((seconds - seconds[0]) // width)]))
    data = [
        {"time": time, "value": value}
        for time, value in zip(seconds[kept].tolist(), balance[kept].tolist(), strict=True)
    ]
    look = {
        "lineColor": theme.ACCENT,
        "topColor": theme.fade(theme.ACCENT, 0.28),
        "bottomColor": theme.fade(theme.ACCENT, 0.02),
        "lineWidth": 2,
        "priceLineVisible": False,
        "priceFormat": {"type": "price", "precision": 2, "minMove": 0.01},
    }
    frame = options(height, "")
    frame["rightPriceScale"] = {**frame.get("rightPriceScale", {}), "entireTextOnly": True}
    return [{"chart": frame, "series": [{"type": "Area", "data": data, "options": look}]}]


def _last_of_each(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Place of the last of each run of equal values, in ascending order."""
    return np.append(np.flatnonzero(np.diff(values)), len(values) - 1)
