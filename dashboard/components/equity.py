"""The equity curve: the balance after each closed trade, from the same function on every page."""

from __future__ import annotations

from typing import Any

import pandas as pd
from streamlit_lightweight_charts import renderLightweightCharts

from core.charts import theme
from core.stats.journal import equity_curve
from dashboard.components import empties
from dashboard.components.candles import options
from dashboard.components.panels import section
from db.models import Account


def equity(account: Account, closed: pd.DataFrame, key: str, height: int = 260) -> None:
    """Draw it for an account and its closed trades."""
    section(f"Equity ({account.currency}), after each closed trade")
    if closed.empty:
        empties.no_equity()
        return
    curve = equity_curve(account.initial_balance, closed, min(account.created_at, closed["opened_at"].min()))
    renderLightweightCharts(equity_payload(curve, height), key=key)


def equity_payload(curve: pd.DataFrame, height: int) -> list[dict[str, Any]]:
    """The curve (`time` aware, `balance`) as a chart. Of trades closed within one second the last balance counts."""
    seconds = (curve["time"] - pd.Timestamp(0, tz="UTC")) // pd.Timedelta("1s")
    latest = dict(zip(seconds.astype(int).tolist(), curve["balance"].astype(float).tolist(), strict=True))
    data = [{"time": time, "value": value} for time, value in sorted(latest.items())]
    look = {
        "lineColor": theme.ACCENT,
        "topColor": theme.fade(theme.ACCENT, 0.28),
        "bottomColor": theme.fade(theme.ACCENT, 0.02),
        "lineWidth": 2,
        "priceLineVisible": False,
        "priceFormat": {"type": "price", "precision": 2, "minMove": 0.01},
    }
    return [{"chart": options(height, ""), "series": [{"type": "Area", "data": data, "options": look}]}]
